package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/onceover/onceover/sim/kernel"
)

// replayBytesMax is the largest size of a replay file. It has room for 100,000 overrides, and reading a device by
// mistake does not fill the memory.
const replayBytesMax = 16 << 20

// ReadReplay reads a replay file strictly: a field that is unknown, missing, given twice or out of range is an error,
// because a run that silently differs from the recorded one proves nothing. The profile and the properties must be in
// the vocabulary of the world; a nil vocabulary allows all.
//
// Errors have one line, and name the file, the wrong value and what is allowed. If the file cannot be opened, the error
// is an [*io/fs.PathError].
func ReadReplay(path string, words *Vocabulary) (Replay, error) {
	file, err := os.Open(path)
	if err != nil {
		return Replay{}, err
	}
	defer func() { _ = file.Close() }() // a file that is only read
	data, err := io.ReadAll(io.LimitReader(file, replayBytesMax+1))
	if err != nil {
		return Replay{}, err
	}
	if len(data) > replayBytesMax {
		return Replay{}, fmt.Errorf("%s: more than %d MiB: not a replay file", path, replayBytesMax>>20)
	}
	r, err := parseReplay(data, words)
	if err != nil {
		return Replay{}, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// parseReplay parses the content of a replay file, as [ReadReplay] documents.
func parseReplay(data []byte, words *Vocabulary) (Replay, error) {
	if words == nil {
		words = &Vocabulary{}
	}
	members, err := parseObject(data)
	if err != nil {
		return Replay{}, err
	}
	// The format comes first, because the rest of a newer file cannot be understood.
	format, ok := members.take("format")
	if !ok {
		return Replay{}, errors.New(`"format" is missing: not a replay file, or one made by hand: add "format": 1`)
	}
	switch version, err := strconv.ParseUint(string(format), 10, 32); {
	case err != nil || version == 0:
		return Replay{}, fmt.Errorf(`"format" is %s: allowed is a whole number from 1 to %d`, shorten(format), replayFormat)
	case version > replayFormat:
		return Replay{}, fmt.Errorf(`"format" is %d, newer than the %d that this onceover reads: update onceover`, version, replayFormat)
	}

	var r Replay
	for _, member := range []struct {
		name     string
		required bool
		read     func(value json.RawMessage) error
	}{
		{"seed", true, func(v json.RawMessage) (err error) { r.Seed, err = parseWord(v); return }},
		{"profile", true, func(v json.RawMessage) (err error) { r.Profile, err = words.parseProfile(v); return }},
		{"overrides", false, func(v json.RawMessage) (err error) { r.Overrides, err = parseOverrides(v); return }},
		{"properties", false, func(v json.RawMessage) (err error) { r.Properties, err = words.parseProperties(v); return }},
		{"signature", false, func(v json.RawMessage) (err error) { r.Signature, err = parseString(v); return }},
		{"trace_hash", false, func(v json.RawMessage) (err error) { r.TraceHash, err = parseHash(v); return }},
		{"engine_version", false, func(v json.RawMessage) (err error) { r.EngineVersion, err = parseString(v); return }},
		{"bug", false, func(v json.RawMessage) (err error) { r.Bug.Name, err = parseString(v); return }},
		{"patch", false, func(v json.RawMessage) (err error) { r.Bug.Patch, err = parseString(v); return }},
	} {
		value, given := members.take(member.name)
		if !given && member.required {
			return Replay{}, fmt.Errorf("%q is missing", member.name)
		}
		if given {
			if err := member.read(value); err != nil {
				return Replay{}, fmt.Errorf("%q: %w", member.name, err)
			}
		}
	}
	if err := members.nothingLeft("format, seed, profile, overrides, properties, signature, trace_hash, engine_version, bug, patch"); err != nil {
		return Replay{}, err
	}
	return r, nil
}

// UnmarshalJSON parses the content of a replay file as [ReadReplay] does, with a nil vocabulary.
func (r *Replay) UnmarshalJSON(data []byte) error {
	parsed, err := parseReplay(data, nil)
	if err == nil {
		*r = parsed
	}
	return err
}

// ParseSeed parses a seed of up to 64 bits, in decimal such as 17 or in hexadecimal such as 0x11. The error names the
// text and what is allowed.
func ParseSeed(text string) (uint64, error) {
	digits, hexadecimal := strings.CutPrefix(strings.ToLower(text), "0x")
	base := 10
	if hexadecimal {
		base = 16
	}
	seed, err := strconv.ParseUint(digits, base, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%s is too large for a seed: allowed are 0 to %d", text, uint64(1<<64-1))
	case err != nil:
		return 0, fmt.Errorf("%q is not a seed: allowed are 0 to %d, decimal such as 17 or hexadecimal such as 0x11", text, uint64(1<<64-1))
	}
	return seed, nil
}

func parseString(value json.RawMessage) (string, error) {
	var text *string
	if err := json.Unmarshal(value, &text); err != nil || text == nil {
		return "", fmt.Errorf("%s is not a string", shorten(value))
	}
	return *text, nil
}

// parseWord parses a number of 64 bits in a string: see [Replay].
func parseWord(value json.RawMessage) (uint64, error) {
	if len(value) > 0 && (value[0] == '-' || value[0] >= '0' && value[0] <= '9') {
		return 0, fmt.Errorf(`%s is a number: write it as a string, "%[1]s", because many programs round large numbers`, shorten(value))
	}
	text, err := parseString(value)
	if err != nil {
		return 0, err
	}
	return ParseSeed(text)
}

func (v *Vocabulary) parseProfile(value json.RawMessage) (string, error) {
	name, err := parseString(value)
	if err == nil {
		err = v.CheckProfile(name)
	}
	return name, err
}

func (v *Vocabulary) parseProperties(value json.RawMessage) ([]string, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(value, &list); err != nil || len(list) == 0 {
		return nil, fmt.Errorf("%s is not a list of properties: leave it out to watch all", shorten(value))
	}
	ids := make([]string, 0, len(list))
	for _, element := range list {
		id, err := parseString(element)
		switch {
		case err != nil:
			return nil, err
		case v.checkProperty(id) != nil:
			return nil, fmt.Errorf("%s is not a property of this world", shorten(element))
		case slices.Contains(ids, id):
			return nil, fmt.Errorf("%s is given twice", shorten(element))
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func parseHash(value json.RawMessage) (uint64, error) {
	text, err := parseString(value)
	if err != nil {
		return 0, err
	}
	hash, err := strconv.ParseUint(text, 16, 64)
	if err != nil || len(text) != 16 {
		return 0, fmt.Errorf("%s is not a hash: allowed are 16 hexadecimal digits", shorten(value))
	}
	return hash, nil
}

func parseOverrides(value json.RawMessage) ([]kernel.Override, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(value, &list); err != nil || list == nil {
		return nil, fmt.Errorf("%s is not a list", shorten(value))
	}
	overrides := make([]kernel.Override, 0, len(list))
	given := make(map[kernel.Key]bool, len(list))
	for i, element := range list {
		override, err := parseOverride(element)
		if err == nil && given[override.Key] {
			err = fmt.Errorf("%s is overridden twice", override.Key)
		}
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i+1, err)
		}
		given[override.Key] = true
		overrides = append(overrides, override)
	}
	return slices.Clip(overrides), nil
}

func parseOverride(data json.RawMessage) (kernel.Override, error) {
	members, err := parseObject(data)
	if err != nil {
		return kernel.Override{}, err
	}
	var o kernel.Override
	for _, member := range []struct {
		name string
		read func(value json.RawMessage) error
	}{
		{"actor", func(v json.RawMessage) (err error) { o.Actor, err = parseString(v); return }},
		{"operation", func(v json.RawMessage) (err error) { o.Operation, err = parseString(v); return }},
		{"occurrence", func(v json.RawMessage) error {
			if string(v) == everyOccurrence {
				o.Occurrence = kernel.Every
				return nil
			}
			n, err := strconv.ParseUint(string(v), 10, 32)
			if err != nil || uint32(n) == kernel.Every {
				return fmt.Errorf("%s is not an occurrence: allowed are whole numbers from 0 to %d, and %s", shorten(v), kernel.Every-1, everyOccurrence)
			}
			o.Occurrence = uint32(n)
			return nil
		}},
		{"value", func(v json.RawMessage) (err error) { o.Value, err = parseWord(v); return }},
	} {
		value, given := members.take(member.name)
		if !given {
			return kernel.Override{}, fmt.Errorf("%q is missing", member.name)
		}
		if err := member.read(value); err != nil {
			return kernel.Override{}, fmt.Errorf("%q: %w", member.name, err)
		}
	}
	return o, members.nothingLeft("actor, operation, occurrence, value")
}

// object is a JSON object. Reading it takes its members one by one.
type object struct {
	names  []string // in the order of the file
	values map[string]json.RawMessage
}

// parseObject parses one JSON object that nothing follows. Unlike package json it distinguishes case, and refuses
// members that are given twice.
func parseObject(data []byte) (*object, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	start, err := decoder.Token()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("is empty: expected a JSON object")
	}
	if err == nil && start != json.Delim('{') {
		return nil, fmt.Errorf("%s is not a JSON object", shorten(data))
	}
	o := &object{values: make(map[string]json.RawMessage)}
	for err == nil && decoder.More() {
		var token json.Token
		if token, err = decoder.Token(); err != nil {
			break
		}
		name := token.(string) // inside an object, the decoder returns no other token
		if _, twice := o.values[name]; twice {
			return nil, fmt.Errorf("%s is given twice", shorten(quote(name)))
		}
		var value json.RawMessage
		if err = decoder.Decode(&value); err == nil {
			o.names = append(o.names, name)
			o.values[name] = value
		}
	}
	if err == nil {
		_, err = decoder.Token() // the closing brace
	}
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("ends too early")
		}
		return nil, fmt.Errorf("not valid JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more data follows the JSON object")
	}
	return o, nil
}

// take returns the value of a member and removes it.
func (o *object) take(name string) (json.RawMessage, bool) {
	value, given := o.values[name]
	delete(o.values, name)
	return value, given
}

// nothingLeft returns an error if a member was not taken. It lists the allowed members.
func (o *object) nothingLeft(allowed string) error {
	for _, name := range o.names {
		if _, left := o.values[name]; left {
			return fmt.Errorf("unknown field %s: allowed are %s", shorten(quote(name)), allowed)
		}
	}
	return nil
}

// shorten returns a piece of JSON for an error message, on one line and of limited length.
func shorten(value []byte) string {
	const most = 40
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(value), "?")), " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
