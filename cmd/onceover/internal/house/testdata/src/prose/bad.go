package prose

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

type record struct {
	Text    string
	Message string
	Error   string
	Actor   string
}

var pattern = regexp.MustCompile(`^fault: `) // want `regexp.MustCompile looks into a text`

var explanations = map[string]int{
	"the answer was lost": 1, // want `the key of a map is prose`
	"lost":                2,
}

func matching(r record, actor string) bool {
	if strings.HasPrefix(actor, "app-") { // want `strings.HasPrefix looks into a text`
		return true
	}
	if _, after, found := strings.Cut(r.Actor, "."); found && after == "1" { // want `strings.Cut looks into a text`
		return true
	}
	isFault := strings.Contains // want `strings.Contains looks into a text`
	return isFault(r.Actor, "fault")
}

func compared(r, s record, err error) int {
	if r.Text == "lost" { // want `== compares prose`
		return 1
	}
	if r.Error != errLost.Error() { // want `!= compares prose`
		return 2
	}
	if r.Actor == "the worker" { // want `== compares prose`
		return 3
	}
	switch r.Message { // want `switch compares prose`
	case "lost", "found":
		return 4
	}
	switch { // The condition is found, not the switch.
	case err.Error() == r.Actor: // want `== compares prose`
		return 5
	}
	if r.Text < s.Text || cmp.Compare(r.Text, s.Text) > 0 { // want `< compares prose` `cmp.Compare compares prose`
		return 6
	}
	return 0
}

func named(text string, words []string) bool {
	return slices.Contains(words, text) // want `slices.Contains compares prose`
}

func made(r record, seen map[string]bool) bool {
	line := r.Actor + ": " + r.Message
	shown := line
	if seen[shown] { // want `the key of a map is prose`
		return true
	}
	delete(seen, fmt.Sprint(r)) // want `the key of a map is prose`
	lower := []byte(strings.ToLower(r.Message))
	if string(lower) == "lost" { // want `== compares prose`
		return true
	}
	start := r.Text[:3]
	return start == "not" // want `== compares prose`
}

type kind int

func (k kind) String() string { return "lost" }

func (k kind) parse(name string) bool {
	return k.String() == name // want `== compares prose`
}

var errLost = errors.New("lost")
