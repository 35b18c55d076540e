package certify

import (
	"context"
	"fmt"
	"sync"

	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/run"
)

// A Server is a Postgres on which databases can be created, such as that of package faults/pgserver.
type Server interface {
	// String describes the server in one line.
	fmt.Stringer
	// CreateDatabase is a [Create].
	CreateDatabase(ctx context.Context) (url string, drop func(context.Context) error, err error)
	// CreateNearDatabase is a [Create] with the fastest connection that the server offers. Seeds use it; races and cuts
	// connect through a proxy.
	CreateNearDatabase(ctx context.Context) (url string, drop func(context.Context) error, err error)
}

// Options are the options of [Certify]. The zero value of a field is its default.
type Options struct {
	// From is the first seed of each profile; the others follow one by one. It also decides the plans of the races.
	From uint64
	// Seeds is how many seeds to run of each profile. 0 means [SeedsDefault].
	Seeds uint64
	// Rounds is how many rounds of each race to play. 0 means [RoundsDefault].
	Rounds int
	// Quick is [CutsOptions.Quick].
	Quick bool

	// OnSeeds, OnRound and OnCase, when not nil, are called with the progress of the three parts, one call at a time.
	OnSeeds func(profile string, p campaign.Progress)
	OnRound func(done, total int)
	OnCase  func(done, total int)
	// OnCleanupError, when not nil, is called when a database can't be dropped. What was compared holds nonetheless.
	OnCleanupError func(error)

	cases []cutCase // nil for all
}

// Defaults of [Options].
const (
	SeedsDefault  = 200
	RoundsDefault = 30
)

// profiles are the mixes of faults that seeds run under.
var profiles = []string{"default", "storm"}

// Certify compares the Postgres stores with the models on a server: seeds, then races, then cuts. It stops at the first
// part that is not a pass. The error is one of the setup, or that of ctx if it has ended.
func Certify(ctx context.Context, server Server, o Options) (*Certificate, error) {
	if o.Seeds == 0 {
		o.Seeds = SeedsDefault
	}
	if o.Rounds == 0 {
		o.Rounds = RoundsDefault
	}
	c := &certification{server: server, options: o, certificate: &Certificate{Server: server.String()}}
	for _, part := range []func(context.Context) error{c.seeds, c.races, c.cuts} {
		err := part(ctx)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		if c.certificate.Verdict != run.Pass {
			break
		}
	}
	return c.certificate, nil
}

// A certification makes a certificate.
type certification struct {
	server      Server
	options     Options
	certificate *Certificate
	mutex       sync.Mutex // of OnCleanupError
}

func (c *certification) seeds(ctx context.Context) error {
	open := OnPostgres(c.tolerateLeftovers(c.server.CreateNearDatabase))
	for _, profile := range profiles {
		o := SeedsOptions{Profile: profile, From: c.options.From, Seeds: c.options.Seeds}
		if c.options.OnSeeds != nil {
			o.OnProgress = func(p campaign.Progress) { c.options.OnSeeds(profile, p) }
		}
		report, err := Seeds(ctx, open, o)
		if err != nil {
			return err
		}
		c.certificate.Seeds = append(c.certificate.Seeds, *report)
		if c.certificate.Verdict = report.Verdict; report.Verdict != run.Pass {
			return nil
		}
	}
	return nil
}

func (c *certification) races(ctx context.Context) error {
	report, err := Races(ctx, c.tolerateLeftovers(c.server.CreateDatabase), RacesOptions{
		Seed: c.options.From, Rounds: c.options.Rounds, OnProgress: c.options.OnRound,
	})
	if err != nil {
		return err
	}
	c.certificate.Races = *report
	if report.Failure != nil {
		c.certificate.Verdict = report.Failure.Verdict
	}
	return nil
}

func (c *certification) cuts(ctx context.Context) error {
	report, err := Cuts(ctx, c.tolerateLeftovers(c.server.CreateDatabase), CutsOptions{
		Quick: c.options.Quick, OnProgress: c.options.OnCase, cases: c.options.cases,
	})
	if err != nil {
		return err
	}
	c.certificate.Cuts = *report
	if len(report.Failures) > 0 {
		c.certificate.Verdict = run.Violated
	}
	return nil
}

// tolerateLeftovers returns a Create that reports databases that can't be dropped, instead of failing.
func (c *certification) tolerateLeftovers(create Create) Create {
	return func(ctx context.Context) (string, func(context.Context) error, error) {
		url, drop, err := create(ctx)
		return url, func(ctx context.Context) error {
			if err := drop(ctx); err != nil && c.options.OnCleanupError != nil {
				c.mutex.Lock()
				defer c.mutex.Unlock()
				c.options.OnCleanupError(err)
			}
			return nil
		}, err
	}
}
