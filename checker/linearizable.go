package checker

import (
	"fmt"
	"slices"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// Linearizable is the identifier of the property that [History.Check] decides. It is no online property, because which
// order explains a history is known only at its end. Its class is [Protocol]: it is what the store guarantees its
// callers.
const Linearizable = "linearizable"

var linearizability = subject{
	name:     "Linearizability",
	sentence: "Whether the answers of the store can be explained at all.",
}

var _ = linearizability.add(Property{
	ID:       Linearizable,
	Class:    Protocol,
	Sentence: "The operations on each review have an order that respects time and explains every answer.",
	Source:   "5; 7",
	NotMistakenFor: "An operation with an ambiguous outcome that takes effect later, or never. A refusal as stale or rejected: the " +
		"specification of this property has no clock and no slots, so it judges what was answered with success.",
})

// A View is whose knowledge an order has to explain.
type View uint8

const (
	// Both views; where they are the same, they are checked once.
	Both View = iota
	// Client: what the callers could know. An operation of ambiguous outcome may take effect at any time after its
	// call, or never.
	Client
	// Oracle: what really happened. The moment of each commit and the row after it are known; what never landed is left
	// out.
	Oracle
)

var viewNames = [...]string{"both", "client", "oracle"}

// String returns the name of the view.
func (v View) String() string {
	if int(v) < len(viewNames) {
		return viewNames[v]
	}
	return fmt.Sprintf("View(%d)", uint8(v))
}

// DefaultBudget is how many steps of the model the search of one partition may take, by default. A history of 60
// operations that is linearizable takes about as many steps as it has operations.
const DefaultBudget = 200_000

// A Verdict is the result of checking a history. Verdicts are ordered from the best to the worst.
type Verdict uint8

const (
	// Pass means that every property was watched to the end and holds.
	Pass Verdict = iota
	// Unknown means that a check gave up, because its budget was used up or the history was invalid. It is not a pass.
	Unknown
	// Violated means that a property does not hold.
	Violated
)

var verdictNames = [...]string{"pass", "unknown", "violated"}

// String returns the verdict in a word.
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return fmt.Sprintf("Verdict(%d)", uint8(v))
}

// A Judgement is the result of [History.Check].
type Judgement struct {
	Verdict Verdict // Pass, Violated or Unknown
	// Review and View are the partition that failed, or that was given up.
	Review engine.ReviewID
	View   View
	// Doubted is the review of the first operation that does not fit, if one is known.
	Doubted engine.ReviewID
	Cause   Cause // the class of the failure
	// Message is the sentence with everything.
	Message string
	// Err is the reason why the history could not be judged: it is invalid.
	Err error
	// Steps is the number of steps of the model that the searches took.
	Steps int
}

// Violation returns the judgement as a violation of [Linearizable], or nil if it is none.
func (j *Judgement) Violation() *Violation {
	if j.Verdict != Violated {
		return nil
	}
	v := &Violation{
		Property: Linearizable, Key: engine.AttemptKey{Review: j.Review},
		Cause: j.Cause, Message: j.Message,
	}
	v.Involve(j.Review, j.Doubted)
	return v
}

// Check decides whether the history is linearizable: whether, for each review, the operations have an order that
// respects time and that the clock-free specification explains. Reviews are independent in it, except that a submit
// also is an operation on the older heads of its pull request; that it changed all of them at one moment is not checked
// here.
//
// If the order of the commits explains every answer, no search is needed: it is an order to be found, in both views.
// Each answered operation has its place in it at a commit between its call and its answer. Each further commit is in its
// place as an operation that clients leave open, and those that never landed come last. In the oracle's view there is no
// other order. porcupine searches where the order of the commits does not explain all, or is not known.
//
// budget is the maximum of steps of the model per search, 0 for [DefaultBudget]: steps and not seconds, so that the
// answer is always the same. A search that reaches it has decided nothing. Then, again, the order of the commits may
// prove the review right; otherwise the verdict is Unknown.
func (h *History) Check(view View, budget int) Judgement {
	if err := h.validate(view); err != nil {
		return Judgement{Verdict: Unknown, Err: err, Message: "the history is invalid: " + err.Error()}
	}
	if budget <= 0 {
		budget = DefaultBudget
	}
	h.witness()
	if h.explained() {
		return Judgement{Verdict: Pass, View: view}
	}
	return h.searchAll(view, budget)
}

// explained reports whether the order of the commits is known, and explains every answer. An operation that it leaves in
// doubt may matter to other reviews, so the reviews are not taken one by one.
func (h *History) explained() bool {
	return len(h.landings) != 0 && !slices.ContainsFunc(h.reviews, func(p historyReview) bool { return p.doubt >= 0 })
}

// searchAll has porcupine look for an order for each review.
func (h *History) searchAll(view View, budget int) Judgement {
	total := Judgement{View: view}
	for review := range h.reviews {
		p := &h.reviews[review]
		proven := p.doubt < 0 && len(h.landings) != 0
		if proven && !p.open {
			continue
		}
		for _, v := range [...]View{Oracle, Client} {
			switch {
			case view != Both && view != v:
				continue
			case view == Both && v == Oracle && len(h.landings) == 0:
				continue
			}
			verdict, steps := h.search(review, v, budget)
			total.Steps += steps
			if verdict == Unknown && proven {
				continue
			}
			if verdict != Pass && verdict > total.Verdict {
				total.Verdict, total.Review, total.View = verdict, p.id, v
				total.Cause, total.Message = h.explain(review, v, verdict, budget)
				if total.Doubted = ""; p.doubt >= 0 {
					total.Doubted = h.reviews[h.operations[p.doubt].review].id
				}
			}
		}
	}
	return total
}

// witness replays the order of commits. It leaves in each partition the first operation that this order does not
// explain.
func (h *History) witness() {
	for i := range h.reviews {
		p := &h.reviews[i]
		p.at, p.doubt, p.open = state{}, -1, false
	}
	for i := range h.operations {
		h.operations[i].explained = false
	}
	for i := range h.landings {
		h.replay(i)
	}
	for i := range h.operations {
		o := &h.operations[i]
		answers := o.outcome == outcomeAnswered || o.outcome == outcomeRefused && conclusive(o.kind, o.refusal)
		if answers && !o.explained {
			h.reviews[o.review].doubtful(i)
		}
		unanswered := o.outcome == outcomeOpen && o.kind != model.ReviewsGet
		if unanswered || o.landings > 1 || o.outcome == outcomeRefused && o.landings > 0 {
			h.open(o)
		}
	}
}

// open marks the partitions of an operation of unknown effect.
func (h *History) open(o *operation) {
	h.reviews[o.review].open = true
	for i := range h.reviews {
		if h.supersedes(o, i) {
			h.reviews[i].open = true
		}
	}
}

// replay takes one landing to the states in the order of commits.
func (h *History) replay(i int) {
	l := &h.landings[i]
	o := &h.operations[l.operation]
	p := &h.reviews[l.review]
	if l.review != o.review {
		// The row of an older head. The submit's own landing beside it changes the states; this one has the row that
		// must result.
		c := h.superseding(o, l.review)
		next, _ := p.at.apply(&c)
		if !next.shows(l.row) {
			p.doubtful(l.operation)
		}
		p.at = next
		return
	}
	inTime := o.returned == 0 || l.at < o.returned
	if l.refused {
		if o.outcome == outcomeRefused && inTime && p.at.refuses(&o.call, o.refusal) {
			o.explained = true
		}
		return
	}
	next, accepted := p.at.apply(&o.call)
	if !accepted || l.shows && !next.shows(l.row) {
		p.doubtful(l.operation)
		if l.shows {
			newest := next.newest
			next = l.row
			next.newest = newest
		}
	}
	p.at = next
	if o.outcome == outcomeAnswered && inTime && accepted && o.fits(next) {
		o.explained = true
	}
	if o.kind != model.ReviewsSubmit {
		return
	}
	for other := range h.reviews {
		if h.supersedes(o, other) {
			c := h.superseding(o, other)
			h.reviews[other].at, _ = h.reviews[other].at.apply(&c)
		}
	}
}

// fits reports whether an answer shows a state.
func (o *operation) fits(s state) bool {
	if o.kind == model.ReviewsClaim && o.granted != s.claim {
		return false
	}
	return !o.shows || s.shows(o.seen)
}

func (p *historyReview) doubtful(operation int) {
	if p.doubt < 0 {
		p.doubt = operation
	}
}

// supersedes reports whether a submit is of another head of a review's pull request that may be newer than it: newer
// than the review's own head when that was submitted with its lowest order.
func (h *History) supersedes(o *operation, review int) bool {
	if o.kind != model.ReviewsSubmit || review == o.review {
		return false
	}
	newer, older := &h.reviews[o.review], &h.reviews[review]
	c := h.superseding(o, review)
	return older.submitted && rank{true, c.order, c.wins}.above(older.lowest) && older.submission.SamePullRequest(&newer.submission)
}

// superseding returns what a submit of another head is in the partition of a review.
func (h *History) superseding(o *operation, review int) call {
	return call{kind: opSupersede, order: o.order, wins: h.reviews[o.review].id > h.reviews[review].id}
}

// The classes of failures of the property.
const (
	causeAnswersUnexplained Cause = "no-order-explains-the-answers"
	causeEventsUnexplained  Cause = "no-order-explains-what-happened"
	causeGaveUp             Cause = "gave-up"
)

// explain describes what is wrong with a partition: the first operation in the order of commits that does not fit.
func (h *History) explain(review int, view View, verdict Verdict, budget int) (cause Cause, message string) {
	p := &h.reviews[review]
	if verdict == Unknown {
		return causeGaveUp, fmt.Sprintf("Review %s could not be judged: no order of its operations was found or excluded in %d steps (%s view).", name(string(p.id)), budget, view)
	}
	cause = causeAnswersUnexplained
	message = fmt.Sprintf("Review %s was answered in a way that no order of the operations on it explains", name(string(p.id)))
	if view == Oracle {
		cause = causeEventsUnexplained
		message = fmt.Sprintf("Review %s went a way that no order of the operations on it explains", name(string(p.id)))
	}
	if p.doubt >= 0 && len(h.landings) != 0 {
		o := &h.operations[p.doubt]
		cause = cause.Of(o.kind.String())
		wanted := (&facts{}).inWord(request{StoreCall(o.kind), engine.AttemptKey{Review: h.reviews[o.review].id, Attempt: int(o.attempt)}}, o.review == review)
		message += fmt.Sprintf(": %s's request to %s fits nowhere, %s", o.actor, wanted, o.describeAnswer())
	}
	return cause, message + "."
}

// describeAnswer is what an operation was answered.
func (o *operation) describeAnswer() string {
	switch {
	case o.outcome == outcomeRefused:
		return "which was refused (" + o.refusal.String() + ")"
	case o.outcome == outcomeOpen:
		return "which got no answer"
	case o.shows:
		return "which was answered: " + o.seen.String()
	case o.granted != 0:
		return fmt.Sprintf("which was granted claim %d", o.granted)
	}
	return "which was answered as done"
}
