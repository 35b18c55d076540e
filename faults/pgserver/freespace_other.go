//go:build !linux

package pgserver

// freeBytes returns 0: file systems in memory have known paths on Linux only.
func freeBytes(string) uint64 { return 0 }
