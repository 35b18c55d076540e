package testfilesincluded

import "testing"

func TestRun(t *testing.T) {
	go run(func() {}) // want `go statement`
}
