package world

import (
	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/sim/kernel"
)

var noteRecord = kernel.NewPoint("record")

// note folds a record into the trace hash.
func (w *World) note(r *checker.Record) {
	w.kernel.Note(noteRecord, uint64(r.Kind)<<32|uint64(r.Status)<<24|uint64(r.Key.Attempt)<<8|uint64(textLength(r)),
		shortHash(string(r.Key.Review))^uint64(r.Token)<<8^uint64(r.From)<<20^uint64(numberOf(r))<<32^uint64(r.Tokens)<<40)
}

// textLength is what the hash has of the typed facts of a record for the time being: the length of the text that used
// to stand in their place. It is here for the recorded hashes alone, and goes with them.
func textLength(r *checker.Record) int {
	switch r.Kind {
	case checker.PrepareEnded, checker.DispatchAnswered, checker.CallbackAnswered, checker.ReceiveEnded:
		return len(r.Error.String())
	case checker.DispatchSent, checker.ShutdownEnded:
		return len(r.Reason)
	case checker.FaultFired:
		return len(r.Fault.String())
	case checker.PhaseBegan:
		return len(r.Phase.String())
	case checker.ClientAnswered, checker.ClientRefused:
		return len(r.Call.Method())
	case checker.CallBegan, checker.CallEnded:
		return len(r.Call.String())
	default:
		return 0
	}
}

// numberOf returns the number that a record is about: of failed preparations, of an event, of events, of tasks or of a
// life.
func numberOf(r *checker.Record) int64 {
	if r.Kind == checker.ProcessStarted {
		return int64(r.Life)
	}
	return int64(r.Deferrals) + r.Seq + r.Events + int64(r.Stranded)
}

// shortHash tells short identifiers apart: FNV-1a, 64 bits.
func shortHash[T string | []byte](text T) uint64 {
	hash := uint64(14695981039346656037)
	for i := 0; i < len(text); i++ {
		hash = (hash ^ uint64(text[i])) * 1099511628211
	}
	return hash
}
