// Package errgroup stands in for the module that tests do not download.
package errgroup

// Group runs functions.
type Group struct{}
