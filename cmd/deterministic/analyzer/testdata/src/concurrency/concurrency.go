// Package concurrency holds what hands the order of events to Go's scheduler.
package concurrency

type queue chan int // want `channel type: use a Signal`

type server struct {
	done   <-chan struct{} // want `channel type`
	closed bool
}

func start(f func()) {
	go f()         // want `go statement: .* start a task with Runtime.Go`
	go func() {}() // want `go statement`
}

func exchange(in <-chan int, out chan<- int) int { // want `channel type` `channel type`
	out <- 1                   // want `channel send`
	if v, open := <-in; open { // want `channel receive`
		return v
	}
	return <-in // want `channel receive: .* Signal.Wait`
}

func choose(q queue) int {
	select { // want `select: Go picks among ready cases at random`
	case v := <-q:
		return v
	case q <- 1:
		return <-q // want `channel receive`
	default:
		return 0
	}
}

func produce() {
	q := make(queue, 1)      // want `make of a channel`
	r := make(chan struct{}) // want `make of a channel`
	close(q)                 // want `close of a channel: use Signal.Notify`
	close(r)                 // want `close of a channel`
	for range q {            // want `range over a channel`
	}
}

func generic[Q ~chan int](q Q) { // want `channel type`
	for range q { // want `range over a channel`
	}
}

// Silent: calls, plain state, slices made, a function of one's own named close.
func (s *server) serve(f func()) []int {
	f()
	defer f()
	s.closed = true
	shut := func(close func()) { close() }
	shut(f)
	return make([]int, 3)
}
