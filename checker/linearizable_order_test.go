package checker

import "testing"

// TestOrder looks at what pictures show of each history: an order of all operations, or the one that breaks it.
func TestOrder(t *testing.T) {
	for _, c := range linearizableCases {
		r := newRecording()
		c.write(r)
		order, err := r.history.Order("R1", Client)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if order.Linearizable != (c.client == Pass) || order.Linearizable != (order.Breaks < 0) || order.Linearizable != (order.Reason == "") {
			t.Errorf("%s: %+v, and the verdict is %s", c.name, order, c.client)
		}
		places := map[int]bool{}
		for _, o := range order.Operations {
			if o.Actor == "" || o.Text == "" || o.Called <= 0 || o.Place > 0 && places[o.Place] || order.Linearizable && o.Place == 0 {
				t.Errorf("%s: operation %+v", c.name, o)
			}
			places[o.Place] = true
		}
	}
	r := newRecording()
	linearizableCases[1].write(r)
	order, err := r.history.Order("R1", Client)
	if want := "the answer shows running, attempt 1, claim 0, head 1, and the specification comes to pending, attempt 1, claim 0, head 1"; err != nil || order.Reason != want {
		t.Errorf("the reason is %q, error %v; want %q", order.Reason, err, want)
	}
	if breaks := order.Operations[order.Breaks]; breaks.Place != 0 || breaks.Returned == 0 {
		t.Errorf("the order is broken by %+v, which has a place or no answer", breaks)
	}

	// An operation without an answer has no end, and may have a place.
	r = newRecording()
	r.run("c", r.submit("R1", 1))
	r.lose(r.call("d", r.claim("R1", 1, 0)))
	if order, err = r.history.Order("R1", Client); err != nil || !order.Linearizable || order.Operations[1].Returned != 0 {
		t.Errorf("%+v, error %v", order, err)
	}
	if _, err := r.history.Order("R9", Client); err == nil {
		t.Error("a review that is not there has an order")
	}
}
