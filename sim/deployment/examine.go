package deployment

import (
	"context"
	"fmt"
	"slices"

	"github.com/onceover/onceover/engine"
)

// Examine compares what store and journal say of the submitted reviews with what the
// agent has executed, and returns what is wrong, a sentence each. It is called when
// everything has been closed, and every review was meant to complete.
func (d *Deployment) Examine(ctx context.Context) (findings []string) {
	d.mutex.Lock()
	submitted := slices.Clone(d.submitted)
	d.mutex.Unlock()
	var owners []engine.OwnerID
	for _, s := range submitted {
		findings = append(findings, d.examine(ctx, s.Review)...)
		owners = append(owners, s.Owner)
	}
	slices.Sort(owners)
	for _, owner := range slices.Compact(owners) {
		if most, limit := d.agent.Most(owner), d.config.App.LimitOf(owner); most > limit {
			findings = append(findings, fmt.Sprintf("owner %s had %d live sessions at once; the limit is %d", owner, most, limit))
		}
	}
	return findings
}

// examine is Examine for one review.
func (d *Deployment) examine(ctx context.Context, id engine.ReviewID) (findings []string) {
	find := func(format string, args ...any) {
		findings = append(findings, "review "+string(id)+" "+fmt.Sprintf(format, args...))
	}
	r, err := d.config.Reviews.Get(ctx, id)
	if err != nil {
		find("cannot be read: %v", err)
		return findings
	}
	if r.Status != engine.Completed || r.Stopping != 0 {
		find("is %s (%s) and stopping attempt %d; want completed, and nothing to stop", r.Status, r.Reason, r.Stopping)
	}
	for attempt := 1; attempt <= r.Attempt; attempt++ {
		key := engine.AttemptKey{Review: id, Attempt: attempt}
		executed := d.agent.Executions(key)
		if executed > 1 || executed == 0 && attempt == r.Attempt {
			find("attempt %d was executed %d times", attempt, executed)
		}
	}
	o, err := d.config.Journal.Load(ctx, r.Key())
	if err != nil {
		find("has no orchestration: %v", err)
		return findings
	}
	script := Script(r.Key())
	events, err := d.config.Journal.Events(ctx, r.Key(), 0, len(script)+1)
	if err != nil {
		find("has no events: %v", err)
	}
	if !slices.Equal(events, script) {
		find("has the events %v; the agent sent %v", events, script)
	}
	tokens := int64(0)
	for _, event := range script {
		tokens += event.Tokens
	}
	if o.Phase != engine.PhaseOver || o.Events != int64(len(script)) || o.Tokens != tokens {
		find("is in phase %d after %d events with %d tokens; want phase %d, %d events, %d tokens",
			o.Phase, o.Events, o.Tokens, engine.PhaseOver, len(script), tokens)
	}
	return findings
}
