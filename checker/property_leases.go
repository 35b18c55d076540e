package checker

import (
	"slices"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var leaseProperties = subject{
	name:     "Leases",
	sentence: "Which host holds an attempt, how it keeps it, when another one takes it over, and that a host which has lost it stops.",
}

var _ = leaseProperties.add(Property{
	ID:             "one-holder",
	Class:          Protocol,
	Sentence:       "Each new holder of an attempt has a higher epoch, and takes over only what nobody holds or what a host holds that has not renewed its lease since it was suspected.",
	Source:         "3.4: leases",
	NotMistakenFor: "A host that goes on because it does not know that it has lost its lease: the journal refuses its writes.",
	watches:        []watching{on(checkOneHolder, JournalExecuted)},
})

const (
	causeTwoHoldersOfOneEpoch Cause = "two-holders-of-one-epoch"
	causeLeaseWasTakenAway    Cause = "a-lease-was-taken-away"
	causeTookOverWhatHasEnded Cause = "took-over-what-has-ended"
)

func checkOneHolder(f *facts, r *Record) *Violation {
	before, after := r.RowBefore, r.Row
	if before == nil || after == nil || after.Holder == before.Holder || after.Holder == "" {
		return nil
	}
	if !before.Unfinished() {
		return violated(r, causeTookOverWhatHasEnded, "%s was given to host %s at %s, although it is %s and needs no host",
			r.Key, after.Holder, moment(r.At), rowState(before))
	}
	if after.Epoch <= before.Epoch {
		return violated(r, causeTwoHoldersOfOneEpoch, "%s went from host %s to host %s at %s under the same epoch, %d, so that both may write",
			r.Key, before.Holder, after.Holder, moment(r.At), after.Epoch)
	}
	if r.JournalOp.Kind != model.JournalRenewLease || before.Holder == "" {
		return nil
	}
	beat := engine.Heartbeat{Host: before.Holder, Count: f.leases[before.Holder].renewals}
	if !slices.Contains(r.JournalOp.Suspects, beat) {
		return violated(r, causeLeaseWasTakenAway, "%s was taken from a host that was alive: at %s %s took it over from %s, which had renewed its lease since it was last suspected",
			r.Key, moment(r.At), after.Holder, before.Holder)
	}
	return nil
}

// A watcher sees a heartbeat at the earliest when it is renewed, and suspects its host when the heartbeat has stood
// still for the length of a lease. So no takeover comes sooner after the last renewal, no matter what the watcher's
// clock shows, as long as it does not jump. A host that never renewed is seen from its first creation on. A watcher
// with an older configuration waits for a lease of its own length, and its requests may be executed during its next
// life.
var _ = leaseProperties.add(Property{
	ID:             "lease-respected",
	Class:          Protocol,
	Sentence:       "A lease is taken over no sooner than its length after its last renewal.",
	Source:         "3.4: leases",
	NotMistakenFor: "A takeover of what a host has given up, or by a host whose configuration has shorter leases.",
	watches:        []watching{on(checkLeaseRespected, JournalExecuted).journal(model.JournalRenewLease)},
})

const causeTakenOverTooEarly Cause = "taken-over-too-early"

// leaseGrain is how precisely times are compared: to that of clocks and timers.
const leaseGrain = time.Millisecond

func checkLeaseRespected(f *facts, r *Record) *Violation {
	before, after := r.RowBefore, r.Row
	if before == nil || after == nil || before.Holder == "" || after.Holder == before.Holder {
		return nil
	}
	lease := f.leases[before.Holder]
	if !lease.known || f.clockJumped || r.Life <= f.process(r.Actor).old {
		return nil
	}
	if age := r.At - lease.renewedAt; age < f.config.Worker.LeaseFor-leaseGrain {
		return violated(r, causeTakenOverTooEarly, "%s was taken over too early: at %s %s took it from %s, which had renewed its lease %s before, and a lease lasts %s",
			r.Key, moment(r.At), after.Holder, before.Holder, age, f.config.Worker.LeaseFor)
	}
	return nil
}

// lease-respected is about takeovers that are too early, this about suspicions that are too late. A watcher that
// forgets a heartbeat, or mistakes it for another, leaves what the dead host held to other watchers, which may forget
// it as well. A host that is missing from a reading holds nothing; it is watched anew when it holds something again. A
// clock that jumps makes the wait longer or shorter.
var _ = leaseProperties.add(Property{
	ID:             "suspects-named",
	Class:          Protocol,
	Sentence:       "A renewal names every host whose heartbeat its sender has seen stand still for as long as a lease lasts.",
	Source:         "3.4: leases",
	NotMistakenFor: "A host that is missing because it held nothing in between: it is watched anew from when it is seen again.",
	watches:        []watching{on(checkSuspectsNamed, CallBegan).journal(model.JournalRenewLease)},
})

const causeDeadHostWasNotSuspected Cause = "a-dead-host-was-not-suspected"

func checkSuspectsNamed(f *facts, r *Record) *Violation {
	p := f.process(r.Actor)
	if f.clockJumped || p.life <= p.old {
		return nil
	}
	for _, s := range p.sightings {
		if stood := r.At - s.since; stood > f.config.Worker.LeaseFor+leaseGrain && !slices.Contains(r.JournalOp.Suspects, s.heartbeat) {
			return violated(r, causeDeadHostWasNotSuspected, "Host %s did not suspect host %s at %s, whose heartbeat it has seen stand still for %s; a lease lasts %s",
				r.Actor, s.heartbeat.Host, moment(r.At), stood, f.config.Worker.LeaseFor)
		}
	}
	return nil
}

// no-stuck demands that everything finishes, and has to allow for sessions that hang, for retries and for much else
// that takes long. A takeover depends on leases only: a watcher sees the heartbeat of the dead host with its next
// renewal, waits for the length of a lease, and looks again; it takes what nobody holds with its next look. A look
// takes over no more than configured, and may take as long as a call. Watchers that were slow, have an older
// configuration or shut down may take longer, so they are not counted.
var _ = leaseProperties.add(Property{
	ID:             "takeover-prompt",
	Class:          Protocol,
	Sentence:       "In the quiet phase an unfinished attempt without a living holder is taken over as soon as a lease has run out, no matter what clocks show.",
	Source:         "3.4: leases",
	NotMistakenFor: "A longer wait when there is more to take over than a renewal may, or when a host is slow, runs an older configuration or shuts down.",
	watches:        []watching{on(checkTakeoverPrompt, holdExecuted)},
})

const causeNobodyTookOver Cause = "nobody-took-over"

func checkTakeoverPrompt(f *facts, r *Record) *Violation {
	if f.phase != PhaseQuiet || r.JournalResult.Failed {
		return nil
	}
	p, config := f.process(r.Actor), &f.config.Worker
	if p.slow || p.life != r.Life || p.life <= p.old || p.shutdown.asked {
		return nil
	}
	watching := max(f.phaseBegan, p.started, p.resumed)
	look := config.RenewEvery + config.JournalTimeout
	// Whatever the number of orphans, it takes more than this.
	if r.At-watching <= config.LeaseFor+3*look {
		return nil
	}
	oldest, since, others := f.oldestOrphan(watching)
	if oldest == nil {
		return nil
	}
	allowed := config.LeaseFor + 3*look
	for range others / config.TakeoverBatch {
		allowed += look
	}
	if waited := r.At - since; waited > allowed {
		return violatedAbout(r, oldest.key, causeNobodyTookOver, "%s was left without a host: %s, with no living host for %s until %s, though %s looks for such work every %s",
			oldest.key, rowState(&oldest.row), waited, moment(r.At), r.Actor, config.RenewEvery)
	}
	return nil
}

// oldestOrphan returns the attempt that has been without a holder for the longest time, counted from a given time on,
// and how many other attempts may have been due for a takeover since then.
func (f *facts) oldestOrphan(earliest time.Duration) (oldest *attemptFacts, since time.Duration, others int) {
	for _, v := range f.reviews {
		for _, a := range v.attempts {
			switch {
			case !a.hasRow:
				continue
			case a.row.Unfinished() || a.journaledAt >= earliest:
				others++
			}
			if orphaned, at := f.orphaned(a); orphaned {
				if at = max(at, earliest); oldest == nil || at < since {
					oldest, since = a, at
				}
			}
		}
	}
	return oldest, since, others
}

// orphaned reports whether nobody works on an unfinished attempt, and since when.
func (f *facts) orphaned(a *attemptFacts) (orphaned bool, since time.Duration) {
	switch {
	case !a.row.Unfinished():
		return false, 0
	case a.row.Holder == "":
		return true, a.journaledAt
	}
	p := f.process(a.holder)
	if !p.crashed && p.life == a.holderLife && !p.shutdown.ended {
		return false, 0
	}
	return true, max(p.started, p.over)
}

// Others depend on both rounds: if a lease is not renewed, another host takes over from one that works, and if nobody
// purges, events pile up. The pause begins when the call has ended. A host works on an attempt under its lease, so the
// renewal is checked when it does; only what it gives up before doing anything needs none. A slow or paused process is
// late with everything, and one with an older configuration has other pauses.
var _ = leaseProperties.add(Property{
	ID:             "rounds-kept",
	Class:          Protocol,
	Sentence:       "A host renews its lease after each configured pause for as long as it works on anything, and purges the journal until it is asked to shut down.",
	Source:         "3.4: leases; engine.WorkerConfig",
	NotMistakenFor: "A late renewal by a host that was slow or paused, runs an older configuration, or worked on nothing.",
	watches:        []watching{on(checkRoundsKept, CallBegan)},
})

const (
	causeDidNotCleanUp                   Cause = "did-not-clean-up"
	causeWorkedOnWithoutRenewingItsLease Cause = "worked-on-without-renewing-its-lease"
)

func checkRoundsKept(f *facts, r *Record) *Violation {
	p := f.process(r.Actor)
	if p.slow || p.halted || p.life == 0 {
		return nil
	}
	config := &f.config.Worker
	if isHold(r) {
		if missed := p.rounds.purge.missed(r.At, config.PurgeEvery); missed > 0 && !p.shutdown.asked {
			return violated(r, causeDidNotCleanUp, "Host %s did not clean up: it is to purge old events every %s, and at %s it is %s late",
				r.Actor, config.PurgeEvery, moment(r.At), missed)
		}
		return nil
	}
	if missed := p.rounds.renewal.missed(r.At, config.RenewEvery); missed > 0 && p.life > p.old && (underLease(r) || f.givesUp(r)) {
		return violated(r, causeWorkedOnWithoutRenewingItsLease, "%s was worked on under a lease that was not renewed: at %s host %s asked %s to %s, %s after its renewal was due",
			r.Key, moment(r.At), r.Actor, partnerOf(r.Call), toDo(r), missed)
	}
	return nil
}

// givesUp reports whether a host gives up what it has worked on.
func (f *facts) givesUp(r *Record) bool {
	if f.attempt == nil || r.JournalOp == nil || r.JournalOp.Kind != model.JournalReleaseLease {
		return false
	}
	h := f.attempt.single(r)
	return h != nil && !h.lastWrite.IsZero()
}

// underLease reports whether a call is one of an orchestrator that goes on.
func underLease(r *Record) bool {
	if r.JournalOp != nil {
		return r.JournalOp.Kind.Fenced() && r.JournalOp.Kind != model.JournalReleaseLease
	}
	switch r.Call {
	case CallAgentCreate, CallAgentStream, CallAgentInterrupt:
		return true
	default: // of those that remain, a callback may be one
	}
	return r.Call == CallAppCallback && r.Status.Terminal()
}

// The journal's answer to a start may come long after the attempt is journaled, and then the host launches an
// orchestrator. If a renewal had found the attempt and launched one in the meantime, that one may be finished by then,
// and the second would begin anew with outdated knowledge. So while a start is creating an attempt, only that start may
// launch it. Of two concurrent starts one gets the answer that it created the attempt, and the other may still be
// waiting. A start that is sent after the host has read that it holds the attempt creates nothing: an earlier one has,
// whose answer was lost, and it was the host's to launch when it read it.
var _ = leaseProperties.add(Property{
	ID:             "one-launch",
	Class:          Protocol,
	Sentence:       "A host does not work on an attempt that a start of its own is still creating.",
	Source:         "3.4: start is idempotent; engine.Journal",
	NotMistakenFor: "Work on an attempt after one of two starts was answered, while the other waits for its answer, or on one that the host had read to be its own before the start.",
	watches:        []watching{on(checkOneLaunch, CallBegan)},
})

const causeWorkedOnWhatAStartWasCreating Cause = "worked-on-what-a-start-was-creating"

func checkOneLaunch(f *facts, r *Record) *Violation {
	if f.attempt == nil || !underLease(r) {
		return nil
	}
	h := f.attempt.find(r.Actor, r.Life)
	if h == nil || h.calls.creating == 0 || h.calls.accepted || h.calls.read {
		return nil
	}
	return violated(r, causeWorkedOnWhatAStartWasCreating, "%s was worked on before it was accepted: at %s host %s asked %s to %s while its own start was still waiting for the journal",
		r.Key, moment(r.At), r.Actor, partnerOf(r.Call), toDo(r))
}

// Records do not show when the answer of a refusal arrives, and need not. An orchestrator does one thing after the
// other: it calls nobody until it has the answer of a write, repeats the write if the answer is lost, and continues
// with the agent only if the write was accepted. No write of an old epoch ever is. So from the refusal on the agent
// must not get any request from it, whether the orchestrator knows or not. (It may interrupt the session if it was
// asked to cancel in the meantime.)
//
// One refusal means nothing: that of a first try that arrives when a second one was accepted. It was sent earlier by
// its sender's clock; in a run in which a clock jumped that cannot be decided.
var _ = leaseProperties.add(Property{
	ID:             "zombie-stops",
	Class:          Protocol,
	Sentence:       "A holder whose write was refused because another host has the lease asks the agent for nothing more.",
	Source:         "3.4: leases",
	NotMistakenFor: "A refused first try that arrives after the second was accepted, and an interrupt that the host was asked for.",
	watches:        []watching{on(checkZombieStops, CreateSent, StreamSent)},
})

const causeWentOnAfterARefusal Cause = "went-on-after-a-refusal"

func checkZombieStops(f *facts, r *Record) *Violation {
	if h := f.attempt.single(r); h != nil && h.refused && !f.clockJumped {
		return violated(r, causeWentOnAfterARefusal, "%s was worked on by a host that had lost it: at %s host %s %s although the journal had refused its write in epoch %d",
			r.Key, moment(r.At), r.Actor, askedAgent(r.Kind), h.epoch)
	}
	return nil
}

// zombie-stops judges from the journal's side, this from the holder's: once it knows that its epoch is over, another
// host is responsible. A report that the attempt runs is a task of its own and may cross the refusal.
var _ = leaseProperties.add(Property{
	ID:             "refused-stops",
	Class:          Protocol,
	Sentence:       "A holder that knows that its epoch has ended makes no further call about the attempt under it, and one that takes an attempt over makes none before it has read that it still holds it.",
	Source:         "3.4: leases",
	NotMistakenFor: "A report that the attempt is running, which is sent independently, and calls under a newer epoch.",
	watches:        []watching{on(checkRefusedStops, CallBegan), on(checkReadFirst, CallBegan)},
})

const (
	causeWentOnUnderAnOvertakenEpoch Cause = "went-on-under-an-overtaken-epoch"
	causeWorkedOnWhatItHadNotRead    Cause = "worked-on-what-it-had-not-read"
)

// checkReadFirst: a renewal names no more than the lease. The new holder reads the state, and the answer may be that
// there is a newer epoch or no such attempt; then another host is responsible. A host also reads states to answer questions;
// the records do not show for which purpose, so any read is enough.
func checkReadFirst(f *facts, r *Record) *Violation {
	if f.attempt == nil || !underLease(r) {
		return nil
	}
	h := f.attempt.single(r)
	if h == nil || h.first || h.calls.readIn >= h.epoch {
		return nil
	}
	return violated(r, causeWorkedOnWhatItHadNotRead.Of(r.Call.String()), "%s was worked on unread: host %s took it over in epoch %d, and at %s asked %s to %s without having read how it stands",
		r.Key, r.Actor, h.epoch, moment(r.At), partnerOf(r.Call), toDo(r))
}

func checkRefusedStops(f *facts, r *Record) *Violation {
	if f.attempt == nil {
		return nil
	}
	h := f.attempt.find(r.Actor, r.Life)
	if h == nil || h.calls.overtaken == 0 {
		return nil
	}
	epoch := engine.Epoch(0)
	switch {
	case r.JournalOp != nil && r.JournalOp.Kind.Fenced():
		epoch = r.JournalOp.Epoch
	case !h.again && (r.Call == CallAgentCreate || r.Call == CallAgentStream || r.Call == CallAgentInterrupt || r.Call == CallAppCallback && r.Status.Terminal()):
		epoch = h.epoch
	}
	if epoch == 0 || epoch > h.calls.overtaken {
		return nil
	}
	return violated(r, causeWentOnUnderAnOvertakenEpoch.Of(r.Call.String()), "%s was worked on by a host that knew it had lost it: at %s host %s asked %s to %s in epoch %d, after the news that epoch %d is over",
		r.Key, moment(r.At), r.Actor, partnerOf(r.Call), toDo(r), epoch, h.calls.overtaken)
}
