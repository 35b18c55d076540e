package certify

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/onceover/onceover/engine/postgres"
)

// A Create makes an empty database on a server. It returns the URL of the database and the function that drops it.
type Create func(ctx context.Context) (url string, drop func(context.Context) error, err error)

// A table is a table of the stores.
type table struct{ schema, name string }

// String returns the name of the table as SQL writes it.
func (t table) String() string { return t.schema + "." + t.name }

// tables are all tables of the stores. [openRows] fails if a schema has others.
var tables = []table{
	{"app", "reviews"}, {"app", "attempts"}, {"worker", "orchestrations"}, {"worker", "events"}, {"worker", "leases"},
}

// tableNames returns the names of all tables.
func tableNames() []string {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.String()
	}
	return names
}

// truncateTables removes all rows. The database refuses to delete most of them: production never does.
var truncateTables = "TRUNCATE " + strings.Join(tableNames(), ", ")

// A testDatabase is a database of the current schema that a part creates for itself.
type testDatabase struct {
	url  string
	pool *pgxpool.Pool
	drop func(context.Context) error
}

// createDatabase creates a database, connects to it and migrates it.
func createDatabase(ctx context.Context, create Create, settings ...postgres.Setting) (*testDatabase, error) {
	if create == nil {
		return nil, errors.New("certify: no function to create databases was given")
	}
	url, drop, err := create(ctx)
	if err != nil {
		return nil, err
	}
	d := &testDatabase{url: url, drop: drop}
	if d.pool, err = postgres.Connect(ctx, url, settings...); err == nil {
		_, _, err = postgres.Migrate(ctx, d.pool)
	}
	if err != nil {
		return nil, errors.Join(err, cleanUp(ctx, d.remove))
	}
	return d, nil
}

// remove closes the connections and drops the database.
func (d *testDatabase) remove(ctx context.Context) error {
	if d.pool != nil {
		d.pool.Close()
	}
	return d.drop(ctx)
}

// cleanupMax bounds how long it may take to remove what a part has created.
const cleanupMax = 30 * time.Second

// cleanUp removes what a part has created, also when ctx has ended.
func cleanUp(ctx context.Context, remove func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupMax)
	defer cancel()
	return remove(ctx)
}
