package postgres_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
)

// TestRights gives a user one right after the other. CheckSchema names what is missing until the user may do what its
// store does, and never that the database has to be migrated.
func TestRights(t *testing.T) {
	address := emptyDatabase(t)
	owner := connect(t, address)
	if _, _, err := postgres.Migrate(limited(t), owner); err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	role := strings.TrimPrefix(at.Path, "/") + "_app"
	run(t, owner, "CREATE ROLE "+role+" LOGIN PASSWORD 'weak'")
	t.Cleanup(func() { run(t, owner, "DROP OWNED BY "+role+"; DROP ROLE "+role) })
	at.User = url.UserPassword(role, "weak")
	pool := connect(t, at.String())
	for _, test := range []struct{ grant, want string }{
		{"", "may not read the version of the schema"},
		{"USAGE ON SCHEMA onceover", "may not read the version of the schema"},
		{"SELECT ON onceover.schema_versions", "may use neither schema app nor schema worker"},
		{"USAGE ON SCHEMA app", "lacks rights on the tables of schema app"},
		{"SELECT ON ALL TABLES IN SCHEMA app", "lacks rights on the tables of schema app"},
		{"INSERT, UPDATE ON app.reviews", "lacks rights on the tables of schema app"},
		{"INSERT ON app.attempts", ""},
		{"USAGE ON SCHEMA worker", "lacks rights on the tables of schema worker"},
		{"SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA worker", ""},
	} {
		if test.grant != "" {
			run(t, owner, "GRANT "+test.grant+" TO "+role)
		}
		err := postgres.CheckSchema(limited(t), pool)
		if test.want == "" {
			if err != nil {
				t.Errorf("after GRANT %s: %v", test.grant, err)
			}
			continue
		}
		if text := setupText(t, err); !strings.Contains(text, test.want) || strings.Contains(text, "migrate") {
			t.Errorf("after GRANT %s: %s; want %q", test.grant, text, test.want)
		}
	}
	if err := submit(limited(t), postgres.NewReviews(pool), "r", "ann"); err != nil {
		t.Error(err)
	}
	token, err := postgres.NewReviews(pool).Claim(limited(t), engine.Claim{
		Key: engine.AttemptKey{Review: "r", Attempt: 1}, Owner: "ann", Limit: 1, Now: epoch, DueAt: epoch,
	})
	if err != nil || token != 1 {
		t.Errorf("claimed with token %d, %v", token, err)
	}
	if _, _, err := postgres.Migrate(limited(t), pool); err != nil {
		t.Errorf("nothing to migrate: %v", err)
	}
}

// TestMigrateWithoutRights checks that Migrate names the right that its user lacks.
func TestMigrateWithoutRights(t *testing.T) {
	address := emptyDatabase(t)
	owner := connect(t, address)
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	role := strings.TrimPrefix(at.Path, "/") + "_app"
	run(t, owner, "CREATE ROLE "+role+" LOGIN PASSWORD 'weak'")
	t.Cleanup(func() { run(t, owner, "DROP OWNED BY "+role+"; DROP ROLE "+role) })
	at.User = url.UserPassword(role, "weak")
	pool := connect(t, at.String())
	_, _, err = postgres.Migrate(limited(t), pool)
	if text := setupText(t, err); !strings.Contains(text, "may not migrate database") {
		t.Error(text)
	}
	if text := setupText(t, postgres.CheckSchema(limited(t), pool)); !strings.Contains(text, "was never migrated") {
		t.Error(text)
	}
}
