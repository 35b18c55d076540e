package campaign

import (
	"cmp"
	"slices"
	"time"

	"github.com/onceover/onceover/sim/run"
)

// A Summary is what a campaign came to. All but Wall, Workers and Interrupted is decided by the seeds that were done.
type Summary struct {
	Profile string
	// Properties are those that were watched; empty for all.
	Properties []string
	From       uint64 // first seed
	Seeds      uint64 // done: From and those that follow it, without gaps
	// Interrupted tells that the context ended before all seeds were done.
	Interrupted bool
	Workers     int           // that ran at the same time
	Wall        time.Duration // time it took on the wall clock

	Steps      uint64 // events that the kernels carried out
	Operations uint64 // store and journal operations and remote calls carried out
	// VirtualMicroseconds is the virtual time simulated. A [time.Duration] would overflow after 292 years, and
	// floating point sums depend on the order of their terms.
	VirtualMicroseconds uint64
	Faults              run.Counts // that were injected
	Goals               run.Counts // that were reached
	Size                run.Counts // how much there was to do

	Violations uint64 // runs in which a property was violated
	Unknown    uint64 // runs of which a check gave up
	// Failures are the violated runs with the lowest seeds, at most [FailuresMax], in order.
	Failures []run.Result
	// Signatures are the different failures, each once, in the order of the seeds that first show them; at most
	// [FailuresMax].
	Signatures []Signature
	// Unknowns are the runs of unknown verdict with the lowest seeds, at most [FailuresMax], in order.
	Unknowns []run.Result

	// TraceHash stands for every step of every run: see [Combine].
	TraceHash uint64

	failures, unknowns kept
	signatures         signatures
}

// A Signature is one way to fail, by [run.Violation.Signature].
type Signature struct {
	First run.Result // the run with the lowest seed
	Runs  uint64     // how many failed this way
}

// Verdict is the worst verdict of all runs.
func (s *Summary) Verdict() run.Verdict {
	verdict := run.Pass
	if s.Unknown > 0 {
		verdict = verdict.Worse(run.Unknown)
	}
	if s.Violations > 0 {
		verdict = verdict.Worse(run.Violated)
	}
	return verdict
}

// VirtualSeconds returns the virtual time simulated, in seconds.
func (s *Summary) VirtualSeconds() float64 { return float64(s.VirtualMicroseconds) / 1e6 }

// StepsPerSecond returns the rate of steps of all workers together, on the wall clock.
func (s *Summary) StepsPerSecond() float64 { return perSecond(s.Steps, s.Wall) }

// OperationsPerSecond returns the rate of operations of all workers together, on the wall clock.
func (s *Summary) OperationsPerSecond() float64 { return perSecond(s.Operations, s.Wall) }

// SeedsPerMinute returns the rate of runs of all workers together, on the wall clock.
func (s *Summary) SeedsPerMinute() float64 { return 60 * perSecond(s.Seeds, s.Wall) }

func perSecond(n uint64, wall time.Duration) float64 {
	if wall <= 0 {
		return 0
	}
	return float64(n) / wall.Seconds()
}

// numbered is a run with its place in the campaign. Places order what seeds cannot once they wrap around.
type numbered struct {
	index  uint64
	result run.Result
}

// kept holds the runs with the lowest places.
type kept []numbered

// add keeps one more run of a worker, and tells whether it did: a worker gets its seeds in ascending order, so the
// first are the lowest.
func (k *kept) add(one numbered) bool {
	if len(*k) == FailuresMax {
		return false
	}
	*k = append(*k, one)
	return true
}

// results returns the lowest of all that workers have kept, in order. No worker has dropped one of them: it would
// have had to keep FailuresMax lower ones.
func (k kept) results() []run.Result {
	slices.SortFunc(k, func(a, b numbered) int { return cmp.Compare(a.index, b.index) })
	results := make([]run.Result, 0, min(len(k), FailuresMax))
	for _, one := range k[:min(len(k), FailuresMax)] {
		results = append(results, one.result)
	}
	return results
}

// signatures counts failures by signature, and keeps the first of each. There are few: a signature names a property
// and a class of causes, never a review or a time.
type signatures map[string]*signed

type signed struct {
	first numbered
	runs  uint64
}

func (s signatures) add(signature string, first numbered, runs uint64) {
	known := s[signature]
	if known == nil {
		s[signature] = &signed{first: first, runs: runs}
		return
	}
	known.runs += runs
	if first.index < known.first.index {
		known.first = first
	}
}

// count adds one run, and tells whether it is a failure to be kept.
func (s *Summary) count(index uint64, result run.Result) bool {
	s.Seeds++
	s.Steps += result.Steps
	s.Operations += result.Operations
	s.VirtualMicroseconds += uint64(result.Virtual / time.Microsecond)
	s.Faults.Merge(result.Faults)
	s.Goals.Merge(result.Goals)
	s.Size.Merge(result.Size)
	s.TraceHash += Combine(s.From+index, result.Hash)
	one := numbered{index, result}
	switch result.Verdict {
	case run.Violated:
		s.Violations++
		s.signatures.add(result.Violation.Signature(), one, 1)
		return s.failures.add(one)
	case run.Unknown:
		s.Unknown++
		s.unknowns.add(one)
	case run.Pass, run.NotDeterministic:
	}
	return false
}

// merge adds what a worker has counted.
func (s *Summary) merge(o *Summary) {
	s.Seeds += o.Seeds
	s.Steps += o.Steps
	s.Operations += o.Operations
	s.VirtualMicroseconds += o.VirtualMicroseconds
	s.Faults.Merge(o.Faults)
	s.Goals.Merge(o.Goals)
	s.Size.Merge(o.Size)
	s.Violations += o.Violations
	s.Unknown += o.Unknown
	s.TraceHash += o.TraceHash
	s.failures = append(s.failures, o.failures...)
	s.unknowns = append(s.unknowns, o.unknowns...)
	for signature, known := range o.signatures {
		s.signatures.add(signature, known.first, known.runs)
	}
}

// finish orders what the workers have kept.
func (s *Summary) finish() {
	s.Failures, s.Unknowns = s.failures.results(), s.unknowns.results()
	different := make([]*signed, 0, len(s.signatures))
	for _, known := range s.signatures {
		different = append(different, known)
	}
	slices.SortFunc(different, func(a, b *signed) int { return cmp.Compare(a.first.index, b.first.index) })
	for _, known := range different[:min(len(different), FailuresMax)] {
		s.Signatures = append(s.Signatures, Signature{First: known.first.result, Runs: known.runs})
	}
	s.failures, s.unknowns, s.signatures = nil, nil, nil
}

// Combine returns what one run contributes to the trace hash of its campaign, which is the sum of all contributions
// modulo 2^64.
//
// A sum does not depend on the order of its terms or on how they are grouped, so neither the number of workers nor
// who finishes first can be seen in it, and no worker waits for another. That a sum is as good as a hash that reads
// the runs in order follows from the terms:
//
//   - The seed is mixed in, so runs that swap their hashes change the sum; with the bare hashes they would not.
//   - For a given seed the contribution is a bijection of the hash, so a campaign in which one run has changed
//     always has another sum.
//   - Where several have changed, the differences are those of unrelated 64-bit numbers and cancel out with a
//     probability of 2^-64. Exclusive or would do as well here; addition also notices a seed that ran twice.
//
// It protects against accidents, not against people: whoever chooses the hashes can aim at a sum.
func Combine(seed, hash uint64) uint64 {
	return mix(mix(seed+0x9e3779b97f4a7c15) ^ hash)
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA
// 2014): a bijection in which each input bit flips each output bit with a probability of one half.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
