package explain

import (
	"slices"
	"time"

	"github.com/onceover/onceover/sim/run"
)

// A run in which something is stuck lasts for days of virtual time, while everybody looks for work and finds none. What
// repeats itself is drawn once with a count, so that the beginning of such a run fits beside its end.

// A foldedLine stands for lines that repeat each other.
type foldedLine struct {
	run.Line               // the first
	Count    int           // 1 or more
	Until    time.Duration // of the last
}

// A foldedMessage stands for messages that repeat each other.
type foldedMessage struct {
	run.Message
	Count int
	Until time.Duration // the last one is sent
}

// foldedFrom is how often something has to be repeated to be folded.
const foldedFrom = 4

// eventful reports whether the run is another one after a line: something has changed, or gone wrong. What is repeated
// on both sides of it is not folded into one.
func eventful(line *run.Line) bool { return line.Class != run.Plain || line.Misfortune() }

// routine reports whether a line is about no subject and changes nothing: a heartbeat, a sweep, a purge.
func routine(line *run.Line) bool {
	return line.Subject == "" && line.Cause == "" && !eventful(line)
}

// foldLines folds what is repeated between two eventful lines.
func foldLines(lines []run.Line) []foldedLine {
	var folded []foldedLine
	for from := 0; from < len(lines); {
		to := from + 1
		for to < len(lines) && !eventful(&lines[to]) {
			to++
		}
		folded = appendFolded(folded, lines[from:to])
		from = to
	}
	return folded
}

// A repetition is what lines have in common that repeat each other.
type repetition struct{ actor, part, subject, event, cause string }

func repetitionOf(line *run.Line) repetition {
	return repetition{line.Actor, line.Part, line.Subject, line.Event, line.Cause}
}

func appendFolded(folded []foldedLine, lines []run.Line) []foldedLine {
	counts, first := map[repetition]int{}, map[repetition]int{}
	for i := range lines {
		counts[repetitionOf(&lines[i])]++
	}
	for i := range lines {
		line := &lines[i]
		of := repetitionOf(line)
		if at, known := first[of]; known {
			folded[at].Count++
			folded[at].Until = line.At
			continue
		}
		if counts[of] >= foldedFrom && line.Event != "" && !eventful(line) {
			first[of] = len(folded)
		}
		folded = append(folded, foldedLine{Line: *line, Count: 1, Until: line.At})
	}
	return folded
}

// foldMessages folds what is sent again and again between two eventful lines.
func foldMessages(lines []run.Line, messages []run.Message) []foldedMessage {
	type repeated struct {
		window                         int
		from, to, name, subject, part  string
		answer, duplicate, lost, event bool
	}
	var windows []uint64 // steps at which one begins
	for i := range lines {
		if eventful(&lines[i]) {
			windows = append(windows, lines[i].Step)
		}
	}
	of := func(m *run.Message) repeated {
		window, _ := slices.BinarySearch(windows, m.Step+1)
		return repeated{window, m.From, m.To, m.Name, m.Subject, m.Part, m.Answer, m.Copy, m.Lost, m.Number == 0}
	}
	counts, first := map[repeated]int{}, map[repeated]int{}
	for i := range messages {
		counts[of(&messages[i])]++
	}
	var folded []foldedMessage
	for i := range messages {
		m := &messages[i]
		key := of(m)
		if at, known := first[key]; known {
			folded[at].Count++
			folded[at].Until = m.Sent
			continue
		}
		if counts[key] >= foldedFrom {
			first[key] = len(folded)
		}
		folded = append(folded, foldedMessage{Message: *m, Count: 1, Until: m.Sent})
	}
	return folded
}

// shortenMiddle drops the middle of a list that is too long, and returns how many entries that were: the beginning says where
// a run comes from, the end how it fails.
func shortenMiddle[T any](list []T, most int) (shorter []T, from, dropped int) {
	if len(list) <= most {
		return list, 0, 0
	}
	from = most / 3
	dropped = len(list) - most
	return append(slices.Clone(list[:from]), list[from+dropped:]...), from, dropped
}
