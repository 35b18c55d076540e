package story_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/story"
)

func ExampleStory_Text() {
	told := story.Story{Entries: []story.Entry{
		{At: 1500 * time.Millisecond, Actor: "app-1", Text: "dispatches R1/1 under claim 1", Count: 1},
		{At: 61 * time.Second, Actor: "worker-2", Text: "fault: process.pause", Fault: true, Necessary: true, Count: 1},
		{At: 2 * time.Hour, Actor: "app-1", Text: "sweeps", Count: 12},
	}}
	fmt.Print(told.Text("", nil))
	// Output:
	//     00:01.500  app-1     dispatches R1/1 under claim 1
	// !!  01:01.000  worker-2  fault: process.pause
	//    120:00.000  app-1     sweeps (12 times)
}

func TestMoment(t *testing.T) {
	for at, want := range map[time.Duration]string{
		0: "00:00.000",
		72*time.Minute + 3*time.Second + 120*time.Millisecond + 999*time.Microsecond: "72:03.120",
	} {
		if got := story.Moment(at); got != want {
			t.Errorf("Moment(%s) = %q, want %q", at, got, want)
		}
	}
}
