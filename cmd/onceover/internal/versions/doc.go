// Package versions has a test alone: it builds a small program twice, of today's sources and of a next version with fields,
// a status and a kind of event that today's does not have, and lets each call the other over HTTP.
package versions
