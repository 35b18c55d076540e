package pgserver

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// debianPattern matches where Debian and its derivatives install servers, one directory per version, outside of PATH.
const debianPattern = "/usr/lib/postgresql/*/bin"

// binaries are the programs of one installed server.
type binaries struct{ initdb, postgres string }

// findBinaries looks for a server in the directories of PATH, in those of Debian's packages (newest first), and in the
// one that pg_config prints.
func findBinaries(ctx context.Context) (binaries, error) {
	directories := filepath.SplitList(os.Getenv("PATH"))
	versions, _ := filepath.Glob(debianPattern) // The only error would be a malformed pattern.
	directories = append(directories, newestFirst(versions)...)
	if output, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		directories = append(directories, strings.TrimSpace(string(output)))
	}
	return binariesIn(directories)
}

// binariesIn returns the programs of the first directory that holds them all.
func binariesIn(directories []string) (binaries, error) {
	for _, directory := range directories {
		found := binaries{initdb: filepath.Join(directory, "initdb"), postgres: filepath.Join(directory, "postgres")}
		if executable(found.initdb) && executable(found.postgres) {
			return found, nil
		}
	}
	return binaries{}, errors.New("no initdb and postgres in PATH, in " + debianPattern + " or where pg_config points")
}

// executable reports whether path is a program.
func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// newestFirst orders directories …/VERSION/bin by their versions: 18 before 9.6.
func newestFirst(directories []string) []string {
	version := func(directory string) float64 {
		number, err := strconv.ParseFloat(filepath.Base(filepath.Dir(directory)), 64)
		if err != nil {
			return 0
		}
		return number
	}
	sorted := slices.Clone(directories)
	slices.SortStableFunc(sorted, func(a, b string) int { return cmp.Compare(version(b), version(a)) })
	return sorted
}
