// Package files looks at what a command is going to read and write, before it does anything: a night of work is not lost
// because its result cannot be written, and no output takes the place of an input or of another output.
package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A Plan is the files that a command reads and writes. The zero value is a command that does neither.
type Plan struct {
	inputs, outputs []place
	parents         []bool // of outputs: directories above are made when needed
	directories     []place
}

// A place is a path, and what a user calls it, such as the name of a flag.
type place struct{ what, path string }

func (p place) String() string { return p.what + " " + p.path }

// Reads adds a file that is read. An empty path is none.
func (p *Plan) Reads(what, path string) {
	if path != "" {
		p.inputs = append(p.inputs, place{what, path})
	}
}

// Writes adds a file that is written, in a directory that is there. An empty path is none.
func (p *Plan) Writes(what, path string) { p.writes(what, path, false) }

// WritesBelow adds a file that is written, and for which directories are made when needed. An empty path is none.
func (p *Plan) WritesBelow(what, path string) { p.writes(what, path, true) }

func (p *Plan) writes(what, path string, parents bool) {
	if path != "" {
		p.outputs = append(p.outputs, place{what, path})
		p.parents = append(p.parents, parents)
	}
}

// WritesInto adds a directory in which files are written, and which is made when needed. An empty path is none.
func (p *Plan) WritesInto(what, directory string) {
	if directory != "" {
		p.directories = append(p.directories, place{what, directory})
	}
}

// Check reports the first output that cannot be written, or that is the same file as an input or another output: by its
// path, through symbolic links, or as another name of the file. It leaves everything as it is. Errors have one line.
func (p *Plan) Check() error {
	for i, output := range p.outputs {
		for _, input := range p.inputs {
			if Same(output.path, input.path) {
				return fmt.Errorf("%s would overwrite %s, which is read: give the output another name", output, input)
			}
		}
		for _, other := range p.outputs[:i] {
			if Same(output.path, other.path) {
				return fmt.Errorf("%s and %s are the same file: give each a name of its own", other, output)
			}
		}
	}
	for _, directory := range p.directories {
		if err := checkDirectory(directory, directory.path); err != nil {
			return err
		}
	}
	for i, output := range p.outputs {
		if err := checkFile(output, p.parents[i]); err != nil {
			return err
		}
	}
	return nil
}

// checkFile reports why a file cannot be written.
func checkFile(output place, parents bool) error {
	directory := filepath.Dir(output.path)
	switch info, err := os.Stat(output.path); {
	case err != nil: // it is not there, or its directory says why
	case info.IsDir():
		return fmt.Errorf("%s is a directory: give the name of a file", output)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no regular file: give the name of one, or of none that is there", output)
	}
	if _, err := os.Stat(directory); !parents && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: there is no directory %s: make it first", output, directory)
	}
	return checkDirectory(output, directory)
}

// checkDirectory reports why nothing can be written in a directory, or why it cannot be made. It writes a file there, and
// removes it: only that shows it on every file system.
func checkDirectory(output place, directory string) error {
	for {
		info, err := os.Stat(directory)
		switch above := filepath.Dir(directory); {
		case err == nil && !info.IsDir():
			return fmt.Errorf("%s: %s is no directory", output, directory)
		case err == nil:
			probe, err := os.CreateTemp(directory, ".onceover-*")
			if err == nil {
				err = errors.Join(probe.Close(), os.Remove(probe.Name()))
			}
			return denied(output, directory, err)
		case errors.Is(err, fs.ErrNotExist) && above != directory:
			directory = above
		case isBelowFile(directory):
			directory = above
		default:
			return denied(output, directory, err)
		}
	}
}

// isBelowFile reports whether a path cannot be there because something above it is no directory.
func isBelowFile(path string) bool {
	for above := filepath.Dir(path); above != path; path, above = above, filepath.Dir(above) {
		if info, err := os.Stat(above); err == nil {
			return !info.IsDir()
		}
	}
	return false
}

// denied returns the error of writing in a directory, without the name of a file that nobody has asked for.
func denied(output place, directory string, err error) error {
	if err == nil {
		return nil
	}
	var of *fs.PathError
	if errors.As(err, &of) {
		err = of.Err
	}
	return fmt.Errorf("%s: nothing can be written in %s: %w", output, directory, err)
}
