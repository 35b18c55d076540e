// Package explain finds out why a run fails: one call in, one [Failure] out, for any world.
//
// [Explain] takes a world and a specification whose run violates a property. As far as its [Options] ask for it, it
//
//   - makes the run small: the same failure with as few faults, as little work and as ordinary a timing as possible;
//   - chooses from the trace the few lines that it takes to understand the failure: its story;
//   - finds the point of no return, the step from which on every continuation fails in the same way;
//   - watches every message and state, for pictures.
//
// [Facts.Text] is the failure for people, [Failure.HTML] a page for readers who have never seen the code, [Failure.Trace]
// a trace for Perfetto, [Failure.Replay] its replay file, and [Facts] are its facts, for JSON. The package knows runs
// ([github.com/onceover/onceover/sim/run]) and no world.
//
// # Minimising
//
// The smallest run fails in the same way (by its signature: property and cause) and differs from the given one in its
// overrides alone. What is left is what the failure needs: each of [Facts].Necessary was taken away on its own, and
// then the failure was gone or another.
//
// Each decision of a run can be overridden by its key and leaves the others as they are, so taking something away is
// running the same seed again with one more override. The world names the classes of decisions that can be made calm
// ([run.Vocabulary].Simplifications). For each class the search makes all decisions calm with one override, and then
// looks for the smallest set of decisions that have to be kept as they were, by delta debugging: Zeller and
// Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE Transactions on Software Engineering 28(2),
// 2002. So the result says what is there, not what is not, and a run that takes another way than before meets no new
// fault on it.
//
// A run in which something is stuck lasts until that is certain, and takes a hundred times as long as others. So the
// smallest deployment and the least work are tried first where runs are long. Then come all faults together, of every
// kind, since most failures need one or two of dozens. After that it is class by class: faults, then workload,
// then timing; what can't be calm becomes smaller by bisection. This is repeated until nothing changes, since a failure
// with less to do may also need fewer faults. At last the overrides that make no difference are dropped, and each fault
// that is left is taken away once more from the result.
//
// The budget is counted in steps of the kernel and not in seconds, so that the specification alone decides the result.
// A fifth of it is kept for the last check. A context ends the search early, with the smallest run so far.
//
// # The story
//
// The violation says which subjects matter: those that it involves, and all those of a group that it involves. Lines
// about other subjects are left out. Lines about none count if their actor does something about one of these. Of what
// is left, the lightest lines ([run.Weight]) go first until the story fits on a screen. Misfortunes are always shown,
// and so is the step that violates the property. What repeats itself is shown once with a count, a fault together with
// its effect. A trace that names no subject at all is shown whole.
//
// # The point of no return
//
// A trace shows what happened, not when it was too late. So the run is kept up to some step and given many other
// continuations from there ([run.Branch]); the share of them that fail in the same way, over the steps, is a [Curve].
// It begins at how likely the failure is anyway, ends at one, and jumps where something happened that mattered.
//
// There are two kinds of continuations. In stormy ones faults are injected as the profile says, drawn anew. In calm
// ones no fault begins any more, and all processes come up: they answer the sharper question, whether it was too late
// even if nothing more had gone wrong. A failure that needs another fault has a calm curve that stays low until that
// fault; one that another fault might still have hidden has a stormy curve that stays below one.
//
// Moments are chosen evenly over the steps first. The pair of neighbours between which the curve rises over the
// threshold for good is then halved until they are neighbouring steps. Each share comes with its Wilson score interval
// (Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the American Statistical
// Association 22, 1927), which is right for few continuations and for shares of 0 and 1 too. The same continuations, by
// their seeds, are tried at every step, so that neighbouring steps differ by what happened between them and not by
// luck.
//
// # The page
//
// The page begins with the verdict, and leads from the cause over the point of no return to the effect. Story and timeline
// stand side by side and are linked in both directions; in a narrow window the timeline is a sequence diagram. It opens at
// the violation. What is repeated is drawn once with a count, and what is about nobody is hidden until it is asked for. In
// grey there is the same seed without the fault that decided it, or another run to compare with ([HTML], [Compare]). The
// history of the store, if the world is a [run.Historian], says whether the fault lies above the store.
//
// The page is complete in itself. It loads nothing, works from a file, follows the reader's light or dark mode, fits a
// phone, prints, and can be read without its script except for the timeline. Texts of a run may hold anything: they are
// escaped, and the page's Content-Security-Policy allows its own script by its hash, no other, and no network. The script
// is plain JavaScript in small files under assets, joined into one.
package explain
