package pgserver

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/testcontainers/testcontainers-go"
)

func TestChoose(t *testing.T) {
	works := func(source Source) candidate {
		return candidate{source, func(context.Context) (*Server, error) { return &Server{source: source}, nil }}
	}
	absent := func(source Source, reason string) candidate {
		return candidate{source, func(context.Context) (*Server, error) { return nil, absentf("%s", reason) }}
	}
	broken := func(source Source, reason string) candidate {
		return candidate{source, func(context.Context) (*Server, error) { return nil, errors.New(reason) }}
	}
	for _, test := range []struct {
		name       string
		candidates []candidate
		want       Source
		passed     []string
		err        []string // parts of the error
		none       bool
	}{
		{name: "the first source wins", candidates: []candidate{works(URL), works(Docker), works(Local)}, want: URL},
		{
			name:       "an absent source is passed",
			candidates: []candidate{absent(URL, "not set"), works(Docker), works(Local)},
			want:       Docker, passed: []string{"url: not set"},
		},
		{
			name:       "local is the last",
			candidates: []candidate{absent(URL, "not set"), absent(Docker, "no engine"), works(Local)},
			want:       Local, passed: []string{"url: not set", "docker: no engine"},
		},
		{
			name:       "a URL that does not work is an error, not a reason to look elsewhere",
			candidates: []candidate{broken(URL, "wrong password"), works(Docker)},
			err:        []string{"wrong password"},
		},
		{
			name:       "nothing works",
			candidates: []candidate{absent(URL, "not set"), absent(Docker, "no\n\tengine"), absent(Local, strings.Repeat("x", 5000))},
			err:        []string{"url: not set; docker: no engine; local: xxx", DatabaseURLVariable, "start Docker", "install PostgreSQL"},
			none:       true,
		},
		{name: "nothing to try", err: []string{"there was nothing to try"}, none: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := choose(t.Context(), test.candidates)
			if len(test.err) > 0 {
				if err == nil || errors.Is(err, ErrNone) != test.none || strings.Contains(err.Error(), "\n") || len(err.Error()) > 1000 {
					t.Fatalf("got %v, want one short line that is ErrNone: %v", err, test.none)
				}
				for _, part := range test.err {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("error %q does not contain %q", err, part)
					}
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if s.Source() != test.want || !slices.Equal(s.Passed(), test.passed) {
				t.Errorf("found by %s after %q, want %s after %q", s.Source(), s.Passed(), test.want, test.passed)
			}
		})
	}
}

func TestChooseEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("the user had enough")
	_, err := choose(ctx, []candidate{
		{Docker, func(context.Context) (*Server, error) { cancel(reason); return nil, absentf("interrupted") }},
		{Local, func(context.Context) (*Server, error) { t.Error("went on"); return nil, absentf("no") }},
	})
	if !errors.Is(err, reason) || errors.Is(err, ErrNone) {
		t.Errorf("got %v, want %v", err, reason)
	}
}

func TestURLErrors(t *testing.T) {
	for _, test := range []struct {
		name, url string
		want      []string
	}{
		{"no URL", "host=localhost password=secret", []string{"is not a URL like"}},
		{"another scheme", "mysql://u:secret@localhost/x", []string{"is not a URL like"}},
		{"cannot be parsed", "postgres://u:secret@local\x7fhost/x", []string{"is not a URL like"}},
		{"nobody listens", "postgres://u:secret@127.0.0.1:1/x?connect_timeout=2", []string{"127.0.0.1:1", "u:xxxxx@"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(DatabaseURLVariable, test.url)
			_, err := Find(t.Context())
			if err == nil || errors.Is(err, ErrNone) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "secret") {
				t.Fatalf("got %v, want one line without the password", err)
			}
			for _, part := range append(test.want, DatabaseURLVariable) {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not contain %q", err, part)
				}
			}
		})
	}
}

func TestBinaries(t *testing.T) {
	root := t.TempDir()
	directory := func(name string, mode os.FileMode, programs ...string) string {
		path := filepath.Join(root, name, "bin")
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, program := range programs {
			if err := os.WriteFile(filepath.Join(path, program), nil, mode); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	whole, half := directory("18", 0o755, "initdb", "postgres"), directory("17", 0o755, "postgres")
	plain, older := directory("16", 0o644, "initdb", "postgres"), directory("9.6", 0o755, "initdb", "postgres")
	for _, test := range []struct {
		name        string
		directories []string
		want        string
	}{
		{"none", []string{half, plain, root}, ""},
		{"the first that is whole", []string{half, plain, whole, older}, whole},
		{"order decides", []string{older, whole}, older},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, err := binariesIn(test.directories)
			if test.want == "" {
				if err == nil {
					t.Errorf("found %v", found)
				}
				return
			}
			if err != nil || filepath.Dir(found.postgres) != test.want || filepath.Dir(found.initdb) != test.want {
				t.Errorf("found %v, %v; want those in %s", found, err, test.want)
			}
		})
	}
	if got := newestFirst([]string{older, half, whole, plain}); !slices.Equal(got, []string{whole, half, plain, older}) {
		t.Errorf("newest first: %q", got)
	}
}

// TestOnly leaves the other sources alone.
func TestOnly(t *testing.T) {
	t.Setenv(DatabaseURLVariable, "")
	_, err := Find(t.Context(), Only(URL))
	if !errors.Is(err, ErrNone) || strings.Contains(err.Error(), "docker:") {
		t.Errorf("got %v, want ErrNone after trying the URL alone", err)
	}
}

// TestDockerThatIsNotRunning goes on with the next source.
func TestDockerThatIsNotRunning(t *testing.T) {
	_, err := startDocker(t.Context(), false, func() (*testcontainers.DockerProvider, error) {
		return nil, errors.New("check host:\n\tno such file")
	})
	var absent *absentError
	if !errors.As(err, &absent) || absent.reason != "Docker is not running: check host: no such file" {
		t.Errorf("got %v", err)
	}
}

// verdictOf is a testing.TB that records how the test ended.
type verdictOf struct {
	testing.TB
	skipped, failed bool
}

func (v *verdictOf) Helper()             {}
func (v *verdictOf) Logf(string, ...any) {}
func (v *verdictOf) Skip(...any)         { v.skipped = true }
func (v *verdictOf) Fatal(...any)        { v.failed = true }

func TestJudge(t *testing.T) {
	for _, test := range []struct {
		name            string
		err             error
		mustRun         bool
		skipped, failed bool
	}{
		{"found", nil, true, false, false},
		{"not found at home", ErrNone, false, true, false},
		{"not found where nothing may be skipped", ErrNone, true, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := &verdictOf{}
			judge(v, &Server{}, test.err, test.mustRun)
			if v.skipped != test.skipped || v.failed != test.failed {
				t.Errorf("skipped %v, failed %v; want %v, %v", v.skipped, v.failed, test.skipped, test.failed)
			}
		})
	}
}
