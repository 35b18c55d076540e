package world_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// A step is one line of a readable trace that a test looks for, "actor text" as a regular expression. In it {app},
// {worker}, {process}, {key}, {number}, {status} and {session} stand for what their names say; each has to be the
// same wherever it comes up in a sight. {app2} is another app than {app}, and so on.
type step struct {
	is string
	// next: the line follows the one before directly. Otherwise anything may come between, except what without says.
	next    bool
	without string
	// after and within bound the time since the step before.
	after, within time.Duration
}

// end is the step that a run ends, for what must not come until then.
const end = "$end"

// A sight is a sequence of steps in this order.
type sight []step

var holes = map[string]string{
	"app": `app-\d`, "worker": `worker-\d`, "process": `(?:app|worker)-\d`, "key": `[RS]\d+/\d+`,
	"number": `\d+`, "status": `[a-z]+`, "session": `s\d+`,
}

var hole = regexp.MustCompile(`\{([a-z]+)(\d?)\}`)

// patterns keeps what was compiled, from trace to trace.
type patterns map[string]*regexp.Regexp

func newPatterns() patterns { return make(patterns) }

// An onlooker finds sights in one trace.
type onlooker struct {
	lines    []run.Line
	texts    []string
	compiled patterns
}

func watch(lines []run.Line, compiled patterns) *onlooker {
	o := &onlooker{lines: lines, texts: make([]string, len(lines)), compiled: compiled}
	for i, line := range lines {
		o.texts[i] = line.Actor + " " + line.Text
	}
	return o
}

// sees returns the lines of the first place where the sight is in the trace, nil when it is not.
func (o *onlooker) sees(s sight) []int {
	return o.search(s, -1, map[string]string{})
}

func (o *onlooker) search(s sight, last int, bound map[string]string) []int {
	if len(s) == 0 {
		return []int{}
	}
	st := &s[0]
	if st.is == end {
		if o.passes(st, last, len(o.lines), bound) {
			return []int{}
		}
		return nil
	}
	pattern := o.compile(st.is, bound)
	for i := last + 1; i < len(o.lines); i++ {
		var waited time.Duration
		if last >= 0 {
			waited = o.lines[i].At - o.lines[last].At
		}
		if st.next && i > last+1 && last >= 0 || st.within > 0 && waited > st.within {
			return nil
		}
		if waited < st.after {
			continue
		}
		match := pattern.FindStringSubmatch(o.texts[i])
		if match == nil {
			continue
		}
		now := make(map[string]string, len(bound)+len(match))
		for name, value := range bound {
			now[name] = value
		}
		if !bind(now, pattern.SubexpNames(), match) || !o.passes(st, last, i, now) {
			continue
		}
		if rest := o.search(s[1:], i, now); rest != nil {
			return append([]int{i}, rest...)
		}
	}
	return nil
}

// bind notes what the holes were filled with. Numbered holes are others than those of the same name.
func bind(bound map[string]string, names, match []string) bool {
	for i, name := range names {
		if name == "" {
			continue
		}
		for other, value := range bound {
			if value == match[i] && strings.TrimRight(other, "0123456789") == strings.TrimRight(name, "0123456789") {
				return false
			}
		}
		bound[name] = match[i]
	}
	return true
}

// passes reports that none of the lines between two is what the step does without.
func (o *onlooker) passes(st *step, from, to int, bound map[string]string) bool {
	if st.without == "" {
		return true
	}
	pattern := o.compile(st.without, bound)
	for i := from + 1; i < to; i++ {
		if pattern.MatchString(o.texts[i]) {
			return false
		}
	}
	return true
}

// compile fills the holes that are known, and makes groups of the others.
func (o *onlooker) compile(pattern string, bound map[string]string) *regexp.Regexp {
	var named []string
	pattern = hole.ReplaceAllStringFunc(pattern, func(h string) string {
		name := h[1 : len(h)-1]
		if value, ok := bound[name]; ok {
			return regexp.QuoteMeta(value) + `\b`
		}
		what, ok := holes[strings.TrimRight(name, "0123456789")]
		if !ok {
			panic("no such hole: " + h)
		}
		for _, seen := range named {
			if seen == name {
				panic("hole " + h + " comes up twice in one pattern before it is known")
			}
		}
		named = append(named, name)
		return `\b(?P<` + name + `>` + what + `)\b`
	})
	compiled := o.compiled[pattern]
	if compiled == nil {
		compiled = regexp.MustCompile(pattern)
		o.compiled[pattern] = compiled
	}
	return compiled
}

// quote writes lines of the trace, or all of them when the selection is nil.
func quote(lines []run.Line, selection []int) string {
	var s strings.Builder
	if selection == nil {
		for i := range lines {
			selection = append(selection, i)
		}
	}
	for _, i := range selection {
		fmt.Fprintf(&s, "%12.6f  %-9s %s\n", lines[i].At.Seconds(), lines[i].Actor, lines[i].Text)
	}
	return s.String()
}

// traced runs a seed and returns its readable trace.
func traced(w *world.Deployment, spec run.Spec) ([]run.Line, run.Result) {
	var lines []run.Line
	spec.Trace = func(line run.Line) { lines = append(lines, line) }
	outcome := w.Run(spec)
	return lines, outcome
}

// TestOnlooker shows what steps find, and what they pass by.
func TestOnlooker(t *testing.T) {
	var lines []run.Line
	for i, text := range []string{
		"app-1 claims R1/1", "app-2 claims R2/1", "app-1 crashes", "app-2 dispatches R2/1", "app-2 claims R1/1", "app-2 dispatches R1/1",
	} {
		actor, text, _ := strings.Cut(text, " ")
		lines = append(lines, run.Line{At: time.Duration(i) * time.Second, Actor: actor, Text: text})
	}
	for _, test := range []struct {
		name  string
		sight sight
		want  string
	}{
		{"the same key", sight{{is: `claims {key}`}, {is: `dispatches {key}`}}, "[0 5]"},
		{"the same app and key", sight{{is: `^{app} claims {key}`}, {is: `^{app} dispatches {key}`}}, "[1 3]"},
		{"another app", sight{{is: `^{app} claims {key}`}, {is: `^{app2} claims {key}`}}, "[0 4]"},
		{"directly after", sight{{is: `claims {key}`}, {is: `dispatches {key}`, next: true}}, "[4 5]"},
		{"soon", sight{{is: `claims {key}`}, {is: `dispatches {key}`, within: time.Second}}, "[4 5]"},
		{"late", sight{{is: `app-2 claims`}, {is: `dispatches`, after: 3 * time.Second}}, "[1 5]"},
		{"with nothing between", sight{{is: `claims {key}`}, {is: `dispatches {key}`, without: `crashes`}}, "[4 5]"},
		{"never again", sight{{is: `^{app} claims {key}`}, {is: end, without: `^{app} `}}, "[]"},
		{"once, and nobody after", sight{{is: `dispatches R1/1`}, {is: end, without: `dispatches`}}, "[5]"},
	} {
		got := "[]"
		if found := watch(lines, newPatterns()).sees(test.sight); found != nil {
			got = fmt.Sprint(found)
		}
		if got != test.want {
			t.Errorf("%s: found %s, want %s", test.name, got, test.want)
		}
	}
}
