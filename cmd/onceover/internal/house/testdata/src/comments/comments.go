// Package comments has links that lead somewhere: [Kind], [Kind.String], [Kind.number], [fmt.Stringer], [fmt.Stringer.String],
// [strings.Builder], [hidden], cmd/onceover/internal/house, cmd/onceover/internal/house/doclinks.go, ./internal/..., other/place. And [text] with a
// definition.
//
// It has links that lead nowhere:
//
//   - [Missing], [Kind.Missing], [fmt.Missing] and [fmt.Stringer.Missing], [hidden.missing]
//   - [*missing.Kind], [example.com/missing.Name]
//   - cmd/onceover/internal/missing, cmd/onceover/internal/house/missing.go
//
// Code is none: counts[k], a[Missing], and
//
//	[Missing] cmd/onceover/internal/missing.go
//
// [text]: https://example.com
package comments

import "fmt"

// A Kind has no [Missing] method.
type Kind struct{ number int }

// String returns hidden, see [Kind].
func (k Kind) String() string { return fmt.Sprint(hidden, k.number) }

var hidden = "" // [absent] too
