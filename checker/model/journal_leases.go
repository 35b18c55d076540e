package model

import (
	"cmp"
	"slices"

	"github.com/onceover/onceover/engine"
)

// hold renews the lease of a host and takes over from those whose lease has run
// out. Who holds an attempt is no news about it, so UpdatedAt stays.
func (j *Journal) renewLease(op *JournalOp, result *JournalResult) {
	j.renew(op.Host)
	taken := 0
	for _, e := range j.rows {
		o := &e.orchestration
		if !o.Unfinished() {
			continue
		}
		switch {
		case o.Holder == op.Host:
		case taken < op.Max && j.free(o.Holder, op.Suspects):
			o.Holder = op.Host
			o.Epoch++
			taken++
		default:
			if o.Holder != "" {
				result.Others = addHeartbeat(result.Others, engine.Heartbeat{Host: o.Holder, Count: j.heartbeat(o.Holder)})
			}
			continue
		}
		result.Orchestrations = append(result.Orchestrations, *o)
	}
}

// free reports whether somebody else may hold what holder holds: nobody does, or
// it has not renewed its lease since it was suspected.
func (j *Journal) free(holder engine.HostID, suspects []engine.Heartbeat) bool {
	return holder == "" || slices.Contains(suspects, engine.Heartbeat{Host: holder, Count: j.heartbeat(holder)})
}

// beat returns the number of a host's latest renewal.
func (j *Journal) heartbeat(host engine.HostID) uint64 {
	if at, found := searchHeartbeat(j.heartbeats, host); found {
		return j.heartbeats[at].Count
	}
	return 0
}

func (j *Journal) renew(host engine.HostID) {
	j.heartbeats = addHeartbeat(j.heartbeats, engine.Heartbeat{Host: host})
	at, _ := searchHeartbeat(j.heartbeats, host)
	j.heartbeats[at].Count++
}

// addHeartbeat keeps one beat per host, in the order of their names.
func addHeartbeat(beats []engine.Heartbeat, beat engine.Heartbeat) []engine.Heartbeat {
	at, found := searchHeartbeat(beats, beat.Host)
	if found {
		return beats
	}
	return slices.Insert(beats, at, beat)
}

func searchHeartbeat(beats []engine.Heartbeat, host engine.HostID) (at int, found bool) {
	return slices.BinarySearchFunc(beats, host, func(b engine.Heartbeat, host engine.HostID) int {
		return cmp.Compare(b.Host, host)
	})
}
