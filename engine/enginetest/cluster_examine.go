package enginetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/onceover/onceover/engine"
)

// A FindingKind is what can be wrong with a cluster after its work.
type FindingKind uint8

const (
	// FoundUnreadable: store or journal does not answer, or does not know a submitted review.
	FoundUnreadable FindingKind = iota + 1
	// FoundNotCompleted: a review has not completed, or has a session that is to be stopped.
	FoundNotCompleted
	// FoundExecutions: an attempt was executed twice, or the last one never.
	FoundExecutions
	// FoundEvents: the journal has other events or tokens than the agent has sent.
	FoundEvents
	// FoundOverLimit: an owner had more live sessions at once than its limit.
	FoundOverLimit
)

// A Finding is one thing that is wrong with a cluster after its work.
type Finding struct {
	Kind   FindingKind
	Review engine.ReviewID // of all kinds but FoundOverLimit
	Owner  engine.OwnerID  // of FoundOverLimit
	Text   string          // for people
}

// String describes the finding in a sentence.
func (f Finding) String() string {
	if f.Kind == FoundOverLimit {
		return fmt.Sprintf("owner %s %s", f.Owner, f.Text)
	}
	return fmt.Sprintf("review %s %s", f.Review, f.Text)
}

// Examine compares what store and journal hold of the submitted reviews with what the agent has executed, and returns
// what is wrong. Every review is expected to complete: it was executed exactly once, its events are journaled as they
// were sent and its tokens add up, and no owner ever had more live sessions than its limit. Close comes first.
func (c *Cluster) Examine(ctx context.Context) (findings []Finding) {
	c.mutex.Lock()
	submitted := slices.Clone(c.submitted)
	c.mutex.Unlock()
	executions := make(map[engine.AttemptKey]int)
	for _, s := range c.agent.Sessions() {
		if asked, err := workOf(s.Payload); err == nil {
			executions[asked.Key]++
		}
	}
	var owners []engine.OwnerID
	for _, s := range submitted {
		findings = append(findings, c.examine(ctx, s.Review, executions)...)
		owners = append(owners, s.Owner)
	}
	slices.Sort(owners)
	for _, owner := range slices.Compact(owners) {
		if most, limit := c.LiveMost(owner), c.config.App.LimitOf(owner); most > limit {
			text := fmt.Sprintf("had %d live sessions at once; the limit is %d", most, limit)
			findings = append(findings, Finding{Kind: FoundOverLimit, Owner: owner, Text: text})
		}
	}
	return findings
}

// LiveMost returns how many sessions of an owner were live at once, at most.
func (c *Cluster) LiveMost(owner engine.OwnerID) int {
	type change struct{ moment, by int }
	var changes []change
	for _, s := range c.agent.Sessions() {
		if asked, err := workOf(s.Payload); err != nil || asked.Owner != owner {
			continue
		}
		changes = append(changes, change{s.Began, 1})
		if s.Ended != 0 {
			changes = append(changes, change{s.Ended, -1})
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return cmp.Compare(a.moment, b.moment) })
	most, now := 0, 0
	for _, change := range changes {
		now += change.by
		most = max(most, now)
	}
	return most
}

// examine is Examine for one review.
func (c *Cluster) examine(ctx context.Context, id engine.ReviewID, executions map[engine.AttemptKey]int) (findings []Finding) {
	find := func(kind FindingKind, format string, args ...any) {
		findings = append(findings, Finding{Kind: kind, Review: id, Text: fmt.Sprintf(format, args...)})
	}
	r, err := c.config.Reviews.Get(ctx, id)
	if err != nil {
		find(FoundUnreadable, "cannot be read: %v", err)
		return findings
	}
	if r.Status != engine.Completed || r.Stopping != 0 {
		find(FoundNotCompleted, "is %s (%s) and stopping attempt %d; want completed, and nothing to stop", r.Status, r.Reason, r.Stopping)
	}
	for attempt := 1; attempt <= r.Attempt; attempt++ {
		executed := executions[engine.AttemptKey{Review: id, Attempt: attempt}]
		if executed > 1 || executed == 0 && attempt == r.Attempt {
			find(FoundExecutions, "attempt %d was executed %d times", attempt, executed)
		}
	}
	o, err := c.config.Journal.Load(ctx, r.Key())
	if err != nil {
		find(FoundUnreadable, "has no orchestration: %v", err)
		return findings
	}
	sent := eventsOf(r.Key())
	events, err := c.config.Journal.Events(ctx, r.Key(), 0, len(sent)+1)
	if err != nil {
		find(FoundUnreadable, "has no events: %v", err)
	}
	if !slices.Equal(events, sent) {
		find(FoundEvents, "has the events %v; the agent sent %v", events, sent)
	}
	tokens := int64(0)
	for _, event := range sent {
		tokens += event.Tokens
	}
	if o.Phase != engine.PhaseOver || o.Events != int64(len(sent)) || o.Tokens != tokens {
		find(FoundEvents, "is in phase %d after %d events with %d tokens; want phase %d, %d events, %d tokens",
			o.Phase, o.Events, o.Tokens, engine.PhaseOver, len(sent), tokens)
	}
	return findings
}
