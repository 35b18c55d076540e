package world

import (
	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/kernel"
)

var noteRecord = kernel.NewPoint("record")

// note folds a record into the trace hash: its identifiers and numbers, and no text, so that every sentence can be
// reworded without another hash.
//
// The first word has the kind, the status and the attempt, then the call, the fault, the error and the phase, a byte each
// but for the last bit, which is whether the attempt is abandoned. The second has the review and all numbers.
func (w *Deployment) note(r *checker.Record) {
	abandoned := uint64(0)
	if r.Abandoned {
		abandoned = 1
	}
	facts := uint64(r.Call)<<24 | uint64(r.Fault)<<16 | uint64(r.Error)<<8 | uint64(r.Phase)<<1 | abandoned
	w.kernel.Note(noteRecord, uint64(r.Kind)<<56|uint64(r.Status)<<48|uint64(uint16(r.Key.Attempt))<<32|facts,
		w.reviewHash(r.Key.Review)^uint64(r.Token)<<8^uint64(r.From)<<20^uint64(numberOf(r))<<32^uint64(r.Tokens)<<40)
}

// reviewHash returns the hash of a review's identifier. Records about one review often follow each other.
func (w *Deployment) reviewHash(id engine.ReviewID) uint64 {
	if id != w.noted.id || w.noted.hash == 0 {
		w.noted = hashedReview{id, shortHash(string(id))}
	}
	return w.noted.hash
}

// A hashedReview is a review's identifier with its hash.
type hashedReview struct {
	id   engine.ReviewID
	hash uint64
}

// numberOf returns the number that a record is about: of failed preparations, of an event, of events, of tasks or of a
// life.
func numberOf(r *checker.Record) int64 {
	if r.Kind == checker.ProcessStarted {
		return int64(r.Life)
	}
	return int64(r.Deferrals) + r.Seq + r.Events + int64(r.Stranded)
}

// shortHash returns the hash of a short identifier: FNV-1a, 64 bits.
func shortHash[T string | []byte](text T) uint64 {
	hash := uint64(14695981039346656037)
	for i := 0; i < len(text); i++ {
		hash = (hash ^ uint64(text[i])) * 1099511628211
	}
	return hash
}
