package main

import (
	"context"
	"errors"
	"os"
	"sync/atomic"

	"github.com/onceover/onceover/cmd/onceover/internal/store"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/sim/certify"
	"github.com/onceover/onceover/sim/world"
)

// findMemory finds a server whose stores are in memory, unless the variable STORES makes them fail.
func findMemory(context.Context, string) (*store.Server, error) {
	wrong := os.Getenv("STORES")
	if wrong == "none" {
		return nil, errors.New("no server in memory: set STORES")
	}
	var operations atomic.Int64 // of all stores
	return &store.Server{
		Source: "memory", Text: "stores in memory",
		Open: func(context.Context) (world.Stores, func(context.Context) error, error) {
			if wrong == "full" {
				return nil, nil, errors.New("the memory is full")
			}
			rows, journal := enginetest.NewReviews(), enginetest.NewJournal()
			ports := &certify.Ports{
				Reviews: rows,
				Journal: journal,
				Clear: func(context.Context) error {
					rows.Reset()
					journal.Reset()
					if wrong == "leaving" && operations.Load() > leavesAfter {
						return errLeft
					}
					return nil
				},
				Outage: func(err error) bool { return errors.Is(err, errLeft) },
			}
			switch wrong {
			case "limitless":
				ports.Reviews = limitless{ports.Reviews}
			case "leaving":
				ports.Reviews = leaving{ports.Reviews, &operations}
			}
			return ports, func(context.Context) error { return nil }, nil
		},
		Stop: func(context.Context) error { return nil },
	}, nil
}

// limitless claims beyond the owner's limit.
type limitless struct{ engine.ReviewStore }

func (s limitless) Claim(ctx context.Context, c engine.Claim) (engine.Token, error) {
	c.Limit = 1000
	return s.ReviewStore.Claim(ctx, c)
}

// leaving is out of reach after a number of reads.
type leaving struct {
	engine.ReviewStore
	operations *atomic.Int64
}

const leavesAfter = 100

var errLeft = errors.New("the memory has left")

func (s leaving) Get(ctx context.Context, id engine.ReviewID) (engine.Review, error) {
	if s.operations.Add(1) > leavesAfter {
		return engine.Review{}, errLeft
	}
	return s.ReviewStore.Get(ctx, id)
}
