package certify

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/onceover/onceover/faults/pgserver"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/run"
)

// A faultyServer fails to create databases for seeds, or reports that they can't be dropped.
type faultyServer struct {
	*pgserver.Server
	create error // of CreateNearDatabase
}

var errLeftover = errors.New("the database stays")

func (s faultyServer) CreateNearDatabase(ctx context.Context) (string, func(context.Context) error, error) {
	if s.create != nil {
		return "", nil, s.create
	}
	url, drop, err := s.Server.CreateNearDatabase(ctx)
	return url, func(ctx context.Context) error { return errors.Join(drop(ctx), errLeftover) }, err
}

// TestCertify makes a small certificate on a real server. Databases that can't be dropped are reported, and change
// nothing about the verdict.
func TestCertify(t *testing.T) {
	var leftovers []error
	var profiles []string
	rounds, cases := 0, 0
	c, err := Certify(t.Context(), faultyServer{Server: pgserver.ForTest(t)}, Options{
		From: 1, Seeds: 2, Rounds: 1, Quick: true, cases: caseNamed(t, "store.get of a review"),
		OnSeeds: func(profile string, p campaign.Progress) {
			if !slices.Contains(profiles, profile) {
				profiles = append(profiles, profile)
			}
		},
		OnRound:        func(done, _ int) { rounds = done },
		OnCase:         func(done, _ int) { cases = done },
		OnCleanupError: func(err error) { leftovers = append(leftovers, err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(c)
	if c.Verdict != run.Pass || c.Explain() != "" || len(c.Seeds) != 2 || c.Races.Rounds != len(scenarios()) || c.Cuts.Cases != cases {
		t.Errorf("the certificate is incomplete: %+v", c)
	}
	if !slices.Equal(profiles, []string{"default", "storm"}) || rounds != c.Races.Rounds || cases == 0 {
		t.Errorf("reported are profiles %q, %d rounds and %d cases", profiles, rounds, cases)
	}
	if len(leftovers) == 0 || !errors.Is(errors.Join(leftovers...), errLeftover) {
		t.Errorf("reported leftovers: %v", leftovers)
	}
}

// TestNoCertificate interrupts a certification, and lets its setup fail.
func TestNoCertificate(t *testing.T) {
	full := errors.New("the disk is full")
	s := faultyServer{Server: pgserver.ForTest(t), create: full}
	if c, err := Certify(t.Context(), s, Options{}); !errors.Is(err, full) {
		t.Errorf("without a database: %v, %v", c, err)
	}
	s.create = nil
	ctx, cancel := context.WithCancel(t.Context())
	cancelled := Options{OnSeeds: func(string, campaign.Progress) { cancel() }}
	if c, err := Certify(ctx, s, cancelled); c != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v, %v", c, err)
	}
}
