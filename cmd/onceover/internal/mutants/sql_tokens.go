package mutants

import (
	"fmt"
	"regexp"
	"strings"
)

// The cutter of this file and its neighbours knows as much of SQL as it takes to find what can be left out of a
// statement: strings, comments, parentheses, CASE … END, and the words that begin clauses. A parser of the whole
// language (libpg_query, in C or as WebAssembly) reports where a part begins but not where it ends, so a mutant would be
// a statement printed anew, in which nobody finds the line that is missing. Here a mutant is the file with a splice.
// Tests count words to show that nothing is overlooked, and the server decides whether a mutant is SQL: it prepares it.

// A sqlNode is a token, or a group: what stands in parentheses, or from CASE to END.
type sqlNode struct {
	from, to int    // its place in the file
	text     string // of a token; "(" or "CASE" for a group
	group    bool
	inner    []sqlNode // of a group, without its brackets
}

// is reports whether the node is one of these tokens. Words are compared without regard to case.
func (n *sqlNode) is(words ...string) bool {
	for _, word := range words {
		if !n.group && strings.EqualFold(n.text, word) {
			return true
		}
	}
	return false
}

// parens and branches report whether the node is a group of that kind.
func (n *sqlNode) parens() bool   { return n.group && n.text == "(" }
func (n *sqlNode) branches() bool { return n.group && n.text == "CASE" }

// sqlToken matches, from the left: white space and comments, a string, a word or number or argument, and what joins
// them.
var sqlToken = regexp.MustCompile(`(?s)^(?:(\s+|--[^\n]*)|('(?:[^']|'')*'|@?\w+|::|<=|>=|<>|\|\||.))`)

// sqlTokens returns the tokens of a text, without white space and comments.
func sqlTokens(text string) []sqlNode {
	var tokens []sqlNode
	for at := 0; at < len(text); {
		found := sqlToken.FindStringSubmatch(text[at:])
		if found[2] != "" {
			tokens = append(tokens, sqlNode{from: at, to: at + len(found[0]), text: found[2]})
		}
		at += len(found[0])
	}
	return tokens
}

// A sqlReader makes groups of tokens.
type sqlReader struct{ tokens []sqlNode }

// sqlStatements splits a file into its statements, each without the semicolon. The error names a bracket that is not
// closed, or closes nothing.
func sqlStatements(text string) (statements [][]sqlNode, err error) {
	r := sqlReader{sqlTokens(text)}
	for len(r.tokens) > 0 {
		statement, _, err := r.upTo(";")
		if err != nil {
			return nil, err
		}
		if len(statement) > 0 {
			statements = append(statements, statement)
		}
	}
	return statements, nil
}

// closings is what closes each group.
var closings = map[string]string{"(": ")", "CASE": "END"}

// upTo reads nodes up to a token that ends them. end is where that token ends.
func (r *sqlReader) upTo(closing string) (nodes []sqlNode, end int, err error) {
	for len(r.tokens) > 0 {
		node := r.tokens[0]
		r.tokens = r.tokens[1:]
		if node.is(closing) {
			return nodes, node.to, nil
		}
		if node.is(")", "END", ";") {
			return nil, 0, fmt.Errorf("%s at byte %d, where %s is missing", node.text, node.from, closing)
		}
		if within, opens := closings[strings.ToUpper(node.text)]; opens {
			node.group, node.text = true, strings.ToUpper(node.text)
			if node.inner, node.to, err = r.upTo(within); err != nil {
				return nil, 0, err
			}
		}
		nodes = append(nodes, node)
	}
	return nil, 0, fmt.Errorf("%s is missing at the end", closing)
}

// find returns the index of the first node from a position on that is one of these tokens, or the number of nodes.
func find(nodes []sqlNode, from int, words ...string) int {
	for i := from; i < len(nodes); i++ {
		if nodes[i].is(words...) {
			return i
		}
	}
	return len(nodes)
}

// split splits nodes at a token. The AND of BETWEEN joins no conditions.
func split(nodes []sqlNode, at string) [][]sqlNode {
	var parts [][]sqlNode
	first, between := 0, false
	for i := range nodes {
		switch {
		case nodes[i].is("BETWEEN"):
			between = true
		case nodes[i].is(at) && between && at == "AND":
			between = false
		case nodes[i].is(at):
			parts = append(parts, nodes[first:i])
			first = i + 1
		}
	}
	return append(parts, nodes[first:])
}
