package prose

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A code is an identifier.
type code string

const (
	lost  code = "lost"
	found code = "found"
)

type fact struct {
	Reason code // a list of identifiers, whatever the field's name
	Actor  string
	Text   string
}

func decide(f, g fact, counts map[code]int, err error) int {
	switch f.Reason {
	case lost:
		return 1
	case found:
		return 2
	}
	if f.Reason == g.Reason || slices.Contains([]code{lost, found}, f.Reason) {
		return counts[f.Reason]
	}
	if f.Actor == g.Actor || f.Actor == "agent" {
		return 3
	}
	if f == g { // Data as a whole.
		return 4
	}
	if errors.Is(err, errLost) {
		return 5
	}
	return 0
}

// Whether there is a sentence is a fact.
func has(f fact) bool {
	switch f.Text {
	case "":
		return false
	}
	return f.Text != "" && len(f.Text) > 0
}

// Sentences are made, joined and counted.
func render(f fact, texts []string, byActor map[string]string) string {
	text := strings.ToUpper(f.Text[:1]) + f.Text[1:]
	byActor[f.Actor] = fmt.Sprintf("%s: %s", f.Actor, text)
	return strings.Join(texts, ", ") + strings.Repeat(" ", len(texts)) + byActor[f.Actor]
}
