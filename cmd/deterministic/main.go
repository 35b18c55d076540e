// Command deterministic reports Go code that the seed of a simulation cannot decide. Package analyzer describes the
// rules.
//
// On its own:
//
//	go run github.com/onceover/onceover/cmd/deterministic@latest ./your/package/...
//
// Under go vet, which caches its results:
//
//	go build -o bin/deterministic github.com/onceover/onceover/cmd/deterministic
//	go vet -vettool=$(pwd)/bin/deterministic ./your/package/...
//
// The flag -tests includes _test.go files. The exit code is 0 if there are no findings.
package main

import (
	"golang.org/x/tools/go/analysis/singlechecker"

	"github.com/onceover/onceover/cmd/deterministic/analyzer"
)

func main() {
	// singlechecker runs unitchecker when go vet calls it, and loads the packages itself otherwise.
	singlechecker.Main(analyzer.Analyzer)
}
