package run

import (
	"strings"
	"testing"
)

// A version that does not say which sources these are goes with their hash.
func TestVersionOf(t *testing.T) {
	hash := func() string { return "3f9c0a1b2c3d" }
	for _, test := range []struct{ recorded, want string }{
		{"v1.2.3", "v1.2.3"},
		{"v0.0.0-20261201120000-0e843548a1b2", "v0.0.0-20261201120000-0e843548a1b2"},
		{"v0.0.0-20261201120000-0e843548a1b2+dirty", "v0.0.0-20261201120000-0e843548a1b2+dirty 3f9c0a1b2c3d"},
		{"(devel)", "(devel) 3f9c0a1b2c3d"},
	} {
		if got := versionOf(test.recorded, hash); got != test.want {
			t.Errorf("%s: %q, want %q", test.recorded, got, test.want)
		}
	}
	if version := EngineVersion(); !strings.HasPrefix(version, recordedVersion()) || version == unreleased {
		t.Errorf("this version is %q", version)
	}
}

// A record by another version or with another bug is of another engine; one that names neither is by hand.
func TestSameEngine(t *testing.T) {
	soon := Bug{Name: "soon", Patch: "12"}
	for _, test := range []struct {
		name   string
		record Replay
		here   Bug
		want   bool
	}{
		{"by hand", Replay{}, Bug{}, true},
		{"by hand, with a bug", Replay{}, soon, true},
		{"of this version", Replay{EngineVersion: EngineVersion()}, Bug{}, true},
		{"of another version", Replay{EngineVersion: "v0.0.1"}, Bug{}, false},
		{"of this version, with a bug here", Replay{EngineVersion: EngineVersion()}, soon, false},
		{"of this bug", Replay{EngineVersion: EngineVersion(), Bug: soon}, soon, true},
		{"of a bug, and none here", Replay{Bug: soon}, Bug{}, false},
		{"of another patch of the name", Replay{Bug: Bug{Name: "soon", Patch: "34"}}, soon, false},
	} {
		if got := test.record.SameEngine(test.here); got != test.want {
			t.Errorf("%s: %t, want %t", test.name, got, test.want)
		}
	}
}
