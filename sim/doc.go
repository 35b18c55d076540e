// Package sim is the front door of the simulator: simulated deployments as tests of Go.
//
//	func TestReviews(t *testing.T) {
//		sim.Check(t, sim.Config{Seeds: 5_000})
//	}
//
// [Check] runs seeds on all cores, within one test, and checks every run. A failure is minimised and reported as a
// short story, with the command that repeats it. It is kept under testdata and runs first from then on. Flags of go test go before what the test says:
//
//	go test -run TestReviews -sim.seeds 100000        more of them
//	go test -run TestReviews -sim.time 10m            as many as fit
//	go test -run TestReviews -sim.profile storm       heavier faults
//	go test -run TestReviews -sim.seed 17             one of them
//
// [Fuzz] hands the same runs to go test -fuzz, which changes the decisions of a run byte by byte and follows the
// coverage of the code under simulation. [CheckSpec] checks one run, for property tests: package
// [github.com/onceover/onceover/sim/generate] has generators of deployments, fault mixes and whole runs for
// pgregory.net/rapid.
//
// # What is simulated
//
// Without further ado it is this module's own engine, in the deployments of package
// [github.com/onceover/onceover/sim/world]. Any other code can be put in their place, with the same functions, flags
// and files: whatever runs on [github.com/onceover/onceover/sim/kernel] and says what its runs come to is a [World]
// ([Config].NewWorld). Package [github.com/onceover/onceover/sim/counter] is one of a hundred lines.
//
// # What lies behind it
//
// [github.com/onceover/onceover/sim/kernel] has coroutines, virtual time and decisions,
// [github.com/onceover/onceover/sim/world] the deployment, [github.com/onceover/onceover/sim/campaign] the seeds on
// all cores, and [github.com/onceover/onceover/sim/explain] the search for the smallest failing run and the words for it.
package sim
