package mutants

import "go/ast"

// An Operator is one way of breaking code: a slip that somebody could make, or a safeguard that somebody could take for
// superfluous.
type Operator struct {
	// Name identifies the operator, in whole words with hyphens.
	Name string
	// Sentence describes what the operator does to the code.
	Sentence string

	// mutate emits the mutants that the operator makes of one node.
	mutate func(*place)
}

// Operators returns all operators, in the order in which reports list them. The slice is the caller's.
//
// Mutexes are left alone: only one task of a simulated process runs at a time and it is never switched inside a
// critical section, so a lock that is missing there cannot be seen; the race detector is what finds it. So are panics,
// which assert what can't happen; releases of timers; and comparisons of times, which no two moments of a nanosecond
// clock decide differently. A pause is never made zero, since a loop that does not let time pass ends in the step limit
// of a run.
func Operators() []Operator {
	return []Operator{
		{"drop-call", "A statement that calls something is left out.", dropCall},
		{"drop-assignment", "An assignment to a variable, field or element is left out.", dropAssignment},
		{"drop-defer", "What was to be done at the end of a function is left out.", dropDefer},
		{"swap-effects", "Two adjacent statements with effects change places.", swapEffects},
		{"loop-once", "A loop ends after its first round.", loopOnce},
		{"skip-retry", "A loop that pauses before it tries again gives up instead.", skipRetry},
		{"ignore-error", "An error is taken for none.", ignoreError},
		{"acknowledge-failure", "A function reports success where it failed.", acknowledgeFailure},
		{"acknowledge-unwritten", "A call that may fail is left out, and taken to have succeeded.", acknowledgeUnwritten},
		{"drop-guard", "A condition that ends a function, a round or a loop is ignored.", dropGuard},
		{"drop-condition", "What was to be done under a condition is always done.", dropCondition},
		{"drop-conjunct", "One operand of && is left out.", dropConjunct},
		{"drop-disjunct", "One operand of || is left out.", dropDisjunct},
		{"negate-result", "A function that answers yes or no answers the opposite.", negateResult},
		{"drop-case", "A case of a switch, or one of its values, is left out.", dropCase},
		{"drop-field", "A field of a request or record is left out.", dropField},
		{"drop-fence", "A fencing token or lease epoch is passed as zero.", dropFence},
		{"drop-key", "An idempotency key is passed without its attempt.", dropKey},
		{"drop-timeout", "A call may take a thousand times as long.", dropTimeout},
		{"drop-pause", "A due time is set to now.", dropPause},
		{"off-by-one", "A bound, a limit or a counter is off by one.", offByOne},
	}
}

// inList reports whether the innermost parent of the node is a list of statements, where a statement can be left out or
// put in.
func (p *place) inList() bool {
	switch p.parent().(type) {
	case *ast.BlockStmt, *ast.CaseClause:
		return true
	default:
		return false
	}
}
