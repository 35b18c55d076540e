package main

import (
	"crypto/rand"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgserver"
)

// TestRealPostgres runs commands as users type them on a real server.
func TestRealPostgres(t *testing.T) {
	s := pgserver.ForTest(t)
	empty, ready, newer := s.Database(t), s.Database(t), s.Database(t)
	pool, late := migratedPool(t, ready), migratedPool(t, newer)
	if _, err := late.Exec(t.Context(), "INSERT INTO onceover.schema_versions (version_id, is_applied) VALUES (9999, true)"); err != nil {
		t.Fatal(err)
	}
	reader := "onceover_" + strings.ToLower(rand.Text())
	if _, err := pool.Exec(t.Context(), "CREATE ROLE "+reader+" LOGIN PASSWORD 'secret'; GRANT USAGE ON SCHEMA onceover TO "+reader+
		"; GRANT SELECT ON ALL TABLES IN SCHEMA onceover TO "+reader); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, err := pool.Exec(t.Context(), "DROP OWNED BY "+reader+"; DROP ROLE "+reader); err != nil {
			t.Error(err)
		}
	}()
	missing := at(t, ready, func(u *url.URL) { u.Path = "/onceover_not_there" })
	poor := at(t, ready, func(u *url.URL) { u.User = url.UserPassword(reader, "secret") })
	stranger := at(t, ready, func(u *url.URL) { u.User = url.UserPassword("onceover_stranger", "secret") })

	for _, test := range []struct {
		name     string
		command  []string
		code     int
		stdout   string // that it contains
		stderr   string // that its only line contains
		database string
	}{
		{"run without a schema", []string{"run", "--store", "postgres", "--seeds", "1"}, 0, "store: 1 run as on the model", "", empty},
		{"nothing to clean", []string{"clean"}, 0, "0 databases left over", "", empty},
		{"check before", []string{"migrate", "--check"}, 2, "", "was never migrated", empty},
		{"migrate", []string{"migrate"}, 0, "the schema was migrated from version 0 to ", "", empty},
		{"migrate again", []string{"migrate"}, 0, "the schema is up to date: version ", "", empty},
		{"check after", []string{"migrate", "--check"}, 0, "the schema is up to date", "", empty},
		{"a newer schema", []string{"migrate"}, 2, "", "the schema has version 9999, this program knows versions up to", newer},
		{"check a newer schema", []string{"migrate", "--check"}, 2, "", "the schema has version 9999", newer},
		{"no such database", []string{"migrate"}, 2, "", "no such database", missing},
		{"a stranger migrates", []string{"migrate"}, 2, "", "onceover_stranger", stranger},
		{"run", []string{"run", "--store", "postgres", "--seeds", "3"}, 0, "store: 3 runs as on the model", "", empty},
		{"run beside a newer schema", []string{"run", "--store", "postgres", "--seeds", "1"}, 0, "store: 1 run as on the model", "", newer},
		{"run for machines", []string{"run", "--store", "postgres", "--seeds", "1", "--json"}, 0, `"store":{"name":"postgres","found":"url"`, "", ready},
		{"replay", []string{"replay", "1", "--store", "postgres"}, 0, "store: 1 run as on the model", "", empty},
		{"a user who may not create databases", []string{"run", "--store", "postgres"}, 2, "", "user " + reader + " may not create databases", poor},
		{"a stranger runs", []string{"run", "--store", "postgres"}, 2, "", "onceover_stranger", stranger},
	} {
		t.Run(test.name, func(t *testing.T) {
			command := exec.CommandContext(t.Context(), "onceover", append(test.command, "--database-url", test.database)...)
			command.Dir = t.TempDir()
			var stdout, stderr strings.Builder
			command.Stdout, command.Stderr = &stdout, &stderr
			err := command.Run()
			if code := command.ProcessState.ExitCode(); code != test.code {
				t.Fatalf("exit code %d (%v), want %d; %s%s", code, err, test.code, stdout.String(), stderr.String())
			}
			if !strings.Contains(stdout.String(), test.stdout) || test.stdout == "" && stdout.Len() > 0 {
				t.Errorf("standard output is %q, want %q in it", stdout.String(), test.stdout)
			}
			if reported := stderr.String(); !strings.Contains(reported, test.stderr) || strings.Count(reported, "\n") != min(len(test.stderr), 1) || strings.Contains(reported, "secret") {
				t.Errorf("standard error is %q, want one line with %q in it, or none", reported, test.stderr)
			}
		})
	}
	var left int
	if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM app.reviews").Scan(&left); err != nil || left > 0 {
		t.Errorf("%d reviews are in the user's database (%v)", left, err)
	}
}

// migratedPool brings a database to the schema and returns connections to it.
func migratedPool(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if _, _, err := postgres.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	return pool
}

// at changes a URL.
func at(t *testing.T, address string, change func(*url.URL)) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	change(u)
	return u.String()
}
