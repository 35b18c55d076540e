package checker

import (
	"testing"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// toldCases are the histories of the properties in property_answers_told.go.
var toldCases = []propertyCase{
	{
		property: "answered-as-decided", cause: "another-answer-than-decided",
		good: func(s *script) { s.told(CallAppCancel, engine.Stale, Truth{Decided: FailedAs(engine.Stale)}) },
		bad:  func(s *script) { s.told(CallAppCancel, engine.Permanent, Truth{Decided: FailedAs(engine.Stale)}) },
	},
	{
		property: "answered-as-decided", cause: "rejected-but-begun",
		good: func(s *script) { // a server that shuts down rejects it
			s.told(CallAppCancel, engine.Rejected, Truth{Decided: FailedAs(engine.Rejected), Touched: true})
		},
		bad: func(s *script) { // the answer was lost
			s.told(CallAppCancel, engine.Rejected, Truth{Touched: true, Caused: FailedAs(engine.Ambiguous)})
		},
	},
	{
		property: "answered-as-decided", cause: "refused-by-nobody",
		good: func(s *script) { s.told(CallAppCancel, engine.Ambiguous, Truth{Touched: true}) },
		bad:  func(s *script) { s.told(CallAppCancel, engine.Stale, Truth{Touched: true}) },
	},
	{
		property: "answered-as-decided", cause: "unknown-though-decided",
		good: func(s *script) {
			s.told(CallAppCancel, engine.Ambiguous, Truth{Decided: FailedAs(engine.Ambiguous), Inner: StoreCall(model.ReviewsCancel), InnerError: FailedAs(engine.Ambiguous)})
		},
		bad: func(s *script) { s.told(CallAppCancel, engine.Ambiguous, Truth{Decided: FailedAs(engine.Rejected)}) },
	},
	{
		property: "answered-as-decided", cause: "a-decision-was-not-passed-on",
		good: func(s *script) {
			s.told(CallAppCancel, engine.Rejected, Truth{Decided: FailedAs(engine.Rejected), Inner: StoreCall(model.ReviewsCancel), InnerError: FailedAs(engine.Rejected)})
		},
		bad: func(s *script) {
			s.told(CallAppCancel, engine.Rejected, Truth{Decided: FailedAs(engine.Rejected), Inner: StoreCall(model.ReviewsCancel), InnerError: FailedAs(engine.Ambiguous)})
		},
	},
	{
		property: "answered-as-decided", cause: "done-but-not-carried-out",
		good: func(s *script) {
			s.upTo(pending, r1)
			s.record(Record{Kind: ClientAnswered, Actor: "R1", Key: r1, Call: CallAppGet, Truth: &Truth{Begun: true, Executed: true}})
		},
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.record(Record{Kind: ClientAnswered, Actor: "R1", Key: r1, Call: CallAppGet, Truth: &Truth{Begun: true, Touched: true}})
		},
	},
	{
		property: "learned-as-decided", cause: "another-answer-than-decided",
		good: func(s *script) {
			s.learned(CallWorkerStatus, engine.NotFound, Truth{Decided: FailedAs(engine.NotFound)})
		},
		bad: func(s *script) { s.learned(CallWorkerStatus, engine.Stale, Truth{Decided: FailedAs(engine.NotFound)}) },
	},
}

// told has the client of R1 be told that its call of a known review failed. A decision means that the call was carried
// out.
func (s *script) told(call Call, kind engine.ErrorKind, t Truth) {
	t.Begun, t.Executed = true, t.Decided != NoFailure
	s.record(Record{Kind: ClientFailed, Actor: "R1", Key: r1, Call: call, Error: FailedAs(kind), Truth: &t})
}

// learned has app-1 be told so by a worker.
func (s *script) learned(call Call, kind engine.ErrorKind, t Truth) {
	t.Begun, t.Executed = true, true
	s.record(Record{Kind: CallEnded, Actor: "app-1", Key: r1, Call: call, Error: FailedAs(kind), Truth: &t})
}

// Every kind of answer to a call in every state: what may be told.
func TestWhatMayBeTold(t *testing.T) {
	none, rejected, stale, permanent, ambiguous := NoFailure, FailedAs(engine.Rejected), FailedAs(engine.Stale), FailedAs(engine.Permanent), FailedAs(engine.Ambiguous)
	for _, test := range []struct {
		name  string
		truth Truth
		may   []Failure
	}{
		{"nobody has begun, nothing happened", Truth{}, []Failure{rejected, permanent}},
		{"the request was lost", Truth{Touched: true}, []Failure{rejected, permanent, ambiguous}},
		{"a fault answers", Truth{Touched: true, Caused: stale}, []Failure{rejected, permanent, ambiguous, stale}},
		{"the server broke off", Truth{Begun: true, Touched: true, Caused: ambiguous}, []Failure{ambiguous}},
		{"done", Truth{Begun: true, Executed: true}, []Failure{none}},
		{"done, and the answer was lost", Truth{Begun: true, Executed: true, Touched: true}, []Failure{none, ambiguous}},
		{"refused", Truth{Begun: true, Executed: true, Decided: stale}, []Failure{stale}},
		{"refused, and the answer was lost", Truth{Begun: true, Executed: true, Decided: stale, Touched: true}, []Failure{stale, ambiguous}},
		{"unknown to the callee", Truth{Begun: true, Executed: true, Decided: ambiguous}, []Failure{ambiguous}},
	} {
		for _, told := range []Failure{none, rejected, stale, permanent, ambiguous} {
			may := false
			for _, f := range test.may {
				may = may || f == told
			}
			if cause := test.truth.contradicts(told); (cause == "") != may {
				t.Errorf("%s: told %s: %q, want right: %t", test.name, told.describe(), cause, may)
			}
		}
	}
}
