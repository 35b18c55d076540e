package postgres

import (
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/onceover/onceover/engine"
)

// storable reports whether a name can stand in a column of type text, which holds
// UTF-8 without NUL. Names come from the platform and from the system itself, so one
// that can't is nonsense: it is refused where it would be created, and is not found
// anywhere else. Texts that name nothing are stored as bytes and may hold anything.
func storable[T ~string](names ...T) bool {
	for _, name := range names {
		if !utf8.ValidString(string(name)) || strings.IndexByte(string(name), 0) >= 0 {
			return false
		}
	}
	return true
}

// signed is a token, epoch or beat as a column holds it. What no column can hold was
// never given out: -1 equals none that was.
func signed[T ~uint64](number T) int64 {
	if number > math.MaxInt64 {
		return -1
	}
	return int64(number)
}

// horizon is how far ahead of now a due time is believed; see [engine.Due].
func horizon(now time.Time) time.Time { return stored(now).Add(engine.MaxAhead) }

// stored is a time as a column holds it: whole microseconds.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
