// Command deterministic reports Go code whose behaviour the seed of a
// simulation cannot decide. It is the command of package analyzer, where the
// rules are told.
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
// The flag -tests includes _test.go files. The exit code is 0 when nothing is
// reported.
package main

import (
	"golang.org/x/tools/go/analysis/singlechecker"

	"github.com/onceover/onceover/cmd/deterministic/analyzer"
)

func main() {
	// singlechecker hands over to unitchecker when go vet calls, and loads the
	// packages itself otherwise.
	singlechecker.Main(analyzer.Analyzer)
}
