package world

import (
	"strings"

	"github.com/onceover/onceover/engine"
)

// In most seeds names are short and plain. In a few they have characters that mean something in a URL, a query or a
// statement, letters beyond ASCII, or all the length that is allowed.

// A naming is a way to make names of reviews, owners and repositories.
type naming uint8

const (
	plainNames naming = iota
	escapedNames
	foreignNames
	longNames
)

var (
	opNames  = workloadOp(1540, "plan.names")
	opNaming = workloadOp(1550, "plan.naming")
)

// shareNamed is the share of the seeds with names that are not plain.
const shareNamed = 0.06

func (w *Deployment) decideNames() {
	w.naming = plainNames
	if w.kernel.Chance(w.actor, opNames, shareNamed) {
		w.naming = escapedNames + naming(w.kernel.Pick(w.actor, opNaming, 3))
	}
}

// name returns the name of something that is called so in plain names, of at most so many bytes.
func (n naming) name(plain string, most int) string {
	switch n {
	case escapedNames:
		return plain + "/%2F..%/?#&='\\"
	case foreignNames:
		return plain + "-žluťoučký-世界"
	case longNames:
		return plain + strings.Repeat("x", most-len(plain))
	default:
		return plain
	}
}

func (n naming) review(id engine.ReviewID) engine.ReviewID {
	return engine.ReviewID(n.name(string(id), 256))
}

func (n naming) owner(id engine.OwnerID) engine.OwnerID {
	return engine.OwnerID(n.name(string(id), 256))
}

func (n naming) repository(name string) string { return n.name(name, 1000) }

// cancelReasons are what users give as the reason of a cancel: a text may hold any bytes.
var cancelReasons = [...]string{
	"not needed any more", "not needed any more", "", "zu spät – 遅い", "100 % of a/b?", "with\x00nul", "not \xff\xfe UTF-8",
}
