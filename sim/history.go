package sim

import (
	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A history collects what was asked and answered, for the linearizability check.
type history struct {
	world *World
}

func (h *history) reset() {}

func (h *history) begin(n *node, op *model.Op, tag uint64) uint64 { return 0 }

func (h *history) end(tag uint64, op *model.Op, result *model.Result) {}

func (h *history) landed(tag uint64, op *model.Op, result *model.Result) {}

func (h *history) superseded(tag uint64, op *model.Op, after *engine.Review) {}

func (h *history) callback(n *node, report engine.WorkerReport) uint64 { return 0 }

func (h *history) answeredCallback(tag uint64, err error) {}

func (h *history) client(c *client, m method, key engine.AttemptKey) uint64 { return 0 }

func (h *history) answeredClient(tag uint64, r *engine.Review, err error) {}

func (h *history) check() (*checker.Violation, string) { return nil, "" }
