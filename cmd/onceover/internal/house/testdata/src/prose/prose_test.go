package prose

import (
	"strings"
	"testing"
)

// A test may look at what people read.
func TestMatching(t *testing.T) {
	if r := (record{Text: "lost"}); r.Text != "lost" || strings.HasPrefix(r.Message, "fault: ") {
		t.Error("lost")
	}
}
