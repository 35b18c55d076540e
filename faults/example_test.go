package faults_test

import (
	"fmt"

	"github.com/onceover/onceover/faults"
)

// Catalogue, profile, mix, counts: from what may happen to what did, for one seed.
func Example() {
	// A pure function of the seed and the decision's names. The simulator's decision tape is one; this will do here.
	const seed = 2026
	bits := func(names ...string) uint64 {
		x := uint64(seed)
		for _, name := range names {
			for _, c := range []byte(name + "/") {
				x = (x ^ uint64(c)) * 0x9e3779b97f4a7c15
				x ^= x >> 29
			}
		}
		return x
	}

	profile, err := faults.Named("network")
	if err != nil {
		fmt.Println(err)
		return
	}
	mix := profile.Draw(func(k faults.Kind, d faults.Decision) uint64 { return bits(k.String(), string(d)) })
	fmt.Println(profile.Sentence)
	for _, k := range mix.Enabled() {
		fmt.Println(" ", k, mix.Rate(k), faults.Lookup(k).Unit)
	}

	var counts faults.Counts
	for request := range 500 {
		if mix.Fires(faults.NetworkAnswerLost, bits("app-1", "dispatch", fmt.Sprint(request))) {
			counts[faults.NetworkAnswerLost]++
		}
	}
	fmt.Println(counts[faults.NetworkAnswerLost], "answers lost")
	// Output:
	// most kinds of category network, and nothing else
	//   network.answer-lost 0.03815 per call
	//   network.delay 0.03658 per call
	//   network.duplicate 0.01793 per call
	//   network.reset 0.00544 per call
	//   network.stall 0.44987 per process
	//   network.content 0.59046 per run
	//   network.hang-up 0.00776 per call
	//   network.gateway 0.0413 per call
	// 20 answers lost
}

func ExampleLookup() {
	entry := faults.Lookup(faults.DatabaseLostAfterCommit)
	fmt.Println(entry.Kind)
	fmt.Println("does:    ", entry.Sentence)
	fmt.Println("may:     ", entry.May)
	fmt.Println("may not: ", entry.MayNot)
	fmt.Println("effect:  ", entry.Effect)
	fmt.Println("rate:    ", entry.Rates.Low, "to", entry.Rates.High, entry.Unit)
	// Output:
	// database.lost-after-commit
	// does:     The transaction is committed; the connection is lost before the answer.
	// may:      Leave the caller in doubt about a write that everybody else can already see and act on.
	// may not:  Commit in part, or take the commit back.
	// effect:   ambiguous
	// rate:     0.002 to 0.05 per call
}

// A test of one fault makes a mix of its own.
func ExampleMix_Set() {
	var mix faults.Mix
	if err := mix.Set(faults.AgentCut, 1); err != nil {
		fmt.Println(err)
	}
	fmt.Println(mix.Fires(faults.AgentCut, 1), mix.Fires(faults.AgentCut, 0))
	fmt.Println(mix.Set(faults.AgentHang, 2))
	fmt.Println(mix)
	// Output:
	// true false
	// rate of agent.hang is 2: allowed is 0 (off) to 1 (each time)
	// agent.cut 1
}

func ExampleNamed() {
	_, err := faults.Named("stormy")
	fmt.Println(err)
	// Output:
	// unknown fault profile "stormy": allowed are calm, default, storm, http, process, network, database, journal, worker, callback, agent, preparation, clock
}
