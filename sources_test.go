// The test is inside of the package, because the list of sources is nobody else's.
package onceover

import (
	"regexp"
	"testing"
)

// What decides a run is hashed, and nothing else: a test that is added gives no replay file another engine.
func TestDecides(t *testing.T) {
	for path, want := range map[string]bool{
		"engine/app.go":                       true,
		"engine/app_test.go":                  false,
		"engine/postgres/migrations/0001.sql": true,
		"sim/world/testdata/calm.txt":         false,
	} {
		if got := decides(path); got != want {
			t.Errorf("%s: %t, want %t", path, got, want)
		}
	}
}

// Each of the folders that decide is there.
func TestSourcesAreThere(t *testing.T) {
	for _, folder := range []string{"engine", "checker", "faults", "sim/kernel", "sim/run", "sim/world"} {
		if entries, err := sources.ReadDir(folder); err != nil || len(entries) == 0 {
			t.Errorf("%s has %d sources: %v", folder, len(entries), err)
		}
	}
}

// The hash is short enough for a line, and the same whenever it is asked for.
func TestSourcesHash(t *testing.T) {
	first := SourcesHash()
	if !regexp.MustCompile(`^[0-9a-f]{12}$`).MatchString(first) {
		t.Errorf("the hash is %q, want 12 hexadecimal digits", first)
	}
	if again := SourcesHash(); again != first {
		t.Errorf("the hash is %q, and then %q", first, again)
	}
}
