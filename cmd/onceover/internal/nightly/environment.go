package nightly

import (
	"fmt"
	"strconv"
	"strings"
)

// RunMax is the largest number of a run: JSON numbers are exact up to there, for jq and JavaScript too.
const RunMax = 1<<53 - 1

// A RunVariable is by which environment variable a service tells a job the number of its run.
type RunVariable struct {
	Service string
	Name    string
}

// Runs are the variables that [RunOf] looks at, the first that is set counts.
func Runs() []RunVariable {
	return []RunVariable{
		{"GitHub Actions", "GITHUB_RUN_NUMBER"},
		{"GitLab", "CI_PIPELINE_IID"},
		{"Buildkite", "BUILDKITE_BUILD_NUMBER"},
		{"CircleCI", "CIRCLE_BUILD_NUM"},
		{"Bitbucket", "BITBUCKET_BUILD_NUMBER"},
		{"Azure Pipelines", "BUILD_BUILDID"},
		{"Jenkins", "BUILD_NUMBER"},
	}
}

// RunOf returns the number of the run that an environment tells of, such as [os.Getenv]. Errors name the variable, and
// what is allowed.
func RunOf(getenv func(string) string) (uint64, error) {
	var names []string
	for _, variable := range Runs() {
		text := getenv(variable.Name)
		if text == "" {
			names = append(names, variable.Name)
			continue
		}
		run, err := ParseRun(text)
		if err != nil {
			return 0, fmt.Errorf("%s (%s): %w", variable.Name, variable.Service, err)
		}
		return run, nil
	}
	return 0, fmt.Errorf("the number of the run is not known, and the seeds follow from it: give --run N, or set one of %s", strings.Join(names, ", "))
}

// ParseRun reads the number of a run. The error says what was given and what is allowed.
func ParseRun(text string) (uint64, error) {
	run, err := strconv.ParseUint(text, 10, 64)
	if err != nil || run > RunMax {
		return 0, fmt.Errorf("%q is no number of a run: allowed are whole numbers from 0 to %d", text, uint64(RunMax))
	}
	return run, nil
}

// A ShardVariable is by which environment variables a service tells a job its shard.
type ShardVariable struct {
	Service string
	Index   string
	First   int // index of the first shard: 0 or 1
	Of      string
}

// Shards are the variables that [ShardOf] looks at; the first whose index is set counts.
func Shards() []ShardVariable {
	return []ShardVariable{
		// Kubernetes tells a pod of an Indexed Job its index alone; the other stands in the manifest, beside completions.
		{"Kubernetes", "JOB_COMPLETION_INDEX", 0, "JOB_COMPLETIONS"},
		{"GitLab", "CI_NODE_INDEX", 1, "CI_NODE_TOTAL"},
		{"CircleCI", "CIRCLE_NODE_INDEX", 0, "CIRCLE_NODE_TOTAL"},
		{"Buildkite", "BUILDKITE_PARALLEL_JOB", 0, "BUILDKITE_PARALLEL_JOB_COUNT"},
		{"Bitbucket", "BITBUCKET_PARALLEL_STEP", 0, "BITBUCKET_PARALLEL_STEP_COUNT"},
		{"Semaphore", "SEMAPHORE_JOB_INDEX", 1, "SEMAPHORE_JOB_COUNT"},
		{"Azure Pipelines", "SYSTEM_JOBPOSITIONINPHASE", 1, "SYSTEM_TOTALJOBSINPHASE"},
	}
}

// ShardOf returns the shard that an environment tells of, such as [os.Getenv]; [Whole] if it tells of none. Where it
// tells which shard but not of how many, that is shards, unless 0. Errors name the variables, and what is allowed.
func ShardOf(getenv func(string) string, shards int) (Shard, error) {
	for _, variable := range Shards() {
		index, of := getenv(variable.Index), getenv(variable.Of)
		if index == "" {
			continue
		}
		if shards > 0 {
			of = strconv.Itoa(shards)
		}
		if of == "" {
			return Shard{}, fmt.Errorf("%s=%s (%s) tells which shard this is, but not of how many: set %s too, or give --shards N, or --shard I/N",
				variable.Index, index, variable.Service, variable.Of)
		}
		i, errIndex := wholeNumber(index)
		n, errOf := wholeNumber(of)
		s := Shard{i - variable.First + 1, n}
		if errIndex != nil || errOf != nil || !s.valid() {
			return Shard{}, fmt.Errorf("%s=%s of %s (%s) is no shard: allowed are indexes that count from %d, and up to %d shards",
				variable.Index, index, of, variable.Service, variable.First, ShardsMax)
		}
		return s, nil
	}
	if shards > 1 {
		return Shard{}, fmt.Errorf("there are %d shards, but nothing tells which of them this is: give --shard I/%[1]d", shards)
	}
	return Whole, nil
}
