// Package analyzer finds code that a seeded simulation cannot decide.
//
// A simulated run is a function of its seed only if nothing else takes part: no scheduler but the simulator's, no clock
// but virtual time, no randomness but the seed's, nothing of the machine. One stray time.Now or one loop over a map is
// enough to make two different runs of one seed, and a failure that cannot be replayed is of little use. This analyzer
// finds such code before it runs.
//
// # Running it
//
// Over packages of your own, from your own module:
//
//	go run github.com/onceover/onceover/cmd/deterministic@latest ./your/package/...
//
// or as a go vet tool, which caches its results:
//
//	go build -o bin/deterministic github.com/onceover/onceover/cmd/deterministic
//	go vet -vettool=$(pwd)/bin/deterministic ./your/package/...
//
// [Analyzer] is an ordinary analysis.Analyzer, so any driver of golang.org/x/tools/go/analysis can run it too.
//
// Test files are ignored unless the flag -tests is given: a test may use the clock and goroutines of its process, the
// code under test may not.
//
// # What is reported
//
//   - go and select statements, and every channel: its type, make, send, receive, range and close. Go's scheduler
//     decides what happens next.
//   - Imports of sync, sync/atomic, golang.org/x/sync and os/signal: a lock held by a suspended task stops the whole
//     simulation.
//   - The wall clock: time.Now, Since, Until, Sleep, After, AfterFunc, Tick, NewTimer and NewTicker. Types and
//     arithmetic of package time are fine.
//   - Contexts with a timer or a goroutine of their own: context.WithTimeout, WithDeadline, WithCancel, their Cause
//     variants and AfterFunc. Background, WithValue and WithoutCancel are fine.
//   - Randomness that does not follow from the seed: the top-level functions of math/rand and math/rand/v2, and the
//     imports crypto/rand and hash/maphash. A generator with a source of your own is fine.
//   - The machine: os.Getenv, LookupEnv, Environ, ExpandEnv, Hostname, Getpid and Getppid; runtime.Gosched,
//     NumGoroutine, NumCPU, GOMAXPROCS, SetFinalizer and AddCleanup.
//   - Iteration over a map in an order that can be seen.
//
// # When the order of a map can be seen
//
// A range over a map, or over maps.Keys, maps.Values or maps.All, is accepted if its result is the same in every order.
// The analyzer knows these cases:
//
//   - collecting into a slice that the same function then sorts (slices.Sort…, sort.…) before anything else reads it.
//     The comparison must not have ties, which the analyzer does not check
//   - adding up integers (n++, n += v, bits |= v), and the largest or smallest of integers or strings (best = max(best,
//     v))
//   - writing to another map or a slice under the key of the loop, or writing a constant
//   - delete of the loop's own key from the ranged map, and delete from another
//   - sorting the loop's own value in place
//   - searching: leaving the loop with a constant result, and no other effect
//   - maps.Keys and maps.Values passed directly to slices.Sorted…, or to slices.Collect into a variable that is then
//     sorted
//
// Expressions may call builtins, conversions, the pure packages of the standard library (strings, strconv, cmp, math,
// …), methods of time.Time and time.Duration, and functions of the same package that consist only of such expressions.
// Everything else is reported, with the line that shows the order. The usual fix is
//
//	for _, key := range slices.Sorted(maps.Keys(m)) {
//
// # Exceptions
//
// A comment on the line, or on the line above, makes an exception, and must give the reason:
//
//	//deterministic:allow the campaign runs whole worlds in parallel, never parts of one
//	go runWorlds(seeds)
//
// An exception without a reason is itself reported, and so is one that no longer covers anything.
package analyzer
