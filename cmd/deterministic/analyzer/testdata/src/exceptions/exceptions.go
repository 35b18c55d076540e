// Package exceptions holds exceptions with and without need and reason.
package exceptions

//deterministic:allow the pool is shared between worlds, never within one
import "sync"

import "time"

func allowed(m map[string]int, visit func(string), mutex *sync.Mutex) {
	_ = time.Now() //deterministic:allow wall time of the campaign, not of a run
	//deterministic:allow whole worlds run in parallel, never parts of one
	go visit("")
	//deterministic:allow the callback commutes
	for k := range m {
		visit(k)
	}
}

func uncovered() {
	//deterministic:allow too far away // want `exception that covers nothing`

	_ = time.Now() // want `time.Now`
	_ = time.Now() //deterministic:allow behind code it covers that line only
	_ = time.Now() // want `time.Now`
}

func unexplained() {
	_ = time.Now() /* want `exception without a reason; write //deterministic:allow <reason>` */ //deterministic:allow
	//deterministic:allowed is another word
	_ = time.Now() // want `time.Now`
}
