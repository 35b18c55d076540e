package bugs

import "context"

// A Fate is what becomes of one property of the engine with a bug.
type Fate struct {
	Property   string
	Seeds      uint64   // that were run with this property alone watched, from 1 on
	Violations uint64   // seeds that violated it
	Smallest   *Failure // of the first hundred, the one with the fewest faults, and then the fewest steps; nil: none
}

// SurveySeeds is how many seeds [Trials.FateOf] runs at most. A run that nothing ends early goes on until the bound of
// the quiet phase, and takes ten times as long as others.
const SurveySeeds = 200

// FateOf watches one property of a program alone, over as many seeds as a trial may take, and at most [SurveySeeds].
func (t *Trials) FateOf(ctx context.Context, program *Program, property string) (*Fate, error) {
	f, err := program.run(ctx, campaign{
		from: 1, seeds: min(t.MaxSeeds, SurveySeeds), profile: t.Profile, watched: []string{property}, parallel: t.Parallel,
	})
	if err != nil {
		return nil, err
	}
	fate := &Fate{Property: property, Seeds: f.Seeds, Violations: f.Violations}
	for i := range f.Failures {
		if fate.Smallest == nil || f.Failures[i].smaller(fate.Smallest) {
			fate.Smallest = &f.Failures[i]
		}
	}
	return fate, nil
}
