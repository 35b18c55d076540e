package files

import (
	"os"
	"path/filepath"
)

// Same reports whether two paths are one file: by their names, through symbolic links, or as two names of the file. Neither
// needs to be there.
func Same(a, b string) bool {
	if canonical(a) == canonical(b) {
		return true
	}
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// linksMax is how many symbolic links are followed, one after the other, as on Linux.
const linksMax = 40

// canonical returns the path without symbolic links, also those that lead to what is not there. Where that cannot be found
// out, the path is returned as it is.
func canonical(path string) string {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	for range linksMax {
		if resolved, err := filepath.EvalSymlinks(absolute); err == nil {
			return resolved
		}
		target, err := os.Readlink(absolute)
		switch {
		case err == nil && filepath.IsAbs(target):
			absolute = target
		case err == nil:
			absolute = filepath.Join(filepath.Dir(absolute), target)
		case filepath.Dir(absolute) == absolute:
			return absolute
		default:
			return filepath.Join(canonical(filepath.Dir(absolute)), filepath.Base(absolute))
		}
	}
	return absolute
}
