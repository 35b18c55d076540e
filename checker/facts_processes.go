package checker

import (
	"slices"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
)

// runFacts are about the run as a whole.
type runFacts struct {
	phase      Phase
	phaseBegan time.Duration // when the phase began
	storms     int           // that have begun
	faults     int           // faults that have fired
	faultAt    time.Duration // when the latest one did
	// unattended: none of the replicas that have swept could sweep now. attendedAt is when that was last over.
	unattended bool
	attendedAt time.Duration
	// clockJumped: some clock went back, or far ahead, while it ran.
	clockJumped bool
}

func (f *runFacts) beginPhase(r *Record) {
	f.phase, f.phaseBegan = r.Phase, r.At
	if r.Phase == PhaseStorm {
		f.storms++
	}
}

func (f *runFacts) faultFired(r *Record) {
	f.faults++
	f.faultAt = r.At
	f.clockJumped = f.clockJumped || r.Fault == faults.ClockJump
}

// processFacts are about one process: an app replica, a worker host, or the database.
type processFacts struct {
	name    string
	number  int // in order of their first record
	life    int // from 1; 0: it has not started
	crashed bool
	paused  bool
	started time.Duration // when this life began
	resumed time.Duration // when its last pause began or ended; 0: it had none
	over    time.Duration // when its last life that is over ended
	faults  int           // faults that have fired at it
	faultAt time.Duration // when the latest one did
	// disturbedAt is when a fault has last fired at it that keeps a host from reading a stream that is open.
	disturbedAt time.Duration

	// Of this life: slow: the pauses that it has begun last long. halted: it was paused.
	slow, halted bool
	old          int // the latest life that ran an older configuration

	shutdown shutdownFacts // of this life
	rounds   roundsFacts   // of this life
	throttle throttleFacts // of this life
	sweeps   bool          // it has swept, in this life or before
	cycles   cycleFacts    // of this life
	// sightings are the heartbeats of other hosts that its latest renewal has shown it.
	sightings sightingList
	// learnedOver is the attempt that a worker's answer has just shown it to be over, learnedUnknown the one that the worker
	// has just answered not to know.
	learnedOver, learnedUnknown engine.AttemptKey
}

// begin makes the facts those of another process, and keeps their memory.
func (p *processFacts) begin(name string, number int) {
	*p = processFacts{name: name, number: number, cycles: p.cycles.empty(), sightings: p.sightings[:0]}
}

// bit stands for the process in a set.
func (p *processFacts) bit() uint64 {
	if p.name == "" {
		return 0
	}
	return 1 << (p.number % 64)
}

func (p *processFacts) start(r *Record) {
	p.life, p.crashed, p.paused, p.slow, p.halted = r.Life, false, false, false, false
	p.started, p.rounds, p.throttle = r.At, roundsStarted(r.At), throttleFacts{}
	p.shutdown.begin()
	p.learn(engine.AttemptKey{})
	p.sightings = p.sightings[:0]
	p.cycles = p.cycles.empty()
}

func (p *processFacts) crash(r *Record) {
	p.crashed, p.over = true, r.At
	p.cycles.forget()
}

// pause takes the beginning and the end of a pause.
func (p *processFacts) pause(r *Record) {
	p.paused, p.halted = r.Kind == ProcessPaused, true
	p.resumed = r.At
	p.cycles.forget()
}

func (p *processFacts) faultFired(r *Record) {
	p.faults++
	p.faultAt = r.At
	if keepsFromReading(r.Fault) {
		p.disturbedAt = r.At
	}
	p.shutdown.faultFired(r)
	switch r.Fault {
	case faults.ProcessSlow:
		p.slow = true
	case faults.ProcessOldConfig:
		p.old = p.life
	default: // no property asks for it
	}
	if r.Fault.Category() == faults.CategoryProcess {
		p.cycles.forget()
	}
}

// keepsFromReading reports whether a fault may keep a host from reading a stream that is open: it has to wait for the
// journal, or stands still itself.
func keepsFromReading(kind faults.Kind) bool {
	switch kind.Category() {
	case faults.CategoryJournal, faults.CategoryClock:
		return true
	case faults.CategoryProcess:
		return kind == faults.ProcessPause || kind == faults.ProcessSlow
	case faults.CategoryNetwork:
		return kind == faults.NetworkPartition || kind == faults.NetworkOneWay || kind == faults.NetworkStall
	default:
		return false
	}
}

// learn notes that an attempt is over, from the answer of a worker. The next call of the process forgets it.
func (p *processFacts) learn(attempt engine.AttemptKey) {
	p.learnedOver, p.learnedUnknown = attempt, engine.AttemptKey{}
}

// learnUnknown notes that a worker does not know an attempt. The next call of the process forgets it.
func (p *processFacts) learnUnknown(attempt engine.AttemptKey) { p.learnedUnknown = attempt }

// shutDown takes the beginning and the end of a graceful shutdown, with the faults that have fired in the run, and at
// the process or the database.
func (p *processFacts) shutDown(r *Record, inRun, around int) {
	if r.Kind == ShutdownBegan {
		p.shutdown.asked, p.shutdown.askedAt = true, r.At
		p.shutdown.faultsInRun, p.shutdown.faultsAround = inRun, around
		return
	}
	p.shutdown.ended, p.shutdown.endedAt = r.Error == NoFailure, r.At
	p.over = r.At
}

// shutdownFacts are about the graceful end of one life of a process.
type shutdownFacts struct {
	asked, ended     bool
	askedAt, endedAt time.Duration
	// When it was asked: how many faults had fired in the run, and how many at the process or the database.
	faultsInRun, faultsAround int
	// disturbedUntil is until when faults may keep the process busy for longer than a call takes.
	disturbedUntil time.Duration
}

// begin forgets the life before. What disturbed that may disturb the next one.
func (s *shutdownFacts) begin() { *s = shutdownFacts{disturbedUntil: s.disturbedUntil} }

// disturbedMax is how long a fault may disturb: a partition lasts 2 min, and what could not be written meanwhile is
// tried again after BackoffMax, 1 min, at the latest.
const disturbedMax = 3 * time.Minute

func (s *shutdownFacts) faultFired(r *Record) {
	lasts := r.Fault == faults.NetworkPartition || r.Fault == faults.NetworkOneWay || r.Fault == faults.NetworkStall ||
		r.Fault == faults.NetworkContent || r.Fault == faults.PreparationSlow
	switch r.Fault.Category() {
	case faults.CategoryJournal, faults.CategoryDatabase, faults.CategoryProcess:
		lasts = true
	default: // it is over with what it strikes
	}
	if lasts {
		s.disturbedUntil = r.At + disturbedMax
	}
}

// faultsAround is how many faults have fired at a process or at the database, which strike every process that uses it.
func (f *facts) faultsAround(name string) int {
	return f.process(name).faults + f.process("database").faults
}

// swept takes a sweep.
func (f *facts) swept(r *Record) {
	if p := f.openProcess(r.Actor); !p.sweeps {
		p.sweeps = true
		f.attend(r)
	}
}

// attend takes that a process has begun to sweep, or that its life has changed: whether any replica can sweep now.
func (f *facts) attend(r *Record) {
	able := slices.ContainsFunc(f.processes, func(p *processFacts) bool { return p.sweeps && p.isUp() })
	swept := able || slices.ContainsFunc(f.processes, func(p *processFacts) bool { return p.sweeps })
	if able && f.unattended {
		f.attendedAt = r.At
	}
	f.unattended = swept && !able
}

// livesOn reports whether a life of a process has gone on undisturbed.
func (f *facts) livesOn(name string, life int) bool {
	p := f.process(name)
	return p.life <= life && p.isUp()
}

// isUp reports whether the process does its work, and was not asked to end.
func (p *processFacts) isUp() bool { return !p.crashed && !p.paused && !p.shutdown.asked }
