package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/run"
)

// The types of flags. An error names what is allowed, so that package pflag's "invalid argument "0" for "--seeds" flag"
// goes on as a sentence.

// countFlag is a whole number from a least value on.
type countFlag struct {
	value uint64
	least uint64
	most  uint64
}

func (f *countFlag) String() string { return strconv.FormatUint(f.value, 10) }
func (f *countFlag) Type() string   { return "N" }
func (f *countFlag) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < f.least || n > f.most {
		return fmt.Errorf("allowed are whole numbers from %d to %d", f.least, f.most)
	}
	f.value = n
	return nil
}

// seedFlag is a seed as [run.ParseSeed] reads it.
type seedFlag uint64

func (f *seedFlag) String() string { return strconv.FormatUint(uint64(*f), 10) }
func (f *seedFlag) Type() string   { return "SEED" }
func (f *seedFlag) Set(text string) error {
	seed, err := run.ParseSeed(text)
	*f = seedFlag(seed)
	return err
}

// spanFlag is a positive duration on the wall clock; 0 stands for none given.
type spanFlag time.Duration

func (f *spanFlag) String() string {
	if *f == 0 {
		return ""
	}
	return time.Duration(*f).String()
}
func (f *spanFlag) Type() string { return "D" }
func (f *spanFlag) Set(text string) error {
	span, err := time.ParseDuration(text)
	if err != nil || span <= 0 {
		return errors.New("allowed are positive durations with a unit, such as 30s, 10m or 1h30m")
	}
	*f = spanFlag(span)
	return nil
}

// profileFlag is a profile by name.
type profileFlag struct{ name string }

// newProfileFlag returns a flag that is the default profile.
func newProfileFlag() *profileFlag {
	return &profileFlag{"default"}
}

func (f *profileFlag) String() string { return f.name }
func (f *profileFlag) Type() string   { return "NAME" }
func (f *profileFlag) Set(text string) error {
	_, err := faults.Named(text)
	var unknown *faults.UnknownProfileError
	if errors.As(err, &unknown) {
		return guess(err, text, unknown.Allowed)
	}
	f.name = text
	return nil
}

// guess adds the nearest of the allowed values to the error about one that is not; nothing if none is near.
func guess(err error, given string, allowed []string) error {
	near, ok := checker.Nearest(given, allowed)
	if !ok {
		return err
	}
	return fmt.Errorf("did you mean %q? %w", near, err)
}

// Usage of flags that several commands have.
const (
	profileUsage    = "which faults may be injected; see 'onceover help profiles'"
	propertiesUsage = "which properties are checked: all, outcome, protocol, or identifiers with commas between them"
	jsonUsage       = "print one JSON object instead of text"
	databaseUsage   = "use the Postgres server at `URL`, such as postgres://user:password@host:port/database"
)

// propertiesFlag chooses which properties are watched.
type propertiesFlag []string

func (f *propertiesFlag) String() string { return checker.Selection(*f) }
func (f *propertiesFlag) Type() string   { return "LIST" }
func (f *propertiesFlag) Set(text string) error {
	ids, err := checker.Select(text)
	*f = ids
	return err
}

// directoryFlag is a directory, or a path where one can be made.
type directoryFlag string

func (f *directoryFlag) String() string { return string(*f) }
func (f *directoryFlag) Type() string   { return "DIR" }
func (f *directoryFlag) Set(path string) error {
	if info, err := os.Stat(path); path == "" || err == nil && !info.IsDir() {
		return errors.New("allowed are a directory, and a path where nothing is")
	}
	*f = directoryFlag(path)
	return nil
}
