package sim_test

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/onceover/onceover/sim"
	"github.com/onceover/onceover/sim/generate"
)

// t stands for the *testing.T of a test.
var t = printing{}

// printing prints failures.
type printing struct{}

func (printing) Helper()                           {}
func (printing) Name() string                      { return "TestReviews" }
func (printing) Logf(string, ...any)               {}
func (printing) Errorf(format string, some ...any) { fmt.Printf(format+"\n", some...) }
func (printing) Fatalf(format string, some ...any) { fmt.Printf(format+"\n", some...) }

// Two hundred deployments, checked for the user-visible properties.
func ExampleCheck() {
	sim.Check(t, sim.Config{Seeds: 200, Properties: "outcome"})
	fmt.Println("checked")
	// Output: checked
}

// A property of single runs, which package rapid draws and shrinks.
func ExampleCheckSpec() {
	property := func(t *rapid.T) {
		drawn := generate.Runs().Draw(t, "run")
		sim.CheckSpec(t, sim.Config{NewWorld: drawn.NewWorld}, drawn.Spec())
	}
	rapid.MakeCheck(property) // in a test: rapid.Check(t, property)
	fmt.Println("checked")
	// Output: checked
}

// The fuzz target of a package: func FuzzSchedule(f *testing.F) { sim.Fuzz(f, sim.Config{}) }
func ExampleFuzz() {
	schedule := sim.NewSchedule([]byte{17, 0, 0, 0, 0, 0, 0, 0, 255})
	fmt.Println("seed", schedule.Seed)
	// Output: seed 17
}
