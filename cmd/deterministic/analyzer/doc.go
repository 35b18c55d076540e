// Package analyzer finds code that a seeded simulation cannot decide.
//
// A simulated run is a function of its seed only as long as nothing else
// takes part: no scheduler but the simulator's, no clock but virtual time, no
// randomness but the seed's, nothing of the machine that the run happens on.
// One stray time.Now or one loop over a map is enough for the same seed to
// give two different runs, and a failure that cannot be replayed is hardly
// worth finding. This analyzer keeps such code out before it runs.
//
// # Running it
//
// Over packages of your own, from your own module:
//
//	go run github.com/onceover/onceover/cmd/deterministic@latest ./your/package/...
//
// or as a go vet tool, which caches what it has already looked at:
//
//	go build -o bin/deterministic github.com/onceover/onceover/cmd/deterministic
//	go vet -vettool=$(pwd)/bin/deterministic ./your/package/...
//
// [Analyzer] is an ordinary analysis.Analyzer, so any driver of
// golang.org/x/tools/go/analysis can run it too.
//
// Test files are left out unless the flag -tests is given: a test may use the
// clock and goroutines of its process, the code under test may not.
//
// # What is reported
//
//   - go and select statements, and every channel: its type, make, send,
//     receive, range and close. What happens next is then up to Go's scheduler.
//   - Imports of sync, sync/atomic, golang.org/x/sync and os/signal: a lock
//     that a suspended task holds stops the whole simulation.
//   - The wall clock: time.Now, Since, Until, Sleep, After, AfterFunc, Tick,
//     NewTimer and NewTicker. Types and arithmetic of package time are fine.
//   - Contexts that end by a timer or a goroutine of their own:
//     context.WithTimeout, WithDeadline, WithCancel, their Cause variants and
//     AfterFunc. Background, WithValue and WithoutCancel are fine.
//   - Randomness that no seed decides: the top-level functions of math/rand
//     and math/rand/v2, and the imports crypto/rand and hash/maphash. A
//     generator made from a source of your own is fine.
//   - The machine: os.Getenv, LookupEnv, Environ, ExpandEnv, Hostname, Getpid
//     and Getppid; runtime.Gosched, NumGoroutine, NumCPU, GOMAXPROCS,
//     SetFinalizer and AddCleanup.
//   - Iteration over a map whose order can be seen.
//
// # When the order of a map can be seen
//
// A range over a map, or over maps.Keys, maps.Values or maps.All, is silent if
// its result is the same in every order. The analyzer knows these:
//
//   - collecting into a slice that the same function then sorts (slices.Sort…,
//     sort.…) before anything else reads it. Where the comparison leaves ties,
//     sort by something unique; that part is yours
//   - adding up integers (n++, n += v, bits |= v), and the largest or smallest
//     of integers or strings (best = max(best, v))
//   - writing to another map or a slice under the key of the loop, or writing
//     a constant
//   - delete of the loop's own key from the ranged map, and delete from another
//   - sorting the loop's own value in place
//   - looking for one: leaving with a constant result, and no other effect
//   - maps.Keys and maps.Values handed directly to slices.Sorted…, or to
//     slices.Collect into a variable that is then sorted
//
// Expressions may call builtins, conversions, the pure packages of the standard
// library (strings, strconv, cmp, math, …), methods of time.Time and
// time.Duration, and functions of the same package that consist of nothing but
// such expressions. Everything else is reported, with the line that shows the
// order. The usual way out is
//
//	for _, key := range slices.Sorted(maps.Keys(m)) {
//
// # Exceptions
//
// A comment on the line, or on the line above, allows what it covers, and must
// say why:
//
//	//deterministic:allow the campaign runs whole worlds in parallel, never parts of one
//	go runWorlds(seeds)
//
// An exception without a reason is itself reported, and so is one that no
// longer covers anything.
package analyzer
