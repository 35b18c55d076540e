// Package times writes virtual times and durations as people do: 05:09, 39 h 2 min.
//
// Verdicts, stories, pages and reports use it, so that one moment is written in one way everywhere.
package times
