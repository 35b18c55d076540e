// Package postgres is the production database: [Reviews] is the engine's review store
// in the schema app, [Journal] the worker's journal in the schema worker.
package postgres
