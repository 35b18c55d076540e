package analyzer

import (
	"go/ast"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// allowDirective begins the comment that makes an exception.
const allowDirective = "//deterministic:allow"

// allowance is one exception: the comment, and the lines that it covers.
type allowance struct {
	comment *ast.Comment
	reason  string
	file    *token.File
	// line is the line of the comment. alone is true if there is no code before it on that line. Then it covers the
	// next line as well; a comment behind code covers that code only.
	line  int
	alone bool
	used  bool
}

// allowances returns the exceptions in a file.
func allowances(pass *analysis.Pass, file *ast.File) ([]*allowance, error) {
	var found []*allowance
	position := pass.Fset.File(file.FileStart)
	for _, group := range file.Comments {
		for _, comment := range group.List {
			reason, isAllowance := strings.CutPrefix(comment.Text, allowDirective)
			if !isAllowance || (reason != "" && reason[0] != ' ' && reason[0] != '\t') {
				continue
			}
			source, err := pass.ReadFile(position.Name())
			if err != nil {
				return nil, err
			}
			line := position.Line(comment.Pos())
			before := source[position.Offset(position.LineStart(line)):position.Offset(comment.Pos())]
			found = append(found, &allowance{
				comment: comment,
				reason:  strings.TrimSpace(reason),
				file:    position,
				line:    line,
				alone:   strings.TrimSpace(string(before)) == "",
			})
		}
	}
	return found, nil
}

// allowed reports whether an exception covers the line of pos, and marks it as used. An exception without a reason
// covers its line as well, because it is reported itself.
func (c *check) allowed(pos token.Pos) bool {
	file := c.pass.Fset.File(pos)
	line := file.Line(pos)
	covered := false
	for _, a := range c.allows {
		if a.file == file && (a.line == line || a.alone && a.line+1 == line) {
			a.used = true
			covered = true
		}
	}
	return covered
}

// judgeAllowances reports exceptions that give no reason or cover nothing.
func (c *check) judgeAllowances() {
	for _, a := range c.allows {
		switch {
		case a.reason == "":
			c.pass.ReportRangef(a.comment, "exception without a reason; write %s <reason>", allowDirective)
		case !a.used:
			c.pass.ReportRangef(a.comment, "exception that covers nothing; delete it, or move it to the line that it is for, or the line above")
		}
	}
}
