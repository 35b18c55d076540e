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
		Inputs: inputTerms, Glossary: glossary,
		Tracks: []run.Term{
			{Name: trackStatus, Sentence: "what the app knows of the review"},
			{Name: trackClaim, Sentence: "which app replica may dispatch it"},
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
	for _, entry := range faults.Catalogue() {
		v.Faults = append(v.Faults, run.Term{Name: entry.Kind.String(), Sentence: entry.Sentence})
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

// glossary explains the words that lines, states and violations of reviews use, for readers who have never seen the
// code.
var glossary = []run.Term{
	{Name: "app", Sentence: "The service with the database of reviews: it takes them from clients, claims them and dispatches them. app-1 and app-2 are replicas of it."},
	{Name: "worker", Sentence: "The service that runs reviews: worker-1 and worker-2 are hosts of it. A host runs any number of reviews."},
	{Name: "agent", Sentence: "The service outside that does the reviewing."},
	{Name: "session", Sentence: "One execution by the agent. It costs money, so an attempt must not have two."},
	{Name: "attempt", Sentence: "One execution that the user may see: R3/1 is attempt 1 of review R3. A retry or a retrigger is a new attempt."},
	{Name: "owner", Sentence: "The user or organisation that a review belongs to. A limited number of its reviews are active at once."},
	{Name: "slot", Sentence: "One of the places that an owner has for active reviews."},
	{Name: "pending", Sentence: "The review waits to be claimed."},
	{Name: "queued", Sentence: "The review is claimed, and the app does not know yet that it runs."},
	{Name: "running", Sentence: "A worker has reported that it runs."},
	{Name: "claim", Sentence: "The exclusive right of one app replica to dispatch a review. Its number is a fence: what comes under an older number is refused."},
	{Name: "stale", Sentence: "Too old to be trusted. A stale claim may be abandoned, or alive with its answer lost: nobody may assume which."},
	{Name: "dispatch", Sentence: "The call with which the app hands a review to a worker."},
	{Name: "callback", Sentence: "The call with which a worker reports a status to the app. It may fail, be late, or arrive twice."},
	{Name: "journal", Sentence: "The worker's own durable storage, apart from the app's database."},
	{Name: "lease", Sentence: "The right of one worker host to run an attempt now. It expires unless it is renewed by heartbeats."},
	{Name: "epoch", Sentence: "The number of a lease. The next holder has a higher one, and writes with a lower one are refused."},
	{Name: "intend", Sentence: "The worker records in its journal that it is about to start a session, so that it finds the session again after a crash."},
	{Name: "outbox", Sentence: "Reports that the worker owes the app, kept in the journal until they are answered."},
	{Name: "sweep", Sentence: "The periodic search for work that no message will bring: pending reviews, stale claims, silent runs."},
	{Name: "reserve", Sentence: "The app looks for reviews of an owner that it may claim: due ones and stale claims."},
	{Name: "storm", Sentence: "The first phase of a run, in which faults are injected."},
	{Name: "heal", Sentence: "The second phase: faults stop, and processes that crashed come back, or only some of them."},
	{Name: "quiet", Sentence: "The last phase, without faults. By its end every review has to be finished."},
	{Name: "retrigger", Sentence: "A client asks for another attempt at a review that is over."},
	{Name: "superseded", Sentence: "A newer head of the same pull request has taken the review's place."},
}
