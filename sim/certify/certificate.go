package certify

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/onceover/onceover/sim/run"
)

// A Certificate is what [Certify] has compared on a server, and the verdict. It encodes as JSON.
type Certificate struct {
	// Server describes the server, and Found is how it was found. [Certify] does not set Found.
	Server string `json:"server"`
	Found  string `json:"found"`
	// Seeds are the reports of the profiles that were run. Races and Cuts are zero if an earlier part was not a pass.
	Seeds   []SeedsReport `json:"seeds"`
	Races   RacesReport   `json:"races"`
	Cuts    CutsReport    `json:"cuts"`
	Verdict run.Verdict   `json:"verdict"`
}

// Explain describes why the verdict is not a pass, in several lines. It is empty if the verdict is one.
func (c *Certificate) Explain() string {
	var b strings.Builder
	for i := range c.Seeds {
		b.WriteString(c.Seeds[i].explain())
	}
	if c.Races.Failure != nil {
		b.WriteString(c.Races.Failure.String() + "\n")
	}
	for i := range c.Cuts.Failures {
		b.WriteString(c.Cuts.Failures[i].String() + "\n")
	}
	return b.String()
}

// String renders the certificate: what was compared, and how it ended.
func (c *Certificate) String() string {
	var b strings.Builder
	if c.Verdict == run.Pass {
		b.WriteString("certificate: the Postgres store does what the simulated store does\n\n")
	} else {
		fmt.Fprintf(&b, "no certificate: %s\n\n", c.Verdict)
	}
	fmt.Fprintf(&b, "  server  %s\n", c.Server)
	for i := range c.Seeds {
		s := &c.Seeds[i]
		fmt.Fprintf(&b, "  seeds   %s of %s, from %d: %s the same as on the model, with %s; trace hash %s\n",
			count(s.Seeds), s.Profile, s.From, count(s.Equal), plural(s.Operations, "operation"), s.TraceHash)
	}
	if r := &c.Races; r.Rounds != 0 {
		fmt.Fprintf(&b, "  races   %s, %s, %s, %s of them ambiguous; operations overlapped in %s\n",
			plural(len(r.Scenarios), "scenario"), plural(r.Rounds, "round"), plural(r.Operations, "operation"),
			count(r.Ambiguous), plural(r.Concurrent, "round"))
	}
	if r := &c.Cuts; r.Cuts != 0 {
		fmt.Fprintf(&b, "  cuts    %s in %s, %s; of %s, %s left the state before, %s the state after, %s had nothing to change\n",
			plural(r.Methods, "method"), plural(r.Cases, "case"), plural(r.Messages, "message"),
			plural(r.Cuts, "cut"), count(r.Before), count(r.After), count(r.Unchanged))
	}
	if why := c.Explain(); why != "" {
		b.WriteString("\n" + why)
	}
	return b.String()
}

// count returns a number with separators: 1,234,567.
func count[N ~int | ~uint64](n N) string {
	digits := strconv.FormatUint(uint64(n), 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// plural returns a number with its noun: 1 seed, 2,000 seeds.
func plural[N ~int | ~uint64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}
