package nightly_test

import (
	"context"
	"fmt"

	"github.com/onceover/onceover/cmd/onceover/internal/nightly"
)

// Two shards of a night, and the report of both.
func Example() {
	mix, err := nightly.ParseMix("calm:3,clock")
	if err != nil {
		panic(err)
	}
	var results []nightly.Left
	for i := 1; i <= 2; i++ {
		night := nightly.Night{Run: 17, Shard: nightly.Shard{Index: i, Of: 2}, Mix: mix, Seeds: 10}
		result, err := night.Simulate(context.Background())
		if err != nil {
			panic(err)
		}
		for _, part := range result.Profiles {
			fmt.Printf("shard %s: %d seeds of %s from %d\n", result.Shard, part.Seeds, part.Profile, part.FirstSeed)
		}
		results = append(results, nightly.Left{Dir: fmt.Sprint("shard-", i), Result: result})
	}
	report, err := nightly.Merge(results)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d seeds: %s\n", report.Seeds(), report.Verdict())
	// Output:
	// shard 1/2: 7 seeds of calm from 11200163780147548382
	// shard 1/2: 3 seeds of clock from 11400405851572304666
	// shard 2/2: 7 seeds of calm from 6059640483171380856
	// shard 2/2: 3 seeds of clock from 8619862495420295000
	// 20 seeds: pass
}

// The job of a Kubernetes Indexed Job knows its index, counted from 0; the manifest has the number of shards.
func ExampleShardOf() {
	pod := map[string]string{"JOB_COMPLETION_INDEX": "1", "JOB_COMPLETIONS": "4"}
	shard, err := nightly.ShardOf(func(name string) string { return pod[name] }, 0)
	fmt.Println(shard, err)
	// Output: 2/4 <nil>
}
