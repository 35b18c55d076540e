package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/onceover/onceover/engine"
)

// RequiresHeader lists, separated by commas, what a request needs its reader to understand although an older reader
// would not notice. This version knows nothing of that kind, so it refuses every request that has it: not yet.
const RequiresHeader = "Onceover-Requires"

// understands refuses a request that requires something of a newer version.
func understands(request *http.Request) error {
	if required := strings.Join(request.Header.Values(RequiresHeader), ", "); required != "" {
		return notYet("this version does not know what the request requires: " + oneLine(required, errorTextBytesMax))
	}
	return nil
}

// notYet is the error of a handler that does not understand a request of a newer version. It has no effect; another
// server, or this one after its upgrade, may understand it.
func notYet(text string) error {
	return &statusError{http.StatusNotImplemented, engine.Rejected, "not yet: " + text}
}

// decode decodes exactly one JSON object. It ignores fields that this version does not know, and refuses values that it
// does not know as not yet. Everything else that is wrong with the object is wrong for good.
func decode(raw []byte, value any) error {
	if raw = bytes.TrimSpace(raw); bytes.Equal(raw, []byte("null")) {
		return badRequest("request body is null; expected an object")
	}
	err := json.Unmarshal(raw, value)
	var unknown *engine.UnknownValueError
	switch {
	case errors.As(err, &unknown):
		return notYet("request body: " + oneLine(unknown.Error(), errorTextBytesMax))
	case err != nil:
		return badRequest("request body: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if name, twice := fieldTwice(raw); twice {
		return badRequest("request body: field %s is there twice", oneLine(name, errorTextBytesMax))
	}
	return nil
}

// fieldTwice returns the first field that an object has twice, at its top or in an object directly within it. Two readers
// could take different ones. raw is valid JSON. Names are compared as [json.Unmarshal] does, without regard to case.
func fieldTwice(raw []byte) (name string, twice bool) {
	var seen [2][]string // by depth
	depth, isName := 0, false
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '{':
			if depth++; depth <= len(seen) {
				seen[depth-1] = seen[depth-1][:0]
			}
			isName = true
		case '[':
			depth += len(seen) + 1 // what is in lists is not looked at
			isName = false
		case '}':
			depth--
			isName = false
		case ']':
			depth -= len(seen) + 1
		case ',':
			isName = true
		case ':':
			isName = false
		case '"':
			end := endOfString(raw, i+1)
			if isName && depth >= 1 && depth <= len(seen) {
				text := string(raw[i+1 : end])
				if strings.Contains(text, `\`) {
					_ = json.Unmarshal(raw[i:end+1], &text) // it is valid
				}
				for _, other := range seen[depth-1] {
					if strings.EqualFold(other, text) {
						return text, true
					}
				}
				seen[depth-1] = append(seen[depth-1], text)
			}
			i = end
		}
	}
	return "", false
}

// endOfString returns where the string ends that begins at start, behind its opening quote.
func endOfString(raw []byte, start int) int {
	for end := start; ; end++ {
		end += bytes.IndexByte(raw[end:], '"')
		escapes := 0
		for raw[end-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return end
		}
	}
}
