package checker

import "testing"

// wholeRun is the history of a run in which three reviews live from submission to the end.
func wholeRun() []Record {
	s := newScript()
	s.events = 20
	s.upTo(settled, r1, r2, r3)
	var records []Record
	for _, record := range s.records {
		record(func(r *Record) { records = append(records, *r) })
	}
	return records
}

// wholeConfig is the configuration under which the whole run is right.
func wholeConfig() Config {
	config := newScript().config
	config.Worker.Batch = 100
	return config
}

// A monitor that has seen a run of a size allocates nothing in the next.
func TestObserveDoesNotAllocate(t *testing.T) {
	m, records, config := NewMonitor(), wholeRun(), wholeConfig()
	run := func() {
		m.Reset(config)
		for i := range records {
			m.Observe(&records[i])
		}
	}
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("a run of %d records allocated %g times", len(records), n)
	}
	if v := m.Violation(); v != nil {
		t.Error(v)
	}
}

func BenchmarkObserve(b *testing.B) {
	m, records, config := NewMonitor(), wholeRun(), wholeConfig()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i == 0 {
			m.Reset(config)
		}
		m.Observe(&records[i])
		i = (i + 1) % len(records)
	}
	if v := m.Violation(); v != nil {
		b.Fatal(v)
	}
}

// A delivered event is by far the most frequent record of a run.
func BenchmarkObserveDelivery(b *testing.B) {
	s := newScript()
	s.upTo(running, r1, r2)
	m := NewMonitor()
	if v := s.play(m); v != nil {
		b.Fatal(v)
	}
	records := [...]Record{
		{At: s.now, Kind: EventDelivered, Actor: "worker-1", Life: 1, Key: r1},
		{At: s.now, Kind: EventDelivered, Actor: "worker-1", Life: 1, Key: r2},
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r := &records[i%len(records)]
		r.Seq++
		m.Observe(r)
	}
}
