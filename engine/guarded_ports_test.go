package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// tolerant is a runtime that lets the engine recover from every panic.
type tolerant struct{ engine.Runtime }

// Recoverable implements [engine.Runtime].
func (tolerant) Recoverable(any) bool { return true }

// methods calls visit for every method of every port.
func methods(ports engine.Ports, visit func(port, method string, call reflect.Value)) {
	all := reflect.ValueOf(ports)
	for i := range all.NumField() {
		port, is := all.Field(i), all.Type().Field(i)
		for j := range is.Type.NumMethod() {
			visit(is.Name, is.Type.Method(j).Name, port.MethodByName(is.Type.Method(j).Name))
		}
	}
}

// argumentsOf returns arguments that no two calls confuse: none is zero.
func argumentsOf(method reflect.Type) []reflect.Value {
	arguments := make([]reflect.Value, method.NumIn())
	for i := range arguments {
		argument := reflect.New(method.In(i)).Elem()
		if argument.Kind() == reflect.Interface {
			argument.Set(reflect.ValueOf(context.Background()))
		} else {
			fill(argument, i+7)
		}
		arguments[i] = argument
	}
	return arguments
}

// fill sets all fields of a value to what a number stands for.
func fill(v reflect.Value, n int) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(moment(time.Duration(n) * time.Second)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), 10*n+i)
		}
	case reflect.String:
		v.SetString(fmt.Sprint("text ", n))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(n))
	case reflect.Uint8:
		v.SetUint(1)
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(n))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), n)
	case reflect.Bool:
		v.SetBool(true)
	default: // maps and pointers stay nil
	}
}

// opOf is what errors and the log call a method.
func opOf(port, method string) string {
	switch port {
	case "Preparer":
		return "prepare"
	case "Stream":
		port = "agent"
	}
	var op strings.Builder
	op.WriteString(strings.ToLower(port) + ".")
	for i, letter := range method {
		if unicode.IsUpper(letter) && i > 0 {
			op.WriteByte('-')
		}
		op.WriteRune(unicode.ToLower(letter))
	}
	return op.String()
}

// TestEveryPortIsGuarded has every method of every port panic: there is nothing behind the guard. The call fails, as
// what may have had its effect but for what has none, and the log says which it was.
func TestEveryPortIsGuarded(t *testing.T) {
	kinds := map[string]engine.ErrorKind{"prepare": engine.Rejected, "agent.recv": engine.Permanent}
	var log bytes.Buffer
	ports := engine.Ports{}.Guarded(tolerant{}, slog.New(slog.NewTextHandler(&log, nil)))
	methods(ports, func(port, method string, call reflect.Value) {
		op := opOf(port, method)
		t.Run(op, func(t *testing.T) {
			want, listed := kinds[op]
			if !listed {
				want = engine.Ambiguous
			}
			log.Reset()
			answers := call.Call(argumentsOf(call.Type()))
			if !strings.Contains(log.String(), " op="+op+" ") || !strings.Contains(log.String(), "guarded_ports_test.go") {
				t.Errorf("the log names neither the call nor its place:\n%s", &log)
			}
			if method == "Close" {
				return
			}
			err, _ := answers[len(answers)-1].Interface().(error)
			failed, _ := errors.AsType[*engine.Error](err)
			_, panicked := errors.AsType[*engine.PanicError](err)
			if !panicked || failed == nil || failed.Kind != want || failed.Op != op {
				t.Errorf("error is %v, want one of kind %s for the panic", err, want)
			}
			for _, answer := range answers[:len(answers)-1] {
				if !answer.IsZero() {
					t.Errorf("answers %v beside the error", answer)
				}
			}
		})
	})
}

// A recorder is behind ports, and answers each call with the same.
type recorder struct {
	answer error
	calls  []string
}

func (r *recorder) record(format string, arguments ...any) {
	r.calls = append(r.calls, fmt.Sprintf(format, arguments...))
}

// ports returns the ports that record.
func (r *recorder) ports() engine.Ports {
	failure := model.Failure{}
	if r.answer != nil {
		failure = model.FailureOf(engine.KindOf(r.answer))
	}
	return engine.Ports{
		Store: model.NewReviewsPort(func(_ context.Context, op *model.ReviewsOp, result *model.ReviewsResult) {
			r.record("%+v", *op)
			result.Failure = failure
		}),
		Journal: model.NewJournalPort(func(_ context.Context, op *model.JournalOp, result *model.JournalResult) {
			r.record("%+v", *op)
			result.Failure = failure
		}),
		Worker: recordingWorker{recorder: r}, Agent: recordingAgent{recorder: r}, Stream: recordingStream{recorder: r},
	}
}

type recordingWorker struct {
	engine.Worker
	*recorder
}

// Events implements [engine.Worker].
func (r recordingWorker) Events(_ context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	r.record("events of %s: %d after %d", key, max, after)
	return nil, r.answer
}

type recordingAgent struct {
	engine.Agent
	*recorder
}

// Stream implements [engine.Agent].
func (r recordingAgent) Stream(_ context.Context, key engine.AttemptKey, after int64) (engine.EventStream, error) {
	r.record("stream of %s after %d", key, after)
	if r.answer != nil {
		return nil, r.answer
	}
	return recordingStream{recorder: r.recorder}, nil
}

type recordingStream struct {
	engine.EventStream
	*recorder
}

// Close implements [engine.EventStream].
func (r recordingStream) Close() { r.record("close") }

// TestGuardsPassThrough compares each call of a port with the same call under a guard: what reaches the port, and what it
// answers.
func TestGuardsPassThrough(t *testing.T) {
	recorded := map[string]bool{"worker.events": true, "agent.stream": true, "agent.close": true}
	for _, answer := range []error{nil, engine.Errorf(engine.Stale, "port", "of the test")} {
		bare, behind := &recorder{answer: answer}, &recorder{answer: answer}
		direct := reflect.ValueOf(bare.ports())
		methods(behind.ports().Guarded(tolerant{}, nil), func(port, method string, call reflect.Value) {
			if port != "Store" && port != "Journal" && !recorded[opOf(port, method)] {
				return
			}
			t.Run(fmt.Sprintf("%s -> %v", opOf(port, method), answer), func(t *testing.T) {
				bare.calls, behind.calls = nil, nil
				want := direct.FieldByName(port).MethodByName(method).Call(argumentsOf(call.Type()))
				got := call.Call(argumentsOf(call.Type()))
				if len(bare.calls) != 1 || !reflect.DeepEqual(behind.calls, bare.calls) {
					t.Errorf("%q reached the port, want %q", behind.calls, bare.calls)
				}
				for i := range want {
					_, guarded := got[i].Interface().(interface{ Close() })
					if same := reflect.DeepEqual(got[i].Interface(), want[i].Interface()); !same && (answer != nil || !guarded) {
						t.Errorf("answers %v, want %v", got[i], want[i])
					}
				}
			})
		})
	}
}
