// Package text prints for people: numbers with separators, tables, styles where they show, and on a terminal a line that is
// drawn again in place.
package text
