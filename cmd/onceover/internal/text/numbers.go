package text

import (
	"fmt"
	"strconv"
	"strings"
)

// Count returns a number with separators: 1,234,567.
func Count[N ~int | ~int64 | ~uint64](n N) string {
	digits := strconv.FormatUint(uint64(n), 10)
	var text strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			text.WriteByte(',')
		}
		text.WriteRune(digit)
	}
	return text.String()
}

// Plural returns a number with its noun: 1 seed, 2,000 seeds.
func Plural[N ~int | ~int64 | ~uint64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(n) + " " + noun + "s"
}

// Span returns a number of seconds in the largest unit of which there is at least one: 4.2 years.
func Span(seconds float64) string {
	units := []struct {
		name    string
		seconds float64
	}{
		{"year", 365.25 * 86400}, {"day", 86400}, {"hour", 3600}, {"minute", 60},
	}
	for _, unit := range units {
		if n := seconds / unit.seconds; n >= 1 {
			return fmt.Sprintf("%s %ss", decimal(n), unit.name)
		}
	}
	if seconds < 1 {
		return fmt.Sprintf("%.0f ms", seconds*1000)
	}
	return decimal(seconds) + " s"
}

// decimal returns a number with one digit behind the point, up to 100.
func decimal(n float64) string {
	if n >= 100 {
		return Count(uint64(n + 0.5))
	}
	return strconv.FormatFloat(n, 'f', 1, 64)
}

// ShellWord returns text as one word of a shell's command line.
func ShellWord(text string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=:@%+,", r)
	}
	if text != "" && strings.IndexFunc(text, func(r rune) bool { return !safe(r) }) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
