package model

import (
	"cmp"
	"slices"

	"github.com/onceover/onceover/engine"
)

// renewLease renews the lease of a host and takes over from suspects. A new holder is no progress of the attempt, so
// UpdatedAt stays.
func (j *Journal) renewLease(op *JournalOp, result *JournalResult) {
	j.renew(op.Host)
	j.changes = j.changes[:0]
	for _, e := range j.rows {
		o := &e.orchestration
		if result.Taken < op.Max && o.Unfinished() && o.Holder != op.Host && j.free(o.Holder, op.Suspects) {
			j.changing(e)
			o.Holder = op.Host
			o.Epoch++
			result.Taken++
		}
	}
}

// held lists what a host holds, and the heartbeats of the others.
func (j *Journal) held(op *JournalOp, result *JournalResult) {
	for _, e := range j.rows {
		o := &e.orchestration
		switch {
		case !o.Unfinished() || o.Holder == "":
		case o.Holder == op.Host:
			result.Leases = append(result.Leases, engine.Lease{Key: o.Key, Epoch: o.Epoch, Cancel: o.Cancel})
		default:
			result.Others = addHeartbeat(result.Others, engine.Heartbeat{Host: o.Holder, Count: j.heartbeat(o.Holder)})
		}
	}
}

// free reports whether another host may take over from a holder: there is none, or it is a suspect and has not renewed
// its lease since.
func (j *Journal) free(holder engine.HostID, suspects []engine.Heartbeat) bool {
	return holder == "" || slices.Contains(suspects, engine.Heartbeat{Host: holder, Count: j.heartbeat(holder)})
}

// heartbeat returns the number of a host's latest renewal, 0 if there is none.
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

// addHeartbeat adds a heartbeat unless the host has one. Hosts are in the order of their names.
func addHeartbeat(list []engine.Heartbeat, heartbeat engine.Heartbeat) []engine.Heartbeat {
	at, found := searchHeartbeat(list, heartbeat.Host)
	if found {
		return list
	}
	return slices.Insert(list, at, heartbeat)
}

func searchHeartbeat(list []engine.Heartbeat, host engine.HostID) (at int, found bool) {
	return slices.BinarySearchFunc(list, host, func(b engine.Heartbeat, host engine.HostID) int {
		return cmp.Compare(b.Host, host)
	})
}
