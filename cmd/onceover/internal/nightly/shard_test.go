package nightly

import (
	"testing"

	"github.com/onceover/onceover/faults"
)

// The seeds of a night are what repeats it, so they may never change.
func TestFirstSeedStays(t *testing.T) {
	for _, test := range []struct {
		run     uint64
		shard   Shard
		profile string
		want    uint64
	}{
		{0, Whole, "default", 7103182115677064699},
		{17, Shard{2, 4}, "storm", 14025254657252213152},
	} {
		if got := FirstSeed(test.run, test.shard, test.profile); got != test.want {
			t.Errorf("run %d, shard %s, profile %s begin with %d, want %d", test.run, test.shard, test.profile, got, test.want)
		}
	}
	if FirstSeed(17, Shard{2, 4}, "storm") != FirstSeed(17, Shard{2, 5}, "storm") {
		t.Error("one shard more changes the seeds of the others")
	}
}

// Ten years of nights with a million seeds for each profile of each of four shards.
func TestNightsDoNotRepeatSeeds(t *testing.T) {
	const million = 20 // bits
	seen := make(map[uint64]bool)
	for run := range uint64(3650) {
		for shard := 1; shard <= 4; shard++ {
			for _, profile := range faults.Profiles() {
				first := FirstSeed(run, Shard{shard, 4}, profile.Name)
				block := first >> million
				if seen[block] || seen[block+1] || seen[block-1] {
					t.Fatalf("run %d, shard %d, profile %s repeat seeds of another night, from %d", run, shard, profile.Name, first)
				}
				seen[block] = true
			}
		}
	}
}
