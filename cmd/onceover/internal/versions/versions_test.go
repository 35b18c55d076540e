package versions_test

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
)

const peer = "./cmd/onceover/internal/versions/testdata/peer"

// nextVersion adds a field to everything that is sent, a status and a kind of event.
var nextVersion = map[string][][2]string{
	"engine/worker.go": {
		{"type StartRequest struct {\n", "type StartRequest struct {\n\tPriority map[string]int `json:\"priority\"`\n"},
		{"type WorkerReport struct {\n", "type WorkerReport struct {\n\tHost string `json:\"host\"`\n"},
	},
	"engine/inspection.go": {
		{"type Inspection struct {\n", "type Inspection struct {\n\tNext string `json:\"next\"`\n"},
		{"\twaitEnd\n", "\twaitQuorum\n\twaitEnd\n"},
		{`"interrupt", "callback",
}`, `"interrupt", "callback", "quorum",
}`},
	},
	"engine/limits.go": {
		{"e.Kind > EventFailed", "e.Kind > EventFailed+1"},
	},
	"engine/review.go": {
		{"type Submission struct {\n", "type Submission struct {\n\tLabels []struct{ Owner string } `json:\"labels\"`\n"},
		{"type Event struct {\n", "type Event struct {\n\tNext [2]int `json:\"next\"`\n"},
		{"s <= Cancelled", "s <= Cancelled+1"},
		{`"failed", "cancelled"}`, `"failed", "cancelled", "expired"}`},
		{"<= EventFailed", "<= EventFailed+1"},
		{"return e.Kind != EventProgress }", "return e.Kind == EventCompleted || e.Kind == EventFailed }"},
		{`"", "progress", "completed", "failed"}`, `"", "progress", "completed", "failed", "note"}`},
	},
}

// TestNeighbouringVersions lets today's version call the next one, and the other way round.
func TestNeighbouringVersions(t *testing.T) {
	if testing.Short() {
		t.Skip("builds two programs")
	}
	tree, err := overlay.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	edits := make(overlay.Edits)
	for path, changes := range nextVersion {
		content, err := tree.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range changes {
			if !strings.Contains(content, change[0]) {
				t.Fatalf("%s has no %q; write the next version anew", path, change[0])
			}
			content = strings.ReplaceAll(content, change[0], change[1])
		}
		edits[path] = content
	}
	today, next := filepath.Join(t.TempDir(), "today"), filepath.Join(t.TempDir(), "next")
	if err := tree.Build(t.Context(), nil, peer, today); err != nil {
		t.Fatal(err)
	}
	if err := tree.Build(t.Context(), edits, peer, next); err != nil {
		t.Fatal(err)
	}
	const atWorker = "start: running\nstatus: running\ncancel: running\nevents: 1\nworker inspect: session\nworker abandon: running\n"
	const atApp = atWorker + "submit: acme\nget: pending\ninspect: "
	const ended = "\nabandon: failed\nreport: done\n"
	const sessions = "create: r/1\ninterrupt: true\nstream of r: 3\n"
	for _, test := range []struct{ name, caller, server, want string }{
		{"today calls today", today, today, atApp + "callback" + ended + sessions + "stream of with a note: 3\n"},
		{"today calls next", today, next, atApp + "ambiguous" + ended + sessions + "stream of with a note: rejected\n"},
		{"next calls today", next, today, atApp + "callback" + ended + "report expired: rejected\n" + sessions + "stream of with a note: 3\n"},
		{"next calls next", next, next, atApp + "quorum" + ended + "report expired: done\n" + sessions + "stream of with a note: 3\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			output, err := exec.CommandContext(t.Context(), test.caller, "call", serve(t, test.server)).CombinedOutput()
			if err != nil || string(output) != test.want {
				t.Errorf("got %v\n%s\nwant\n%s", err, output, test.want)
			}
		})
	}
}

// serve starts a program that answers, and returns its URL. The program ends with the test.
func serve(t *testing.T, program string) (url string) {
	t.Helper()
	server := exec.CommandContext(t.Context(), program, "serve")
	in, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = server.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}
