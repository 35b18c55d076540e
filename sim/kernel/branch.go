package kernel

// noteBranch stands in the hash where a run leaves the one that its configuration decides.
var noteBranch = hashString("kernel.branch")

// Branch gives the run another future: from now on decisions, and the order of what happens at the same moment, are
// drawn from another seed. Overrides and the tape have decided the past and decide nothing any more. Occurrences go on
// counting, so a decision after the branch has the key that it would have had without.
//
// A run that is branched at a step of its own ([Kernel.RunTo]) is as deterministic as any other: configuration, step
// and seed decide it. Branched at one step with many seeds, it tells how much of what comes is settled by then.
func (k *Kernel) Branch(seed uint64) {
	k.config.Seed, k.config.Tape = seed, nil
	k.prioritySeed = prioritySeed(seed)
	applied := k.overrides.applied
	k.overrides.clear()
	k.overrides.applied = applied
	k.steered = false
	for _, a := range k.actors { //deterministic:allow each is changed by itself
		if a.run == k.run {
			a.base = mix64(seed ^ a.hash)
		}
	}
	k.hash = fold(k.hash, noteBranch, seed)
}

// prioritySeed is what decides the order of what happens at the same moment.
func prioritySeed(seed uint64) uint64 { return mix64(seed ^ hashString("kernel.priority")) }
