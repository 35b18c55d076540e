package run

import (
	"runtime/debug"
	"strings"
)

// unreleased is what the go command records as the version of a module that has none, as with go run and go test.
const unreleased = "(devel)"

// EngineVersion returns the version of this module in the running program: a release or a pseudo-version with the commit, as
// recorded by the build. Where that does not say which sources these are, because they have no version or were changed since
// the commit, the hash of [RegisterSources] follows after a space, such as "(devel) 3f9c0a1b2c3d".
func EngineVersion() string { return versionOf(recordedVersion(), sourcesHash) }

// versionOf adds the hash of the sources to a version that does not say which they are.
func versionOf(recorded string, hash func() string) string {
	const changed = "+dirty"
	if recorded == unreleased || strings.HasSuffix(recorded, changed) {
		return recorded + " " + hash()
	}
	return recorded
}

// recordedVersion returns the version of this module as recorded by the build.
func recordedVersion() string {
	const module = "github.com/onceover/onceover"
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return unreleased
	}
	version := build.Main.Version
	if build.Main.Path != module {
		for _, dependency := range build.Deps {
			if dependency.Path == module {
				version = dependency.Version
			}
		}
	}
	if version == "" {
		return unreleased
	}
	return version
}

// sourcesHash returns the hash of the sources of the running program.
var sourcesHash = func() string { return "unknown sources" }

// RegisterSources sets what returns the hash of the sources that decide what a seed does. The root package of this module,
// which holds them, calls it when a program starts that imports it; so a program with a world of its own need not carry them.
func RegisterSources(hash func() string) { sourcesHash = hash }
