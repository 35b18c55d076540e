// Package sim runs simulated systems in Go tests.
//
//	func TestReviews(t *testing.T) {
//		sim.Check(t, sim.Config{Seeds: 5_000})
//	}
//
// [Check] runs seeds on all cores, within one test, and checks every run. It minimises a failure and reports it as a
// short story, with the command that repeats it. It writes the failure to testdata, and runs it first from then on.
// Flags of go test override the configuration of the test:
//
//	go test -run TestReviews -sim.seeds 100000        more seeds
//	go test -run TestReviews -sim.time 10m            as many seeds as fit in the time
//	go test -run TestReviews -sim.profile storm       heavier faults
//	go test -run TestReviews -sim.html pages          a page of each failure
//	go test -run TestReviews -sim.seed 17             one seed
//
// [Fuzz] makes a fuzz target of the same runs: go test -fuzz changes the decisions of a run byte by byte, guided by the
// coverage of the code under simulation. [CheckSpec] checks one run, for property tests. Package
// [github.com/onceover/onceover/sim/generate] has generators of deployments, fault mixes and whole runs for
// pgregory.net/rapid.
//
// # What is simulated
//
// By default the tests simulate this module's own engine, in the deployments of package
// [github.com/onceover/onceover/sim/world]. They work in the same way for any other system: implement a [World] on
// package [github.com/onceover/onceover/sim/kernel] and pass it as [Config].NewWorld. Package
// [github.com/onceover/onceover/sim/counter] is an example of about a hundred lines.
//
// # The packages of the simulator
//
//   - [github.com/onceover/onceover/sim/kernel] has coroutines, virtual time and decisions.
//   - [github.com/onceover/onceover/sim/run] defines a run of any system.
//   - [github.com/onceover/onceover/sim/world] is the deployment of reviews.
//   - [github.com/onceover/onceover/sim/campaign] runs many seeds on all cores.
//   - [github.com/onceover/onceover/sim/explain] minimises a failing run and describes it.
package sim
