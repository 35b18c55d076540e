package kernel

import (
	"math"
	"strings"
)

// An Override replaces the value of one decision, or of a class of decisions, and leaves all others unchanged. Value 0
// is always the calm choice: no fault, the shortest latency, the first alternative.
//
// The Key identifies the decision or the class. The actor [AnyActor] stands for all actors. An operation that begins
// with an asterisk, such as "*/process.crash", stands for all operations that end with the rest. The occurrence [Every]
// stands for all occurrences. An override of a single decision has precedence over those of classes. If several classes
// apply to a decision, the last one decides.
type Override struct {
	Key
	Value uint64 `json:"value"`
}

// AnyActor, as the actor of an [Override], stands for all actors.
const AnyActor = "*"

// Every, as the occurrence of an [Override], stands for all occurrences. No actor decides so often at one point.
const Every uint32 = math.MaxUint32

// Class reports whether the key stands for a class of decisions, as in an [Override], and not for a single one.
func (key Key) Class() bool {
	return key.Occurrence == Every || key.Actor == AnyActor || strings.HasPrefix(key.Operation, "*")
}

// Covers reports whether the key identifies the decision or stands for a class that it belongs to.
func (key Key) Covers(decision Key) bool {
	return (key.Actor == AnyActor || key.Actor == decision.Actor) &&
		(key.Occurrence == Every || key.Occurrence == decision.Occurrence) &&
		key.coversOperation(decision.Operation)
}

func (key Key) coversOperation(operation string) bool {
	ending, class := strings.CutPrefix(key.Operation, "*")
	return class && strings.HasSuffix(operation, ending) || key.Operation == operation
}

// overrides are the overrides of one run.
type overrides struct {
	single  map[Key]uint64
	classes []Override
	met     []bool // by class: whether a decision belonged to it
	applied int
	// byOperation lists, for each point that was looked up, the classes that it belongs to, the last one first.
	byOperation []operationClasses
}

type operationClasses struct {
	known bool
	list  []int
}

// reset stores the overrides of a new run.
func (o *overrides) reset(given []Override) {
	o.clear()
	for _, override := range given {
		if !override.Class() {
			o.single[override.Key] = override.Value
			continue
		}
		o.classes = append(o.classes, override)
		o.met = append(o.met, false)
	}
	if missing := len(points) - len(o.byOperation); missing > 0 && len(o.classes) > 0 {
		o.byOperation = append(o.byOperation, make([]operationClasses, missing)...)
	}
}

// clear removes all overrides and keeps the memory for the next run.
func (o *overrides) clear() {
	clear(o.single)
	if len(o.classes) > 0 {
		for i := range o.byOperation {
			o.byOperation[i].known = false
			o.byOperation[i].list = o.byOperation[i].list[:0]
		}
	}
	o.classes, o.met, o.applied = o.classes[:0], o.met[:0], 0
}

// find returns the value that replaces a decision, if there is one.
func (o *overrides) find(key Key, point Point) (value uint64, ok bool) {
	if value, ok = o.single[key]; ok {
		o.applied++
		return value, true
	}
	if len(o.classes) == 0 {
		return 0, false
	}
	classes := &o.byOperation[point]
	if !classes.known {
		classes.known = true
		for i := len(o.classes) - 1; i >= 0; i-- {
			if o.classes[i].coversOperation(key.Operation) {
				classes.list = append(classes.list, i)
			}
		}
	}
	for _, i := range classes.list {
		if !o.classes[i].Covers(key) {
			continue
		}
		if !o.met[i] {
			o.met[i] = true
			o.applied++
		}
		return o.classes[i].Value, true
	}
	return 0, false
}
