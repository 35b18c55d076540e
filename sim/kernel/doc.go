// Package kernel runs code that is timed, concurrent and crashes, deterministically: one number decides a whole run,
// and the same number gives the same run, always and everywhere. It knows nothing of what is simulated; the example
// is a lock server.
//
// # The story
//
// A [Kernel] made by [New] runs one world at a time. [Kernel.Reset] takes a [Config] (the seed, and what is to differ
// from it), the caller builds a world, and [Kernel.Run] lets it live until a moment of virtual time. Afterwards
// [Kernel.Hash] stands for everything that happened: two runs with one hash are one run. Kernels are used again
// without allocating anew, and run side by side on all cores.
//
// Virtual time moves from event to event; nobody waits. An [Event] is put on the axis by [Kernel.Schedule] or
// [Kernel.After] under a [Point], and comes back as a [Timer]. All times are whole microseconds, spans being rounded up,
// because databases keep microseconds. Events of the same moment happen in an order that the seed draws, because
// nobody may rely on one.
//
// A [Process] made by [Kernel.NewProcess] has tasks, a clock and a life. Tasks ([Process.Go], [Kernel.Spawn]) are plain
// sequential functions that block in [Process.Sleep], in a [Signal] or in a [Completion], and run on coroutines: one at
// a time, from one blocking call to the next, so that between two of these nothing else happens. A [Mutex] is
// therefore never contended, and says so when a critical section blocks. Contexts ([Process.WithTimeout],
// [Process.WithCancel]) live on virtual time too.
//
// A process can be crashed at any moment ([Process.Crash], and [Process.CrashAfterSwitches] for "at any switch"):
// its tasks unwind, its memory is gone, what it had sent is on its way. It can be restarted, paused and resumed as a
// zombie, slowed down, and its clock can be wrong: [Process.Restart], [Process.Pause], [Process.Resume],
// [Process.SetSlowdown], [Process.SetSkew].
//
// # Decisions
//
// Every choice is asked for by an [Actor] at a [Point], and is a function of (seed, actor, point, occurrence) and
// of nothing else: [Kernel.Draw], and on top of it [Kernel.Chance], [Kernel.Pick], [Kernel.Between] and
// [Kernel.Latency]. So a decision keeps its value when unrelated code changes, and a [Key] names it for good: an
// [Override] replaces it and no other, or a whole class of decisions. Value 0 is always the calm choice, so a minimiser that overrides decisions with
// 0 one after the other takes misfortunes away. [Config].Tape hands decisions to a fuzzer or a property test;
// Kernel.OnDecision watches them. [Kernel.RunTo] and [Kernel.Branch] give a run another future from some step on.
//
// # What is seen
//
// [Kernel.Hash] covers each step: its time, its point, its process and task. [Kernel.Note] adds data to it.
// [Config].Trace receives the same as readable lines ([TraceEvent]), with texts of [Kernel.Tracef], at no cost when
// nobody reads. A tag ([Kernel.SetTag], [Kernel.SpawnTagged]) follows from task to task and from task to event, and
// tells on whose behalf something happens.
//
// # Pits
//
//   - Whatever waits outside the kernel breaks determinism or blocks for ever: goroutines, channels, locks held across a
//     blocking call, the wall clock, the global random generator, the order of a map.
//   - [context.AfterFunc] runs its function on a goroutine. The kernel's contexts are cancelled without one, and
//     so are children that [context.WithCancel] makes directly from them; but a child made from a [context.WithValue]
//     of them waits on a goroutine. Derive contexts with the process's methods. A blocking call that gets a context
//     that the kernel does not know of panics and says so.
//   - The root context of a process never ends, since a crash kills tasks instead of asking them: its Done is nil.
//   - Code that recovers from every panic also recovers from the one that unwinds a killed task. It meets it again at
//     its next blocking call; a loop that never ends on it fails the run.
//   - Deferred code of a killed task runs, but reaches nothing: blocking calls panic, the others do nothing, draws are
//     0. It still writes to Go memory, which services that live outside of processes may share: they ask
//     [Kernel.Unwinding], or act in events only.
//   - An event fires on the goroutine of whichever task has blocked last. Whether that shows, for example in a stack
//     trace, must not matter to it. A task that is killed by the very event that fires there unwinds after the event;
//     all others unwind inside Crash.
//   - Reset invalidates what the last run has handed out: processes, actors, contexts, completions. A [Timer] or a
//     cancel function of an earlier run does nothing.
//   - Operations are made in package-level variables, never while kernels run: see [NewPoint].
//   - Golden hashes and replay files depend on what the package folds and draws. A change there is a change of format.
//
// # How switches are made
//
// A switch costs about half a round trip of [iter.Pull], on which tasks are built, since the task that blocks finds the
// next one itself and hands over to it directly; when it is itself the next one, or only events come between,
// there is no switch at all. See the type coroutine.
package kernel
