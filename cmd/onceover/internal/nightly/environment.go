package nightly

import (
	"fmt"
	"strconv"
	"strings"
)

// RunMax is the largest number of a run: JSON numbers are exact up to there, for jq and JavaScript too.
const RunMax = 1<<53 - 1

// A RunVariable is the environment variable in which a service gives a job the number of its run.
type RunVariable struct {
	Service string
	Name    string
}

// Runs returns the variables that [RunOf] looks at. The first that is set counts. Elsewhere a flag has the number.
func Runs() []RunVariable {
	return []RunVariable{{"GitHub Actions", "GITHUB_RUN_NUMBER"}, {"GitLab", "CI_PIPELINE_IID"}}
}

// RunOf returns the number of the run that is in an environment, such as [os.Getenv]. Errors name the variable and what
// is allowed.
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

// ParseRun reads the number of a run. The error names what was given and what is allowed.
func ParseRun(text string) (uint64, error) {
	run, err := strconv.ParseUint(text, 10, 64)
	if err != nil || run > RunMax {
		return 0, fmt.Errorf("%q is no number of a run: allowed are whole numbers from 0 to %d", text, uint64(RunMax))
	}
	return run, nil
}

// A ShardVariable is the pair of environment variables in which a service gives a job its shard.
type ShardVariable struct {
	Service string
	Index   string
	First   int // index of the first shard: 0 or 1
	Of      string
}

// Shards returns the variables that [ShardOf] looks at. The first with an index that is set counts.
func Shards() []ShardVariable {
	return []ShardVariable{
		// Kubernetes gives a pod of an Indexed Job its index alone; the other stands in the manifest, beside completions.
		{"Kubernetes", "JOB_COMPLETION_INDEX", 0, "JOB_COMPLETIONS"},
		{"GitLab", "CI_NODE_INDEX", 1, "CI_NODE_TOTAL"},
	}
}

// ShardOf returns the shard that is in an environment, such as [os.Getenv]; [Whole] if there is none. shards, unless 0,
// is how many there are, where a variable has only the index. Errors name the variables and what is allowed.
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
			return Shard{}, fmt.Errorf("%s=%s (%s) is the index of a shard, but not how many there are: set %s too, or give --shards N, or --shard I/N",
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
		return Shard{}, fmt.Errorf("there are %d shards, but it is not known which of them this is: give --shard I/%[1]d", shards)
	}
	return Whole, nil
}

// Artifacts returns the link to the files of a job on GitHub; empty elsewhere.
func Artifacts(getenv func(string) string) string {
	server, repository, run := getenv("GITHUB_SERVER_URL"), getenv("GITHUB_REPOSITORY"), getenv("GITHUB_RUN_ID")
	if server == "" || repository == "" || run == "" {
		return ""
	}
	return fmt.Sprintf("%s/%s/actions/runs/%s#artifacts", server, repository, run)
}
