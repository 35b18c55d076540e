package certify_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults/pgserver"
	"github.com/onceover/onceover/faults/pgwire"
	"github.com/onceover/onceover/sim/certify"
)

// TestEveryOperationSurvivesEveryCut is the enumeration, of one case of each operation: where it does its work. That of
// all cases takes minutes, and is a part of onceover certify.
func TestEveryOperationSurvivesEveryCut(t *testing.T) {
	s := pgserver.ForTest(t)
	cases := certify.OneOfEach(certify.Cases())
	begin := time.Now()
	certificate, err := certify.Cuts(t.Context(), certify.CutsConfig{Database: s.CreateDatabase, Cases: cases, Workers: runtime.GOMAXPROCS(0)})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s\nin %.0f s on %s", certificate, time.Since(begin).Seconds(), s)
	for _, failure := range certificate.Failures[:min(10, len(certificate.Failures))] {
		t.Error(failure)
	}
	const operations = 14 + 12 // the methods of engine.ReviewStore and of engine.Journal
	if certificate.Operations != operations || certificate.Cases != len(cases) {
		t.Errorf("%d operations in %d cases, want %d in %d", certificate.Operations, certificate.Cases, operations, len(cases))
	}
	if certificate.Cuts < 2*certificate.Messages || min(certificate.Before, certificate.After, certificate.Unchanged, certificate.Succeeded, certificate.Rejected, certificate.Ambiguous) == 0 {
		t.Error("an enumeration without one of the outcomes has cut too little")
	}
	if sum := certificate.Before + certificate.After + certificate.Unchanged; sum != certificate.Cuts && len(certificate.Failures) == 0 {
		t.Errorf("%d cuts are told as %d", certificate.Cuts, sum)
	}
}

// caseNamed returns the case of that name.
func caseNamed(t *testing.T, name string) []certify.Case {
	t.Helper()
	for _, c := range certify.Cases() {
		if c.Name == name {
			return []certify.Case{c}
		}
	}
	t.Fatalf("no case is called %q", name)
	return nil
}

// hopeful is a store that takes a lost answer for a refusal.
type hopeful struct{ engine.ReviewStore }

func (h hopeful) Claim(ctx context.Context, c engine.Claim) (engine.Token, error) {
	token, err := h.ReviewStore.Claim(ctx, c)
	if engine.IsKind(err, engine.Ambiguous) {
		err = engine.Errorf(engine.Rejected, "store.claim", "no answer: %w", err)
	}
	return token, err
}

// boastful is a store that takes a lost answer for a success.
type boastful struct{ engine.ReviewStore }

func (b boastful) Release(ctx context.Context, key engine.AttemptKey, token engine.Token, due, now time.Time) error {
	err := b.ReviewStore.Release(ctx, key, token, due, now)
	if engine.IsKind(err, engine.Ambiguous) {
		return nil
	}
	return err
}

// piecemeal is a journal that appends event by event: a transaction that was split.
type piecemeal struct{ engine.Journal }

func (p piecemeal) Append(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, events []engine.Event, now time.Time) (o engine.Orchestration, err error) {
	for i := range events {
		if o, err = p.Journal.Append(ctx, key, epoch, events[i:i+1], now); err != nil {
			return o, err
		}
	}
	return o, nil
}

// stubborn is a journal that repeats what may have been done.
type stubborn struct{ engine.Journal }

func (s stubborn) Hold(ctx context.Context, host engine.HostID, suspects []engine.Beat, most int) (engine.Holding, error) {
	held, err := s.Journal.Hold(ctx, host, suspects, most)
	if engine.IsKind(err, engine.Ambiguous) {
		return s.Journal.Hold(ctx, host, suspects, most)
	}
	return held, err
}

// TestFindsWhatIsWrong breaks the stores, and has each breach found and told.
func TestFindsWhatIsWrong(t *testing.T) {
	s := pgserver.ForTest(t)
	for _, test := range []struct {
		name, subject string
		wrap          func(certify.Stores) certify.Stores
		pattern, by   string
		want          string
	}{
		{
			name: "a lost answer is told as a refusal", subject: "store.claim of a pending review",
			wrap: func(s certify.Stores) certify.Stores { s.Reviews = hopeful{s.Reviews}; return s },
			want: "the caller was told that nothing had happened, and it had",
		},
		{
			name: "a lost answer is told as a success", subject: "store.release of a claim",
			wrap: func(s certify.Stores) certify.Stores { s.Reviews = boastful{s.Reviews}; return s },
			want: "the caller was told that it was done, and it was not",
		},
		{
			name: "a transaction is split", subject: "journal.append of new events",
			wrap: func(s certify.Stores) certify.Stores { s.Journal = piecemeal{s.Journal}; return s },
			want: "the database holds neither the state before nor the one after",
		},
		{
			name: "what may have been done is repeated", subject: "journal.hold by a new host",
			wrap: func(s certify.Stores) certify.Stores { s.Journal = stubborn{s.Journal}; return s },
			want: "the database holds neither the state before nor the one after",
		},
		{
			name: "a claim lacks its predicate", subject: "store.claim that was overtaken",
			pattern: `claim = (\$\d+) AND status`, by: "(claim = $1 OR true) AND status",
			want: "untouched: the database holds neither the state before nor the one after",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := certify.CutsConfig{Database: s.CreateDatabase, Cases: caseNamed(t, test.subject), Wrap: test.wrap}
			if test.pattern != "" {
				rewrite, err := pgwire.NewRewrite(test.pattern, test.by)
				if err != nil {
					t.Fatal(err)
				}
				config.Rewrites = []*pgwire.Rewrite{rewrite}
			}
			certificate, err := certify.Cuts(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			for _, failure := range certificate.Failures {
				if strings.Contains(failure.String(), test.want) {
					t.Logf("%d failures, one of them:\n%s", len(certificate.Failures), failure)
					return
				}
			}
			t.Errorf("%s\nnone of the failures says %q: %v", certificate, test.want, certificate.Failures)
		})
	}
}

// TestSetup refuses what can't be run, and notices a rewrite that has broken nothing.
func TestSetup(t *testing.T) {
	if _, err := certify.Cuts(t.Context(), certify.CutsConfig{}); err == nil {
		t.Error("ran without a database")
	}
	s := pgserver.ForTest(t)
	never, err := pgwire.NewRewrite("FOR NOTHING", "")
	if err != nil {
		t.Fatal(err)
	}
	config := certify.CutsConfig{Database: s.CreateDatabase, Cases: caseNamed(t, "store.get of nothing"), Rewrites: []*pgwire.Rewrite{never}}
	if _, err := certify.Cuts(t.Context(), config); err == nil || !strings.Contains(err.Error(), "FOR NOTHING") {
		t.Errorf("a rewrite that never matched: %v", err)
	}
}
