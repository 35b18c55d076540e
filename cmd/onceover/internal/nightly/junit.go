package nightly

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/world"
)

// The elements of JUnit XML as Jenkins, GitLab and GitHub's reporters read it; times are in seconds. See
// https://github.com/jenkinsci/xunit-plugin, junit-10.xsd, and https://github.com/testmoapp/junitxml.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		ClassName string        `xml:"classname,attr"`
		Time      string        `xml:"time,attr"`
		Skipped   *junitSkipped `xml:"skipped"`
		Error     *junitProblem `xml:"error"`
		Failure   *junitProblem `xml:"failure"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
	junitProblem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit renders the report as JUnit XML: a suite for each profile with a case for each property, and suites for the
// shards, the coverage goals, the known failures that no seed has shown, and the bugs. A check that gave up and a shard
// without a result are errors; everything else that is wrong is a failure.
func (r *Report) JUnit() ([]byte, error) {
	all := junitSuites{Name: "onceover nightly", Time: junitTime(r.Seconds)}
	all.Suites = append(all.Suites, r.junitShards())
	for i := range r.Profiles {
		all.Suites = append(all.Suites, r.Profiles[i].junit())
	}
	all.Suites = append(all.Suites, r.junitGoals())
	if known := r.junitKnown(); len(known.Cases) > 0 {
		all.Suites = append(all.Suites, known)
	}
	if r.Bugs != nil {
		all.Suites = append(all.Suites, r.Bugs.junit())
	}
	for i := range all.Suites {
		s := &all.Suites[i]
		s.tally()
		all.Tests, all.Failures, all.Errors = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors
	}
	content, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("JUnit XML: %w", err)
	}
	return append([]byte(xml.Header), append(content, '\n')...), nil
}

// WriteJUnit writes the report as JUnit XML at path, and makes its directory if needed.
func (r *Report) WriteJUnit(path string) error {
	content, err := r.JUnit()
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return writeFile(path, content)
}

// tally counts the cases.
func (s *junitSuite) tally() {
	s.Tests = len(s.Cases)
	for i := range s.Cases {
		c := &s.Cases[i]
		if c.Time == "" {
			c.Time = junitTime(0)
		}
		switch {
		case c.Error != nil:
			s.Errors++
		case c.Failure != nil:
			s.Failures++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
}

func junitTime(seconds float64) string { return strconv.FormatFloat(seconds, 'f', 3, 64) }

func (r *Report) junitShards() junitSuite {
	s := junitSuite{Name: "shards", Time: junitTime(r.Seconds)}
	problem := make(map[Shard]*junitProblem)
	for _, shard := range r.Missing {
		problem[shard] = &junitProblem{Message: "has left no result", Type: "missing"}
	}
	for _, shard := range r.Interrupted {
		problem[shard] = &junitProblem{Message: "was interrupted before it had done all", Type: "interrupted"}
	}
	for i := 1; i <= r.Shards; i++ {
		shard := Shard{i, r.Shards}
		c := junitCase{Name: shard.String(), ClassName: "onceover.shards", Error: problem[shard]}
		for _, broken := range r.Broken {
			if strings.HasPrefix(broken, "shard "+shard.String()+": ") {
				c.Error = &junitProblem{Message: broken, Type: "broken"}
			}
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}

// junit is the suite of a profile. Properties that are in no list, such as that of a panic, have a case when they are
// violated.
func (p *Part) junit() junitSuite {
	s := junitSuite{Name: "profile " + p.Profile, Time: junitTime(p.WallSeconds)}
	class := "onceover." + p.Profile
	ids := make([]string, 0, len(checker.Properties()))
	ways := make(map[string][]Way)
	for _, property := range checker.Properties() {
		ids = append(ids, property.ID)
		ways[property.ID] = nil
	}
	for _, way := range p.Ways {
		if _, listed := ways[way.Property]; !listed {
			ids = append(ids, way.Property)
		}
		ways[way.Property] = append(ways[way.Property], way)
	}
	for _, id := range ids {
		c := junitCase{Name: id, ClassName: class}
		if found := ways[id]; len(found) > 0 {
			c.Failure = &junitProblem{Message: found[0].Message, Type: id}
			for _, way := range found {
				c.Failure.Text += fmt.Sprintf("%s\n%s\n%s; first: onceover replay %d --profile %s\n", way.Message, way.Signature,
					text.Plural(way.Runs, "run"), way.Seed, p.Profile)
			}
		}
		s.Cases = append(s.Cases, c)
	}
	verdicts := junitCase{Name: "every check comes to a verdict", ClassName: class}
	if p.Unknown > 0 {
		verdicts.Error = &junitProblem{Message: fmt.Sprintf("a check gave up on %d of %d seeds", p.Unknown, p.Seeds), Type: "unknown"}
		for _, run := range p.GaveUp {
			verdicts.Error.Text += fmt.Sprintf("%s: onceover replay %d --profile %s\n", run.Check, run.Seed, p.Profile)
		}
	}
	s.Cases = append(s.Cases, verdicts)
	return s
}

func (r *Report) junitGoals() junitSuite {
	s := junitSuite{Name: "coverage goals", Time: junitTime(0)}
	for _, goal := range world.Vocabulary().Goals {
		c := junitCase{Name: goal.Name, ClassName: "onceover.goals"}
		switch {
		case r.Goals.Of(goal.Name) > 0:
		case r.GoalsDemanded():
			c.Failure = &junitProblem{Message: "never reached", Type: "unreached", Text: goal.Sentence}
		default:
			c.Skipped = &junitSkipped{"not reached, by too few seeds of " + strings.Join(goalProfiles, " and ") + " to demand it"}
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}

// junitKnown is about failures that stand in no suite of a profile.
func (r *Report) junitKnown() junitSuite {
	s := junitSuite{Name: "known failures", Time: junitTime(0)}
	for i := range r.Failures {
		f := &r.Failures[i]
		var failure *junitProblem
		switch {
		case !f.Repeats:
			failure = &junitProblem{Message: "did not run the same way when it was repeated", Type: "not deterministic"}
		case f.Replayed == "":
			continue
		case f.State != Gone:
			failure = &junitProblem{Message: string(f.State), Type: f.Property, Text: f.Replayed}
		}
		s.Cases = append(s.Cases, junitCase{Name: f.Signature, ClassName: "onceover.known", Failure: failure})
	}
	return s
}

func (b *Bugs) junit() junitSuite {
	s := junitSuite{Name: "bugs", Time: junitTime(b.Seconds)}
	for _, bug := range b.Rows {
		c := junitCase{Name: bug.ID, ClassName: "onceover.bugs", Time: junitTime(bug.Seconds)}
		if bug.Problem != "" {
			c.Failure = &junitProblem{Message: bug.Problem, Type: "missed"}
		}
		s.Cases = append(s.Cases, c)
	}
	table := junitCase{Name: "the table as a whole", ClassName: "onceover.bugs"}
	if len(b.Problems) > 0 {
		table.Failure = &junitProblem{Message: b.Problems[0], Type: "table", Text: strings.Join(b.Problems, "\n")}
	}
	s.Cases = append(s.Cases, table)
	return s
}
