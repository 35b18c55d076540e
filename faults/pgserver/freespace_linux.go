package pgserver

import "syscall"

// freeBytes returns the free space in the file system of a directory, 0 if there is no such directory.
func freeBytes(directory string) uint64 {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(directory, &stat); err != nil || stat.Bsize < 0 {
		return 0
	}
	return stat.Bavail * uint64(stat.Bsize)
}
