package run

import (
	"errors"
	"os"
	"path/filepath"
)

// WriteFile writes a file for everybody to read at path, whose directory must exist. It is written elsewhere in that
// directory and then renamed, so that path never holds half a file, whoever is killed when.
func WriteFile(path string, content []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(content)
	if err == nil {
		err = file.Chmod(0o644) // temporary files are made for their owner only, and this one is made to be shared
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	return err
}
