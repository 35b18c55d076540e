package mutants

import (
	"regexp"
	"strings"
)

// A sqlCutter finds the mutants of one statement.
type sqlCutter struct {
	text string // the file
	emit func(m *Mutant, from, to int, instead string)
	// words counts how often each word occurs in the statement.
	words map[string]int
}

// source is the text of nodes, from the first to the last.
func (c *sqlCutter) source(nodes []sqlNode) string {
	if len(nodes) == 0 {
		return ""
	}
	return c.text[nodes[0].from:nodes[len(nodes)-1].to]
}

// comment matches a comment to the end of its line.
var comment = regexp.MustCompile(`--[^\n]*`)

// shown is what a reader sees of nodes: their source, without comments and on one line.
func (c *sqlCutter) shown(nodes []sqlNode) string {
	return snippet(comment.ReplaceAllString(c.source(nodes), ""))
}

// cut emits the mutant in which nodes are another text. where is the part of the statement that they stand in.
func (c *sqlCutter) cut(where, operator string, nodes []sqlNode, instead, after string) {
	c.emit(&Mutant{Function: where, Operator: operator, Before: c.shown(nodes), After: snippet(after)},
		nodes[0].from, nodes[len(nodes)-1].to, instead)
}

// remove emits the mutant without nodes.
func (c *sqlCutter) remove(where, operator string, nodes []sqlNode) {
	c.cut(where, operator, nodes, "", "")
}

// clauses are the words that begin a clause, or end an expression.
var clauses = []string{
	"SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "FOR", "SET", "RETURNING", "ON", "USING", "VALUES",
	"JOIN", "LEFT", "CROSS", "INSERT", "UPDATE", "DELETE", "DO", "UNION",
}

// isQuery reports whether nodes are a statement, as opposed to an expression.
func isQuery(nodes []sqlNode) bool {
	if len(nodes) == 0 {
		return false
	}
	if nodes[0].parens() {
		return isQuery(nodes[0].inner)
	}
	return nodes[0].is("WITH", "SELECT", "INSERT", "UPDATE", "DELETE")
}

// query mutates a statement or subquery.
func (c *sqlCutter) query(where string, nodes []sqlNode) {
	if nodes[0].is("WITH") {
		nodes = c.with(where, nodes)
	}
	var arms [][]sqlNode
	for i, arm := range split(nodes, "UNION") {
		switch {
		case i > 0 && arm[0].is("ALL"):
			arm = arm[1:]
		case i > 0:
			c.emit(&Mutant{Function: where, Operator: "drop-distinct", Before: "UNION", After: "UNION ALL"}, arm[0].from, arm[0].from, "ALL ")
		}
		arms = append(arms, arm)
	}
	for _, arm := range arms {
		if len(arms) > 1 {
			c.dropArm(where, arm)
		}
		if arm[0].parens() && isQuery(arm) {
			c.query(where, arm[0].inner)
			arm = arm[1:] // what orders the union
		}
		c.arm(where, arm)
	}
}

// with mutates the queries with a name, and returns the statement behind them.
func (c *sqlCutter) with(where string, nodes []sqlNode) []sqlNode {
	at := 1
	if nodes[at].is("RECURSIVE") {
		at++
	}
	for {
		first, name := at, nodes[at].text
		for !nodes[at].is("AS") {
			at++
		}
		for !nodes[at].parens() {
			at++
		}
		body := nodes[at].inner
		at++
		more := nodes[at].is(",")
		if body[0].is("INSERT", "UPDATE", "DELETE") && c.words[name] == 1 {
			c.dropEffect(where, nodes, first, at, more)
		}
		c.query(name, body)
		if !more {
			return nodes[at:]
		}
		at++
	}
}

// dropEffect leaves out a query with a name that nobody reads, with the comma on one of its sides.
func (c *sqlCutter) dropEffect(where string, nodes []sqlNode, first, behind int, more bool) {
	query := nodes[first:behind]
	m := &Mutant{Function: where, Operator: "drop-effect", Before: c.shown(query)}
	switch {
	case more:
		c.emit(m, query[0].from, nodes[behind].to, "")
	case nodes[first-1].is(","):
		c.emit(m, nodes[first-1].from, query[len(query)-1].to, "")
	}
}

// dropArm makes an arm of a union return nothing: without the arm, others would lack the names of its columns.
func (c *sqlCutter) dropArm(where string, arm []sqlNode) {
	if arm[0].parens() {
		arm = arm[0].inner
	}
	m := &Mutant{Function: where, Operator: "drop-arm", Before: c.shown(arm[:find(arm, 0, "ORDER", "LIMIT")])}
	if at := find(arm, 0, "WHERE"); at < len(arm) {
		condition := arm[at+1 : find(arm, at+1, clauses...)]
		c.emit(m, condition[0].from, condition[len(condition)-1].to, "false AND ("+c.source(condition)+")")
		return
	}
	end := arm[find(arm, 0, "GROUP", "ORDER", "LIMIT", "FOR")-1].to
	c.emit(m, end, end, " WHERE false")
}

// arm mutates one query without a union, clause by clause.
func (c *sqlCutter) arm(where string, nodes []sqlNode) {
	for first := 0; first < len(nodes); {
		end := find(nodes, first+1, clauses...)
		clause := nodes[first:end]
		switch head := &nodes[first]; {
		case head.is("WHERE", "HAVING"):
			c.condition(where, clause[1:])
		case head.is("SELECT") && len(clause) == 2 && clause[1].is("DISTINCT") && end+1 < len(nodes): // ON (…)
			c.remove(where, "drop-distinct", nodes[first+1:end+2])
			end = find(nodes, end+2, clauses...)
			c.expressions(where, nodes[first+4:end])
		case head.is("ON") && len(clause) > 1 && clause[1].is("CONFLICT"):
			behind := find(nodes, first, "RETURNING")
			c.remove(where, "drop-conflict", nodes[first:behind])
		case head.is("ON"):
			c.condition(where, clause[1:])
		case head.is("ORDER"):
			c.order(where, clause)
		case head.is("LIMIT"):
			c.remove(where, "drop-limit", clause)
			c.expressions(where, clause[1:])
		case head.is("FOR"):
			end = len(nodes)
			c.remove(where, "drop-lock", nodes[first:end])
		case head.is("SET"):
			c.assignments(where, clause[1:])
		case head.is("LEFT"):
			joined := nodes[first:find(nodes, first, "ON", "USING")]
			c.cut(where, "drop-outer", joined, c.source(joined[1:]), "JOIN")
		default:
			c.expressions(where, clause)
		}
		first = end
	}
}

// order mutates ORDER BY.
func (c *sqlCutter) order(where string, clause []sqlNode) {
	c.remove(where, "drop-order", clause)
	keys := split(clause[2:], ",")
	for i, key := range keys {
		if len(keys) > 1 {
			c.removeFromList(where, "drop-order", keys, i)
		}
		if last := key[len(key)-1]; last.is("DESC") {
			c.remove(where, "reverse-order", []sqlNode{last})
		}
		c.walk(where, key)
	}
}

// removeFromList emits the mutant without one part of a list, with the comma on one of its sides.
func (c *sqlCutter) removeFromList(where, operator string, parts [][]sqlNode, i int) {
	from, to := parts[i][0].from, parts[i][len(parts[i])-1].to
	if i > 0 {
		before := parts[i-1]
		from = before[len(before)-1].to
	} else {
		to = parts[i+1][0].from
	}
	c.emit(&Mutant{Function: where, Operator: operator, Before: c.shown(parts[i])}, from, to, "")
}

// assignments mutates SET.
func (c *sqlCutter) assignments(where string, clause []sqlNode) {
	parts := split(clause, ",")
	for i, part := range parts {
		if len(parts) > 1 {
			c.removeFromList(where, "drop-assignment", parts, i)
		} else {
			c.cut(where, "drop-assignment", part, part[0].text+" = "+part[0].text, "")
		}
		c.expressions(where, part[2:]) // behind the column and =
	}
}

// expressions mutates a list of expressions that are no conditions.
func (c *sqlCutter) expressions(where string, nodes []sqlNode) {
	if at := find(nodes, 0, "DISTINCT"); at < len(nodes) {
		c.remove(where, "drop-distinct", nodes[at:at+1])
	}
	for _, part := range split(nodes, ",") {
		c.chain(where, expression(part))
		c.dropHint(where, part)
	}
	c.walk(where, nodes)
}

// expression returns a part of a list without the words that begin the list, and without the name that it is given.
func expression(part []sqlNode) []sqlNode {
	for len(part) > 0 && part[0].is("SELECT", "DISTINCT", "RETURNING") {
		part = part[1:]
	}
	return part[:find(part, 0, "AS")]
}

// wordsOf counts the words of nodes, those in groups included.
func wordsOf(nodes []sqlNode, into map[string]int) {
	for i := range nodes {
		if nodes[i].group {
			wordsOf(nodes[i].inner, into)
		} else {
			into[strings.ToLower(nodes[i].text)]++
		}
	}
}
