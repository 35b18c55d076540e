package times

import (
	"math"
	"testing"
	"time"
)

func TestMoment(t *testing.T) {
	for at, want := range map[time.Duration]string{
		0:                                     "00:00",
		12*time.Second + 999*time.Millisecond: "00:12",
		5*time.Minute + 9*time.Second:         "05:09",
		time.Hour - 1:                         "59:59",
		time.Hour:                             "1 h",
		2342*time.Minute + 51*time.Second:     "39 h 2 min",
	} {
		if got := Moment(at); got != want {
			t.Errorf("%v: %q, want %q", at, got, want)
		}
	}
}

func TestPrecise(t *testing.T) {
	for at, want := range map[time.Duration]string{
		0: "00:00.000",
		5*time.Minute + 9*time.Second + 120*time.Millisecond: "05:09.120",
		time.Hour: "1 h 00:00.000",
		2342*time.Minute + 51*time.Second + 918*time.Millisecond: "39 h 02:51.918",
	} {
		if got := Precise(at); got != want {
			t.Errorf("%v: %q, want %q", at, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                                       "0 s",
		time.Microsecond:                        "less than 1 ms",
		334 * time.Millisecond:                  "334 ms",
		time.Second:                             "1 s",
		7340 * time.Millisecond:                 "7.3 s",
		9999 * time.Millisecond:                 "9.9 s",
		16335 * time.Millisecond:                "16 s",
		time.Minute:                             "1 min",
		-7*time.Minute - 16335*time.Millisecond: "-7 min 16 s",
		8*time.Hour + 31*time.Minute + 13511165*time.Microsecond: "8 h 31 min",
		39*time.Hour + 2*time.Minute:                             "39 h 2 min",
		72 * time.Hour:                                           "3 days",
		math.MinInt64:                                            "-106751 days 23 h",
		170 * time.Hour:                                          "7 days 2 h",
	} {
		if got := Span(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
