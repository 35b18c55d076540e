// Package inevitable finds the step of a failing run at which its failure became inevitable.
//
// A trace tells what happened, not when it was too late. [Find] does: it keeps the run up to some step, gives it many
// other futures from there on ([run.Branch]: everything that is decided later is decided anew), and counts how many of
// them fail in the same way. Done at many steps, that is a curve of the probability of failure over the run. It
// begins at how likely the failure is anyway, ends at one, and jumps where something happened that mattered.
//
// # Two futures
//
// In one kind of future the storm goes on: faults strike as the profile says, drawn anew. In the other it is calm: no
// fault begins any more, and all processes come up. The calm one answers the sharper question, whether it was already
// too late even if nothing more had gone wrong. A failure that needs another fault has a calm curve that stays low
// until that fault; one that another fault might still have covered up has a stormy curve that stays below one.
//
// # The jump
//
// [Curve].Jump is the first step from which on at least [Threshold] of the futures fail, at that step and at all later
// ones that were looked at. Moments are chosen evenly over the steps first; the pair of neighbours between which the
// curve rises over the threshold for good is then halved until they are neighbouring steps. Each share comes with its
// Wilson score interval (Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the
// American Statistical Association 22, 1927), which is right for few futures and for shares of 0 and 1 too.
//
// The same futures, by their seeds, are tried at every step, so that neighbouring steps differ by what happened between
// them and not by luck. Everything follows from the specification: the same one gives the same curve.
package inevitable
