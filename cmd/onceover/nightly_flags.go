package main

import (
	"fmt"
	"strings"

	"github.com/onceover/onceover/cmd/onceover/internal/nightly"
)

// runNumberFlag is the number of a run.
type runNumberFlag uint64

func (f *runNumberFlag) String() string { return "" } // none unless given
func (f *runNumberFlag) Type() string   { return "N" }
func (f *runNumberFlag) Set(text string) error {
	run, err := nightly.ParseRun(text)
	*f = runNumberFlag(run)
	return err
}

// shardFlag is a shard, such as 2/4.
type shardFlag nightly.Shard

func (f *shardFlag) String() string { return "" } // none unless given
func (f *shardFlag) Type() string   { return "I/N" }
func (f *shardFlag) Set(text string) error {
	shard, err := nightly.ParseShard(text)
	*f = shardFlag(shard)
	return err
}

// mixFlag is profiles with weights, such as default:3,storm.
type mixFlag nightly.Mix

func (f *mixFlag) String() string { return nightly.Mix(*f).String() }
func (f *mixFlag) Type() string   { return "MIX" }
func (f *mixFlag) Set(text string) error {
	mix, err := nightly.ParseMix(text)
	*f = mixFlag(mix)
	return err
}

// runVariables lists by which variables a run has its number, for help.
func runVariables() string {
	var names []string
	for _, variable := range nightly.Runs() {
		names = append(names, fmt.Sprintf("%s (%s)", variable.Name, variable.Service))
	}
	return lines(names)
}

// shardVariables lists by which variables a job knows its shard, for help.
func shardVariables() string {
	var names []string
	for _, variable := range nightly.Shards() {
		names = append(names, fmt.Sprintf("%s from %d and %s (%s)", variable.Index, variable.First, variable.Of, variable.Service))
	}
	return lines(names)
}

// lines returns a list with a line for each entry, indented.
func lines(list []string) string { return "  " + strings.Join(list, ",\n  ") }
