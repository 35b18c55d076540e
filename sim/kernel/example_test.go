package kernel_test

import (
	"context"
	"fmt"
	"time"

	"github.com/onceover/onceover/sim/kernel"
)

var (
	pointNetwork = kernel.NewPoint("network.delay")
	pointPause   = kernel.NewPoint("client.pause")
	pointWrite   = kernel.NewPoint("storage.write")
)

// A lockServer grants a lock for a lease of 50 ms, with a fencing token that grows from holder to holder.
type lockServer struct {
	k       *kernel.Kernel
	token   uint64
	expires time.Duration
}

// acquire returns a token, or 0 while another lease is running.
func (s *lockServer) acquire() uint64 {
	if s.k.Now() < s.expires {
		return 0
	}
	s.token++
	s.expires = s.k.Now() + 50*time.Millisecond
	return s.token
}

// A storage accepts writes. If it checks tokens, it refuses those that are older than the newest so far.
type storage struct {
	k           *kernel.Kernel
	checkTokens bool
	newest      uint64
	stale       int // number of writes accepted after the lock went to another holder
}

func (s *storage) write(token uint64) {
	if token < s.newest {
		if s.checkTokens {
			return
		}
		s.stale++
	}
	s.newest = max(s.newest, token)
	s.k.Note(pointWrite, token, 0)
}

// call sends a request over the network and waits for the answer. Each way takes a drawn time.
func call(ctx context.Context, k *kernel.Kernel, p *kernel.Process, request func()) error {
	delay := func() time.Duration {
		return k.Latency(p.Actor(), pointNetwork,
			kernel.Latency{Min: time.Millisecond, Median: 2 * time.Millisecond, Max: 20 * time.Millisecond})
	}
	var answer kernel.Completion
	answer.Reset(k)
	back := delay()
	k.After(delay(), pointNetwork, func() {
		request()
		k.After(back, pointNetwork, answer.Complete)
	})
	return answer.Wait(ctx)
}

// client acquires the lock and writes under it, again and again. It never checks whether its lease has expired.
func client(k *kernel.Kernel, p *kernel.Process, server *lockServer, store *storage) {
	p.Go("write", func(ctx context.Context) {
		for {
			var token uint64
			if call(ctx, k, p, func() { token = server.acquire() }) != nil {
				return
			}
			if token != 0 && call(ctx, k, p, func() { store.write(token) }) != nil {
				return
			}
			if p.Sleep(ctx, 10*time.Millisecond) != nil {
				return
			}
		}
	})
}

// simulate lets two clients compete for ten seconds. At times one of them is paused for 100 ms, as by a long garbage
// collection. It returns how many stale writes were accepted.
func simulate(k *kernel.Kernel, config kernel.Config, checkTokens bool) int {
	k.Reset(config)
	server := &lockServer{k: k}
	store := &storage{k: k, checkTokens: checkTokens}
	a, b := k.NewProcess("a"), k.NewProcess("b")
	client(k, a, server, store)
	client(k, b, server, store)

	var hiccup func()
	hiccup = func() {
		if k.Chance(a.Actor(), pointPause, 0.05) {
			a.Pause()
			k.After(100*time.Millisecond, pointPause, a.Resume)
		}
		k.After(120*time.Millisecond, pointPause, hiccup)
	}
	k.After(0, pointPause, hiccup)

	if err := k.Run(10 * time.Second); err != nil {
		panic(err)
	}
	return store.stale
}

// Two clients share a lock with a lease. A holder that was paused continues after its lease has gone to the other, and
// writes. A storage that does not check fencing tokens accepts the write. Some seed finds that, and replays it every
// time.
func Example() {
	k := kernel.New()
	defer k.Close()

	seed := uint64(1)
	for simulate(k, kernel.Config{Seed: seed}, false) == 0 {
		seed++
	}
	first := k.Hash()
	fmt.Printf("seed %d: stale writes accepted: %d\n", seed, simulate(k, kernel.Config{Seed: seed}, false))
	fmt.Printf("the same run: %v\n", k.Hash() == first)

	// Without pauses the run is correct: each override removes one of them.
	var calm []kernel.Override
	for occurrence := range uint32(100) {
		key := kernel.Key{Actor: "a", Operation: "client.pause", Occurrence: occurrence}
		calm = append(calm, kernel.Override{Key: key, Value: 0})
	}
	fmt.Printf("without pauses: %d\n", simulate(k, kernel.Config{Seed: seed, Overrides: calm}, false))
	fmt.Printf("with fencing: %d\n", simulate(k, kernel.Config{Seed: seed}, true))
	// Output:
	// seed 3: stale writes accepted: 1
	// the same run: true
	// without pauses: 0
	// with fencing: 0
}

// A trace shows the steps of a run as lines, with the texts of the code under simulation.
func ExampleKernel_Tracef() {
	k := kernel.New()
	defer k.Close()
	k.Reset(kernel.Config{Seed: 1, Trace: func(e kernel.TraceEvent) { fmt.Println(e) }})

	p := k.NewProcess("client")
	p.Go("main", func(ctx context.Context) {
		retry := k.After(time.Second, pointWrite, func() { k.Tracef("sends the request again") })
		_ = p.Sleep(ctx, 20*time.Millisecond)
		k.Tracef("has the answer, and stops the retry: %v", retry.Stop())
	})
	if err := k.Run(time.Minute); err != nil {
		panic(err)
	}
	// Output:
	//      1     0.000000s  client/main          kernel.spawn
	//      2     0.020000s  client/main          kernel.sleep
	//      2     0.020000s  client/main          kernel.sleep           has the answer, and stops the retry: true
}
