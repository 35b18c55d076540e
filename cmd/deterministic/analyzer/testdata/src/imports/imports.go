// Package imports holds imports that have no place in deterministic code.
package imports

import (
	"bytes"
	"crypto/rand" // want `import of crypto/rand: its values do not follow from the seed`
	"hash/fnv"
	"hash/maphash" // want `import of hash/maphash: .* use hash/fnv`
	"os/signal"    // want `import of os/signal`
	"sync"         // want `import of sync: a lock held by a suspended task`
	"sync/atomic"  // want `import of sync/atomic: tasks run one at a time`

	"golang.org/x/sync/errgroup" // want `import of golang.org/x/sync/errgroup: it runs on goroutines`
)

var (
	_ bytes.Buffer
	_ = rand.Reader
	_ = fnv.New64a
	_ maphash.Hash
	_ = signal.Ignore
	_ sync.Mutex
	_ atomic.Int64
	_ errgroup.Group
)
