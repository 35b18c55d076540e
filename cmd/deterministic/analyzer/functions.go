package analyzer

import (
	"go/ast"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ast/inspector"
)

// forbiddenImports maps an import path to what the package does and what to use instead. An entry that ends in a slash
// covers everything below it.
var forbiddenImports = map[string]string{
	"sync":               "a lock held by a suspended task stops the simulation; tasks run one at a time, so plain fields and a Signal from Runtime.NewSignal do",
	"sync/atomic":        "tasks run one at a time; use plain fields",
	"golang.org/x/sync/": "it runs on goroutines and locks; use Runtime.Go and a Signal from Runtime.NewSignal",
	"os/signal":          "signals come at any time; take a context from the caller and leave signals to the command",
	"crypto/rand":        "its values do not follow from the seed; take identifiers and randomness from the caller",
	"hash/maphash":       "its seed differs in every process; use hash/fnv",
}

// Reasons for groups of functions, with what to use instead.
const (
	useNow          = "the wall clock differs in every run; use Runtime.Now"
	useSleep        = "it waits on the wall clock; use Runtime.Sleep"
	useTimer        = "it fires on the wall clock; use Runtime.Go with Runtime.Sleep"
	useTimeout      = "its timer runs on the wall clock; use Runtime.WithTimeout"
	useCancel       = "it may propagate in a goroutine of its own; use the context that Runtime.Go passes to a task, or one from Runtime.WithTimeout"
	useContextAfter = "it runs its function in a goroutine of its own; wait in a task started with Runtime.Go"
	useConfig       = "the environment differs between machines; take the value as a field of a config"
	useGenerator    = "its values do not follow from the seed; use a generator made with New from a source that the caller seeds"
	useSchedule     = "tasks run one at a time and switch only at the calls of Runtime; use Runtime.Sleep to let others run"
	useMachine      = "it differs between machines; take the value as a field of a config"
	useClose        = "the garbage collector decides when it runs; close explicitly"
)

// forbiddenFunctions maps a package and a function to why the result cannot be replayed and what to use instead.
var forbiddenFunctions = map[string]map[string]string{
	"time": {
		"Now": useNow, "Since": useNow, "Until": useNow,
		"Sleep": useSleep,
		"After": useTimer, "AfterFunc": useTimer, "Tick": useTimer, "NewTimer": useTimer, "NewTicker": useTimer,
	},
	"context": {
		"WithTimeout": useTimeout, "WithTimeoutCause": useTimeout,
		"WithDeadline": useTimeout, "WithDeadlineCause": useTimeout,
		"WithCancel": useCancel, "WithCancelCause": useCancel,
		"AfterFunc": useContextAfter,
	},
	"os": {
		"Getenv": useConfig, "LookupEnv": useConfig, "Environ": useConfig, "ExpandEnv": useConfig,
		"Hostname": useMachine, "Getpid": useMachine, "Getppid": useMachine,
	},
	"runtime": {
		"Gosched": useSchedule, "NumGoroutine": useSchedule,
		"NumCPU": useMachine, "GOMAXPROCS": useMachine,
		"SetFinalizer": useClose, "AddCleanup": useClose,
	},
}

// seededRandom holds the functions of math/rand and math/rand/v2 that do not draw from the global generator.
var seededRandom = map[string]bool{
	"New": true, "NewSource": true, "NewZipf": true, "NewPCG": true, "NewChaCha8": true,
}

// imports reports forbidden imports.
func (c *check) imports(file *ast.File) {
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		if instead := forbiddenImport(path); instead != "" {
			c.report(spec, "import of %s: %s", path, instead)
		}
	}
}

// forbiddenImport returns why path may not be imported, or "".
func forbiddenImport(path string) string {
	if instead, forbidden := forbiddenImports[path]; forbidden {
		return instead
	}
	for end := len(path); end > 0; end = strings.LastIndexByte(path[:end], '/') {
		if instead, forbidden := forbiddenImports[path[:end]+"/"]; forbidden {
			return instead
		}
	}
	return ""
}

// functions reports every use of a forbidden function, called or not: a time.Now kept in a field reads the same clock.
func (c *check) functions(cursor inspector.Cursor) {
	ident, isIdent := cursor.Node().(*ast.Ident)
	if !isIdent {
		return
	}
	function, isFunc := c.pass.TypesInfo.Uses[ident].(*types.Func)
	if !isFunc || function.Pkg() == nil || function.Signature().Recv() != nil {
		return
	}
	path, name := function.Pkg().Path(), function.Name()
	instead := forbiddenFunctions[path][name]
	if (path == "math/rand" || path == "math/rand/v2") && !seededRandom[name] {
		instead = useGenerator
	}
	if instead != "" {
		c.report(ident, "%s.%s: %s", function.Pkg().Name(), name, instead)
	}
}
