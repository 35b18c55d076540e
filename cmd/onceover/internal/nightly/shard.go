package nightly

import (
	"fmt"
	"strconv"
	"strings"
)

// ShardsMax is how many machines may share a night.
const ShardsMax = 10_000

// A Shard is the part of a night that one machine does.
type Shard struct {
	Index int // from 1
	Of    int // how many there are
}

// Whole is the shard of a night that is not shared.
var Whole = Shard{1, 1}

// String returns the shard as [ParseShard] reads it: 2/4.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// ParseShard reads a shard as people write it: 2/4 is the second of four. The error says what was given and what is
// allowed.
func ParseShard(text string) (Shard, error) {
	index, of, found := strings.Cut(text, "/")
	i, errIndex := wholeNumber(index)
	n, errOf := wholeNumber(of)
	if s := (Shard{i, n}); found && errIndex == nil && errOf == nil && s.valid() {
		return s, nil
	}
	return Shard{}, fmt.Errorf("%q is no shard: allowed are 1/N to N/N with N up to %d, such as 2/4 for the second of four", text, ShardsMax)
}

func (s Shard) valid() bool { return 1 <= s.Index && s.Index <= s.Of && s.Of <= ShardsMax }

// wholeNumber reads digits, and nothing else: no sign, no space.
func wholeNumber(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), err
}

// MarshalText returns the shard as [Shard.String] does.
func (s Shard) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is [ParseShard].
func (s *Shard) UnmarshalText(text []byte) (err error) {
	*s, err = ParseShard(string(text))
	return err
}
