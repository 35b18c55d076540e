package mutants

import "strings"

// What is left out of a condition stays in the statement and decides nothing: "x OR true", "x AND false". So arguments
// keep their types, and the server drops the rest when it plans.

// condition mutates a condition.
func (c *sqlCutter) condition(where string, nodes []sqlNode) {
	if !c.chain(where, nodes) && !(len(nodes) == 1 && nodes[0].is("true", "false")) {
		c.cut(where, "drop-condition", nodes, "("+c.source(nodes)+" OR true)", "")
	}
	c.walk(where, nodes)
}

// chain mutates operands that are joined by OR or AND, and reports whether there are any.
func (c *sqlCutter) chain(where string, nodes []sqlNode) bool {
	if operands := split(nodes, "OR"); len(operands) > 1 {
		for _, operand := range operands {
			c.cut(where, "drop-disjunct", operand, "("+c.source(operand)+" AND false)", "")
			c.chain(where, operand)
		}
		return true
	}
	if operands := split(nodes, "AND"); len(operands) > 1 {
		for _, operand := range operands {
			c.cut(where, "drop-conjunct", operand, "("+c.source(operand)+" OR true)", "")
		}
		return true
	}
	return false
}

// walk mutates what stands in groups, and comparisons.
func (c *sqlCutter) walk(where string, nodes []sqlNode) {
	for i := range nodes {
		node := &nodes[i]
		before := &sqlNode{}
		if i > 0 {
			before = &nodes[i-1]
		}
		switch {
		case node.branches():
			c.branches(where, node.inner)
		case node.parens() && before.is("FILTER"):
			c.remove(where, "drop-filter", nodes[i-1:i+1])
			c.condition(where, node.inner[1:]) // behind WHERE
		case node.parens() && isQuery(node.inner):
			c.query(where, node.inner)
		case node.parens() && before.is("OVER"):
			c.arm(where, node.inner)
		case node.parens() && before.is("pg_notify"):
			c.dropNotice(where, nodes[i-1:])
		case node.parens():
			c.list(where, before, node)
		case node.is("<", "<=", ">", ">="):
			shifted := map[string]string{"<": "<=", "<=": "<", ">": ">=", ">=": ">"}[node.text]
			c.offByOne(where, nodes, i, shifted)
		}
	}
}

// list mutates a list in parentheses: what IN compares with, and what coalesce and its like choose from.
func (c *sqlCutter) list(where string, before, node *sqlNode) {
	parts := split(node.inner, ",")
	switch {
	case len(parts) < 2:
	case before.is("IN"):
		for i := range parts {
			c.removeFromList(where, "drop-disjunct", parts, i)
		}
	case before.is("coalesce", "greatest", "least"):
		for i := range parts {
			c.removeFromList(where, "drop-fallback", parts, i)
		}
	}
	c.expressions(where, node.inner)
}

// branches mutates CASE … END. A branch that is left out is never taken.
func (c *sqlCutter) branches(where string, nodes []sqlNode) {
	first := find(nodes, 0, "WHEN")
	simple := first > 0 // CASE x WHEN value
	c.expressions(where, nodes[:first])
	for first < len(nodes) {
		end := find(nodes, first+1, "WHEN", "ELSE")
		branch := nodes[first:end]
		if branch[0].is("ELSE") {
			c.remove(where, "drop-case", branch)
			c.expressions(where, branch[1:])
			return
		}
		then := find(branch, 0, "THEN")
		when := branch[1:then]
		if m := (&Mutant{Function: where, Operator: "drop-case", Before: c.shown(branch)}); simple {
			c.emit(m, when[0].from, when[len(when)-1].to, "NULL")
			c.expressions(where, when)
		} else {
			c.emit(m, when[0].from, when[len(when)-1].to, "("+c.source(when)+") AND false")
			c.condition(where, when)
		}
		c.expressions(where, branch[then+1:])
		first = end
	}
}

// dropNotice leaves out a notification. Something else has its arguments, so that they keep their types.
func (c *sqlCutter) dropNotice(where string, nodes []sqlNode) {
	c.cut(where, "drop-hint", nodes[:2], "concat"+c.source(nodes[1:2]), "")
}

// dropHint leaves out whom a write wakes, which is the column of that name.
func (c *sqlCutter) dropHint(where string, part []sqlNode) {
	wakes := expression(part)
	if len(wakes) > 0 && len(wakes)+1 < len(part) && part[len(part)-1].is("hint") && !strings.HasPrefix(wakes[0].text, "'") {
		c.cut(where, "drop-hint", wakes, "''", "")
	}
}

// offByOne moves the bound of a comparison.
func (c *sqlCutter) offByOne(where string, nodes []sqlNode, i int, shifted string) {
	m := &Mutant{Function: where, Operator: "off-by-one"}
	left, right := nodes[max(i-1, 0)], nodes[min(i+1, len(nodes)-1)]
	if i > 2 && nodes[i-2].is(".", "::") {
		left = nodes[i-3]
	}
	if i+3 < len(nodes) && nodes[i+2].is(".") {
		right = nodes[i+3]
	}
	before, after := c.text[left.from:nodes[i].from], c.text[nodes[i].to:right.to]
	m.Before, m.After = snippet(before+nodes[i].text+after), snippet(before+shifted+after)
	c.emit(m, nodes[i].from, nodes[i].to, shifted)
}

// isLock reports whether a statement does nothing but take a lock for those behind it.
func isLock(nodes []sqlNode) bool {
	return len(nodes) == 3 && nodes[0].is("SELECT") && strings.HasPrefix(nodes[1].text, "pg_advisory_") && nodes[2].parens()
}
