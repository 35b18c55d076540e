package onceover

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/onceover/onceover/sim/run"
)

// sources are those that decide what a seed does.
//
//go:embed engine checker faults sim/kernel sim/run sim/world
var sources embed.FS

// SourcesHash returns a hash of the sources that decide what a seed does, as this program was built from them: those of the
// engine, of what is around it in a simulation, and of what judges it. Tests are not part of it.
//
// A replay file has it where there is no released version, so that a replay can say that it runs another engine.
func SourcesHash() string { return hashed() }

var hashed = sync.OnceValue(func() string {
	hash := sha256.New()
	err := fs.WalkDir(sources, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !decides(path) {
			return err
		}
		content, err := sources.ReadFile(path)
		_, _ = fmt.Fprintf(hash, "%s %d\n%s", path, len(content), content) // writing to a hash never fails
		return err
	})
	if err != nil {
		panic(err) // of files in memory
	}
	return hex.EncodeToString(hash.Sum(nil)[:6])
})

// decides reports whether a file is compiled into the program.
func decides(path string) bool {
	return strings.HasSuffix(path, ".sql") || strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go")
}

func init() { run.RegisterSources(SourcesHash) }
