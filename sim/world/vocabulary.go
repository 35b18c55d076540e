package world

import (
	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/run"
)

// The parties of a picture that are no processes of their own name.
const laneClients = "clients"

// The routes of messages, which pictures draw in different colours.
const (
	routeClient   = "client"
	routeDispatch = "dispatch"
	routeCallback = "callback"
	routeAgent    = "agent"
	routeStore    = "store"
)

// The counters of a result, by name.
var (
	faultCounters = func() *run.Names {
		var names []string
		for _, entry := range faults.Catalogue() {
			names = append(names, entry.Kind.String())
		}
		return run.NewNames(names...)
	}()
	goalCounters = func() *run.Names {
		var names []string
		for _, goal := range checker.Goals() {
			names = append(names, goal.String())
		}
		return run.NewNames(names...)
	}()
	sizeCounters = run.NewNames("reviews", "owners", "processes", "events")
)

// CountFaults returns counts of faults under their names.
func CountFaults(counts *faults.Counts) run.Counts { return run.NewCounts(faultCounters, counts[:]...) }

// CountGoals returns counts of coverage goals under their names.
func CountGoals(counts *checker.GoalCounts) run.Counts {
	values := make([]uint64, len(counts))
	for goal, n := range counts {
		values[goal] = uint64(n)
	}
	return run.NewCounts(goalCounters, values...)
}

// Vocabulary implements [run.Describer]. It is the same for all worlds of this package.
func (w *Deployment) Vocabulary() *run.Vocabulary { return Vocabulary() }

// Vocabulary returns what a deployment of reviews calls things. The caller does not change it.
func Vocabulary() *run.Vocabulary { return vocabulary }

var vocabulary *run.Vocabulary

// The vocabulary is made here and not where it is declared: variables of every file declare decisions when they are
// initialised, and it lists them all.
func init() { vocabulary = newVocabulary() }

func newVocabulary() *run.Vocabulary {
	v := &run.Vocabulary{
		Subject: "review", Select: checker.Select, Simplifications: simplifications(),
		Inputs: inputTerms,
		Tracks: []run.Term{
			{Name: trackStatus, Sentence: "what the app knows of the review"},
			{Name: trackLease, Sentence: "which host may run it"},
			{Name: trackSession, Sentence: "what the agent executes"},
		},
		Routes: []run.Term{
			{Name: routeClient, Sentence: "client"}, {Name: routeDispatch, Sentence: "app to worker"},
			{Name: routeCallback, Sentence: "callback"}, {Name: routeAgent, Sentence: "agent"},
			{Name: routeStore, Sentence: "database, journal"},
		},
	}
	for _, profile := range faults.Profiles() {
		v.Profiles = append(v.Profiles, run.Term{Name: profile.Name, Sentence: profile.Sentence})
	}
	for _, goal := range checker.Goals() {
		v.Goals = append(v.Goals, run.Term{Name: goal.String(), Sentence: goal.Sentence()})
	}
	for _, property := range checker.Properties() {
		v.Properties = append(v.Properties, run.Term{Name: property.ID, Sentence: property.Sentence})
	}
	v.Actors = append(v.Actors, laneClients)
	for _, role := range []struct {
		role    role
		service string
	}{{roleApp, partyDatabase}, {roleWorker, partyJournal}} {
		v.Actors = append(v.Actors, nodeNames[role.role][:]...)
		v.Actors = append(v.Actors, role.service)
	}
	v.Actors = append(v.Actors, partyAgent)
	return v
}
