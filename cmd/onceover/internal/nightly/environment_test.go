package nightly

import (
	"strings"
	"testing"
)

func environment(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func TestRunOfEnvironment(t *testing.T) {
	for _, test := range []struct {
		name      string
		variables map[string]string
		want      uint64
		refused   string
	}{
		{"GitHub Actions", map[string]string{"GITHUB_RUN_NUMBER": "17"}, 17, ""},
		{"GitLab", map[string]string{"CI_PIPELINE_IID": "18"}, 18, ""},
		{"the first counts", map[string]string{"CI_PIPELINE_IID": "2", "GITHUB_RUN_NUMBER": "1"}, 1, ""},
		{"the least", map[string]string{"CI_PIPELINE_IID": "0"}, 0, ""},
		{"the largest", map[string]string{"CI_PIPELINE_IID": "9007199254740991"}, RunMax, ""},
		{"too large", map[string]string{"CI_PIPELINE_IID": "9007199254740992"}, 0, "CI_PIPELINE_IID (GitLab): \"9007199254740992\" is no number of a run"},
		{"a name", map[string]string{"GITHUB_RUN_NUMBER": "nightly"}, 0, "allowed are whole numbers from 0"},
		{"negative", map[string]string{"GITHUB_RUN_NUMBER": "-1"}, 0, "allowed are whole numbers from 0"},
		{"none", nil, 0, "give --run N, or set one of GITHUB_RUN_NUMBER, CI_PIPELINE_IID"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := RunOf(environment(test.variables))
			expect(t, err, test.refused)
			if got != test.want {
				t.Errorf("run %d, want %d", got, test.want)
			}
		})
	}
}

func TestShardOfEnvironment(t *testing.T) {
	for _, test := range []struct {
		name      string
		variables map[string]string
		shards    int
		want      Shard
		refused   string
	}{
		{"none", nil, 0, Whole, ""},
		{"Kubernetes", map[string]string{"JOB_COMPLETION_INDEX": "0", "JOB_COMPLETIONS": "4"}, 0, Shard{1, 4}, ""},
		{"Kubernetes, the last", map[string]string{"JOB_COMPLETION_INDEX": "3", "JOB_COMPLETIONS": "4"}, 0, Shard{4, 4}, ""},
		{"Kubernetes, with --shards", map[string]string{"JOB_COMPLETION_INDEX": "1"}, 3, Shard{2, 3}, ""},
		{"Kubernetes, index alone", map[string]string{"JOB_COMPLETION_INDEX": "1"}, 0, Shard{}, "set JOB_COMPLETIONS too, or give --shards N"},
		{"Kubernetes, beyond", map[string]string{"JOB_COMPLETION_INDEX": "4", "JOB_COMPLETIONS": "4"}, 0, Shard{}, "indexes that count from 0"},
		{"GitLab", map[string]string{"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "4"}, 0, Shard{2, 4}, ""},
		{"GitLab without parallel", map[string]string{"CI_NODE_TOTAL": "1"}, 0, Whole, ""},
		{"GitLab counts from 1", map[string]string{"CI_NODE_INDEX": "0", "CI_NODE_TOTAL": "4"}, 0, Shard{}, "CI_NODE_INDEX=0 of 4 (GitLab) is no shard"},
		{"Kubernetes before GitLab", map[string]string{"JOB_COMPLETION_INDEX": "0", "JOB_COMPLETIONS": "2", "CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "4"}, 0, Shard{1, 2}, ""},
		{"no number", map[string]string{"CI_NODE_INDEX": "one", "CI_NODE_TOTAL": "4"}, 0, Shard{}, "is no shard"},
		{"too many", map[string]string{"CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "10001"}, 0, Shard{}, "up to 10000 shards"},
		{"shards alone", nil, 4, Shard{}, "give --shard I/4"},
		{"one shard", nil, 1, Whole, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ShardOf(environment(test.variables), test.shards)
			expect(t, err, test.refused)
			if got != test.want {
				t.Errorf("shard %s, want %s", got, test.want)
			}
		})
	}
}

// expect checks an error: none if the text is empty, and else one line with the text.
func expect(t *testing.T, err error, text string) {
	t.Helper()
	switch {
	case text == "" && err != nil:
		t.Errorf("unexpected error: %v", err)
	case text != "" && (err == nil || !strings.Contains(err.Error(), text)):
		t.Errorf("error %v, want one with %q", err, text)
	case err != nil && strings.Contains(err.Error(), "\n"):
		t.Errorf("error of several lines: %q", err)
	}
}

func FuzzParseShard(f *testing.F) {
	for _, text := range []string{"1/1", "2/4", "0/4", "5/4", "4", "1/", "/", "+1/2", "01/02", "1/10001", " 1/2"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		shard, err := ParseShard(text)
		if err != nil {
			return
		}
		if again, err := ParseShard(shard.String()); err != nil || again != shard || shard.Index < 1 || shard.Index > shard.Of {
			t.Errorf("%q is %s, which is read as %s (%v)", text, shard, again, err)
		}
	})
}

func FuzzParseMix(f *testing.F) {
	for _, text := range []string{"default", "default:3,storm:2", "default:0", "default,default", "wild:2", "default:1001", "", ",", "calm: 2"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		mix, err := ParseMix(text)
		if err != nil {
			return
		}
		again, err := ParseMix(mix.String())
		if err != nil || again.String() != mix.String() {
			t.Errorf("%q is %s, which is read as %s (%v)", text, mix, again, err)
		}
	})
}
