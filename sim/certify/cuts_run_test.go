package certify

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults/pgserver"
	"github.com/onceover/onceover/faults/pgwire"
)

// TestEveryOperationSurvivesEveryCut cuts one case of each method: where it does its work. All cases take minutes, and are
// a part of onceover certify.
func TestEveryOperationSurvivesEveryCut(t *testing.T) {
	t.Parallel()
	s := pgserver.ForTest(t)
	cases, methods := oneOfEach(cutCases()), 14+12 // the methods of engine.ReviewStore and of engine.Journal
	if testing.Short() {
		cases, methods = append(caseNamed(t, "store.claim of a pending review"), caseNamed(t, "journal.append of new events")...), 2
	}
	begin := time.Now()
	report, err := Cuts(t.Context(), s.CreateDatabase, CutsOptions{Quick: true, cases: cases})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s\nin %.0f s on %s", report, time.Since(begin).Seconds(), s)
	for i := range report.Failures[:min(10, len(report.Failures))] {
		t.Error(&report.Failures[i])
	}
	if report.Methods != methods || report.Cases != len(cases) {
		t.Errorf("%d methods in %d cases, want %d in %d", report.Methods, report.Cases, methods, len(cases))
	}
	if report.Cuts < 2*report.Messages || min(report.Before, report.After, report.Succeeded, report.Rejected, report.Ambiguous) == 0 || report.Unchanged == 0 && !testing.Short() {
		t.Error("an enumeration without one of the outcomes has cut too little")
	}
	if sum := report.Before + report.After + report.Unchanged; sum != report.Cuts && len(report.Failures) == 0 {
		t.Errorf("the states after %d cuts add up to %d", report.Cuts, sum)
	}
}

// caseNamed returns the case with a name, in a list.
func caseNamed(t *testing.T, name string) []cutCase {
	t.Helper()
	for _, c := range cutCases() {
		if c.name == name {
			return []cutCase{c}
		}
	}
	t.Fatalf("no case is called %q", name)
	return nil
}

// hopeful takes a lost answer for a refusal.
type hopeful struct{ engine.ReviewStore }

func (h hopeful) Claim(ctx context.Context, c engine.Claim) (engine.Token, error) {
	token, err := h.ReviewStore.Claim(ctx, c)
	if engine.IsKind(err, engine.Ambiguous) {
		err = engine.Errorf(engine.Rejected, "store.claim", "no answer: %w", err)
	}
	return token, err
}

// boastful takes a lost answer for a success.
type boastful struct{ engine.ReviewStore }

func (b boastful) Release(ctx context.Context, key engine.AttemptKey, token engine.Token, due, now time.Time) error {
	err := b.ReviewStore.Release(ctx, key, token, due, now)
	if engine.IsKind(err, engine.Ambiguous) {
		return nil
	}
	return err
}

// piecemeal appends event by event, as if the transaction were split.
type piecemeal struct{ engine.Journal }

func (p piecemeal) Append(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, events []engine.Event, now time.Time) (o engine.Orchestration, err error) {
	for i := range events {
		if o, err = p.Journal.Append(ctx, key, epoch, events[i:i+1], now); err != nil {
			return o, err
		}
	}
	return o, nil
}

// stubborn repeats a call that may have taken effect.
type stubborn struct{ engine.Journal }

func (s stubborn) RenewLease(ctx context.Context, host engine.HostID, suspects []engine.Heartbeat, most int) (int, error) {
	taken, err := s.Journal.RenewLease(ctx, host, suspects, most)
	if engine.IsKind(err, engine.Ambiguous) {
		return s.Journal.RenewLease(ctx, host, suspects, most)
	}
	return taken, err
}

// TestFindsWhatIsWrong breaks the stores in one way after the other. Each is found, with the right complaint.
func TestFindsWhatIsWrong(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes most of a minute")
	}
	t.Parallel()
	s := pgserver.ForTest(t)
	for _, test := range []struct {
		name, subject string
		wrap          func(stores) stores
		pattern, by   string
		want          string
	}{
		{
			name: "a lost answer becomes a refusal", subject: "store.claim of a pending review",
			wrap: func(s stores) stores { s.reviews = hopeful{s.reviews}; return s },
			want: "the caller got an error that means that nothing happened, but the operation took effect",
		},
		{
			name: "a lost answer becomes a success", subject: "store.release of a claim",
			wrap: func(s stores) stores { s.reviews = boastful{s.reviews}; return s },
			want: "the caller got a success, but the operation had no effect",
		},
		{
			name: "a transaction is split", subject: "journal.append of new events",
			wrap: func(s stores) stores { s.journal = piecemeal{s.journal}; return s },
			want: "the database holds neither the state before the operation nor the state after it",
		},
		{
			name: "what may have been done is repeated", subject: "journal.hold by a new host",
			wrap: func(s stores) stores { s.journal = stubborn{s.journal}; return s },
			want: "the database holds neither the state before the operation nor the state after it",
		},
		{
			name: "a claim lacks its predicate", subject: "store.claim with an old token",
			pattern: `claim = (\$\d+) AND status`, by: "(claim = $1 OR true) AND status",
			want: "without a cut: the database holds neither the state before the operation nor the state after it",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			options := CutsOptions{Quick: true, cases: caseNamed(t, test.subject), wrap: test.wrap}
			if test.pattern != "" {
				rewrite, err := pgwire.NewRewrite(test.pattern, test.by)
				if err != nil {
					t.Fatal(err)
				}
				options.Rewrites = []*pgwire.Rewrite{rewrite}
			}
			report, err := Cuts(t.Context(), s.CreateDatabase, options)
			if err != nil {
				t.Fatal(err)
			}
			for i := range report.Failures {
				if failure := &report.Failures[i]; strings.Contains(failure.String(), test.want) {
					t.Logf("%d failures, one of them:\n%s", len(report.Failures), failure)
					return
				}
			}
			t.Errorf("%s\nno failure has %q: %v", report, test.want, report.Failures)
		})
	}
}

// TestSetup runs cuts without a database, and with a rewrite that changes nothing. Both are errors.
func TestSetup(t *testing.T) {
	if _, err := Cuts(t.Context(), nil, CutsOptions{}); err == nil {
		t.Error("ran without a database")
	}
	s := pgserver.ForTest(t)
	never, err := pgwire.NewRewrite("FOR NOTHING", "")
	if err != nil {
		t.Fatal(err)
	}
	options := CutsOptions{Quick: true, cases: caseNamed(t, "store.get of an unknown review"), Rewrites: []*pgwire.Rewrite{never}}
	if _, err := Cuts(t.Context(), s.CreateDatabase, options); err == nil || !strings.Contains(err.Error(), "FOR NOTHING") {
		t.Errorf("a rewrite that never matched: %v", err)
	}
}
