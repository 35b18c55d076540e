package world

import (
	"reflect"
	"slices"
	"testing"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/run"
)

// rowsOf returns the fields that the audit has rows for, by type or method.
func rowsOf(of string) (fields []string) {
	for i := range inputRows {
		if inputRows[i].of == of {
			fields = append(fields, inputRows[i].field)
		}
	}
	return fields
}

// TestEveryFieldIsAudited looks at the types of what enters the system: every field has a row, and every row a field.
func TestEveryFieldIsAudited(t *testing.T) {
	audited := map[string]bool{"Payload": true}
	for _, input := range []any{
		engine.Submission{}, engine.Event{}, engine.WorkerReport{}, engine.StartRequest{}, engine.AppConfig{}, engine.WorkerConfig{},
	} {
		of := reflect.TypeOf(input)
		audited[of.Name()] = true
		rows := rowsOf(of.Name())
		for _, field := range reflect.VisibleFields(of) {
			if !slices.Contains(rows, field.Name) {
				t.Errorf("%s.%s has no row in the audit: say which classes of its values are drawn, and count them", of.Name(), field.Name)
			}
			rows = slices.DeleteFunc(rows, func(row string) bool { return row == field.Name })
		}
		if len(rows) > 0 {
			t.Errorf("%s has no fields %q", of.Name(), rows)
		}
	}
	// The methods of the app are what users call. Arguments have no names at run time, so they are counted; those that
	// are structures have rows of their own.
	app := reflect.TypeFor[*engine.App]()
	for i := range app.NumMethod() {
		method := app.Method(i)
		of, arguments := "App."+method.Name, 0
		audited[of] = true
		for j := 2; j < method.Type.NumIn(); j++ { // behind the receiver and the context
			if in := method.Type.In(j); in.Kind() == reflect.Struct && audited[in.Name()] {
				continue
			}
			arguments++
		}
		if rows := rowsOf(of); len(rows) != arguments {
			t.Errorf("%s has %d arguments, and the audit rows for %q", of, arguments, rows)
		}
	}
	for i := range inputRows {
		if r := &inputRows[i]; !audited[r.of] {
			t.Errorf("%s.%s is a row about nothing", r.of, r.field)
		}
	}
}

// TestEveryClassIsExplained: a class that is not drawn has a reason, and is one of its row.
func TestEveryClassIsExplained(t *testing.T) {
	for i := range inputRows {
		r := &inputRows[i]
		if r.kind == nil {
			t.Fatalf("row %d is missing", i)
		}
		for class, reason := range r.undrawn {
			if class < 0 || class >= len(r.kind.classes) || reason == "" {
				t.Errorf("%s.%s: class %d is not drawn for the reason %q", r.of, r.field, class, reason)
			}
		}
		if len(r.undrawn) == len(r.kind.classes) {
			t.Errorf("%s.%s: no class is drawn at all", r.of, r.field)
		}
	}
}

// TestEveryClassIsDrawn runs seeds until every class that is said to be drawn has been, and no other.
func TestEveryClassIsDrawn(t *testing.T) {
	if testing.Short() {
		t.Skip("some thousand seeds")
	}
	w := New()
	defer w.Close()
	var drawn run.Counts
	const most = 6000
	seeds := 0
	for seed := uint64(0); seed < most && (seed < 500 || len(drawn.Missing()) > 0); seed++ {
		profile := [...]string{"default", "storm", "process", "agent"}[seed%4]
		if _, err := faults.Named(profile); err != nil {
			t.Fatal(err)
		}
		result := w.Run(run.Spec{Seed: seed, Profile: profile})
		drawn.Merge(result.Inputs)
		for _, name := range w.audit.strays {
			t.Fatalf("seed %d draws %s, which the audit says is not drawn", seed, name)
		}
		seeds++
	}
	for _, name := range drawn.Missing() {
		t.Errorf("in %d seeds nothing was of class %s", seeds, name)
	}
	t.Logf("%d classes in %d seeds", drawn.Len(), seeds)
}
