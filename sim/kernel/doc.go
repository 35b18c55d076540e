// Package kernel runs concurrent, timed code that may crash, deterministically: a seed decides the whole run. The same
// seed gives the same run on every machine. The package does not know what is simulated; its example is a lock server.
//
// # The story
//
// A [Kernel] made by [New] runs one world at a time. [Kernel.Reset] takes a [Config]: the seed, and what differs from
// what the seed decides. Then the caller builds a world of processes, and [Kernel.Run] runs it up to a moment of
// virtual time. Afterwards [Kernel.Hash] identifies the run: equal runs have equal hashes. A kernel is reused for many
// runs without new allocations, and many kernels run side by side on all cores.
//
// Virtual time jumps from event to event; no code waits. [Kernel.Schedule] and [Kernel.After] schedule an [Event] at a
// [Point] and return a [Timer]. All times are whole microseconds, as in databases, and durations are rounded up. Events
// at the same moment happen in an order drawn from the seed, so that code that relies on one order fails.
//
// A [Process] made by [Kernel.NewProcess] has tasks and a clock, and can crash and restart. A task ([Process.Go],
// [Kernel.Spawn]) is a plain sequential function that blocks in [Process.Sleep], in a [Signal] or in a [Completion].
// Tasks run on coroutines, one at a time, from one blocking call to the next. Between two blocking calls nothing else
// happens. A [Mutex] is therefore never contended, and panics when a critical section blocks. Contexts
// ([Process.WithTimeout], [Process.WithCancel]) use virtual time too.
//
// A process can crash at any moment ([Process.Crash]) and at any switch to one of its tasks
// ([Process.CrashAfterSwitches]). Its tasks unwind and its memory is lost; what it has sent still arrives.
// [Process.Restart] starts it again. [Process.Pause] and [Process.Resume] make it a zombie for a while,
// [Process.SetSlowdown] makes it slow, and [Process.SetSkew] sets its clock wrong.
//
// # Decisions
//
// Every choice is a decision of an [Actor] at a [Point]. It is a function of the seed, the actor, the point and the
// occurrence, which counts the earlier decisions of this actor at this point, and of nothing else. [Kernel.Draw] draws
// it; [Kernel.Chance], [Kernel.Pick], [Kernel.Between] and [Kernel.Latency] build on Draw. So a decision keeps its
// value when unrelated code changes, and its [Key] identifies it. An [Override] replaces one decision, or a class of
// them.
//
// Value 0 is always the calm choice, so a minimiser removes faults by overriding decisions with 0. [Config].Tape lets a
// fuzzer or a property test decide, and Kernel.OnDecision receives every decision. [Kernel.RunTo] and [Kernel.Branch]
// give a run a different future from some step on.
//
// # Observing a run
//
// [Kernel.Hash] covers each step: its time, its point, its process and task. [Kernel.Note] adds data to it.
// [Config].Trace receives the same as readable lines ([TraceEvent]), and the texts of [Kernel.Tracef]; when it is nil,
// tracing costs nothing. A tag ([Kernel.SetTag], [Kernel.SpawnTagged]) passes from task to task and from task to event.
// It shows for which request something happens.
//
// # Pitfalls
//
//   - Waiting outside the kernel breaks determinism or blocks for ever: goroutines, channels, and locks held across a
//     blocking call. So do the wall clock, the global random generator and the order of a map.
//   - [context.AfterFunc] runs its function on a goroutine. The kernel cancels its own contexts without one, and the
//     children that [context.WithCancel] makes directly from them. But a child of a [context.WithValue] of them waits
//     on a goroutine. Derive contexts with the methods of the process. A blocking call panics on a context that the
//     kernel does not know.
//   - The root context of a process never ends, because a crash kills tasks instead of cancelling them. Its Done is
//     nil.
//   - Code that recovers from every panic also recovers from the one that unwinds a killed task. Its next blocking call
//     panics again. A loop that recovers for ever fails the run.
//   - The deferred calls of a killed task run, but have no effect on the simulation: blocking calls panic, other calls
//     do nothing, draws are 0. They still write to Go memory, which services outside of processes may share. Such
//     services must check [Kernel.Unwinding], or act only in events.
//   - An event fires on the goroutine of the task that blocked last. It must not depend on that, for example through a
//     stack trace. A task that is killed by an event on its own goroutine unwinds after the event; all others unwind
//     inside Crash.
//   - Reset invalidates what the last run returned: processes, actors, contexts, completions. A [Timer] or a cancel
//     function of an earlier run does nothing.
//   - Points are made in package-level variables, never while a kernel runs: see [NewPoint].
//   - Golden hashes and replay files depend on what the package hashes and draws. To change that is to change a format.
//
// # How tasks switch
//
// A switch costs about half a round trip of [iter.Pull], on which tasks are built. The task that blocks finds the next
// task itself and switches to it directly. When it is the next one itself, or only events come between, there is no
// switch at all. See the type coroutine.
package kernel
