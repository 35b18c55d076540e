package httpapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// pieces is a body that arrives in pieces, with an ended context before each.
type pieces struct {
	rest  []byte
	size  int
	pause bool // the context ends before the next piece
	err   error
}

func (p *pieces) ReadContext(ctx context.Context, to []byte) (int, error) {
	if p.pause = !p.pause; p.pause {
		return 0, context.Canceled
	}
	if len(p.rest) == 0 {
		return 0, p.err
	}
	n := copy(to, p.rest[:min(p.size, len(p.rest))])
	p.rest = p.rest[n:]
	return n, nil
}

// readFrames reads to the error that ends the stream, through all pauses.
func readFrames(source BodyReader, bytesMax int) (frames []string, err error) {
	reader := newEventReader(source, bytesMax)
	for {
		f, err := reader.next(context.Background())
		if f.alive {
			continue
		}
		switch {
		case errors.Is(err, context.Canceled):
		case err != nil:
			return frames, err
		default:
			frames = append(frames, fmt.Sprintf("%s %s %q", f.name, f.id, f.data))
		}
	}
}

func TestEventStreamFormat(t *testing.T) {
	bound(t)
	for _, test := range []struct {
		name   string
		stream string
		want   []string
	}{
		{"nothing", "", nil},
		{"one event", "id: 1\nevent: progress\ndata: x\n\n", []string{`progress 1 "x"`}},
		{"CR LF", "id: 1\r\ndata: x\r\n\r\n", []string{` 1 "x"`}},
		{"CR", "id: 1\rdata: x\r\r", []string{` 1 "x"`}},
		{"ends of lines mixed", "data: a\r\ndata: b\rdata: c\n\r\ndata: d\n\r", []string{`  "a\nb\nc"`, `  "d"`}},
		{"several lines of data", "data: a\ndata:\ndata: b\n\n", []string{`  "a\n\nb"`}},
		{"one space is taken off", "data:x\n\ndata:  x\n\ndata:\tx\n\n", []string{`  "x"`, `  " x"`, `  "\tx"`}},
		{"comments", ": hello\n\n:\n:data: no\ndata: x\n: in between\n\n", []string{`  "x"`}},
		{"empty data is data", "data\n\ndata:\n\ndata\ndata\n\n", []string{`  ""`, `  ""`, `  "\n"`}},
		{"an event without data is none", "event: ping\nid: 4\n\ndata: x\n\n", []string{` 4 "x"`}},
		{"the id stays, the name doesn't", "id: 4\nevent: a\ndata: x\n\ndata: y\n\nid\ndata: z\n\n", []string{`a 4 "x"`, ` 4 "y"`, `  "z"`}},
		{"id with NUL", "id: 4\nid: 5\x00\ndata: x\n\n", []string{` 4 "x"`}},
		{"the last name counts", "event: a\nevent: b\ndata: x\n\n", []string{`b  "x"`}},
		{"retry and unknown fields", "retry: 10\ndatum: 1\n data: 2\nDATA: 3\ndata: x\n\n", []string{`  "x"`}},
		{"colons in a value", "data: a: b:c\n\n", []string{`  "a: b:c"`}},
		{"byte order mark", "\xEF\xBB\xBFdata: x\n\n\xEF\xBB\xBFdata: y\n\n", []string{`  "x"`}},
		{"unfinished event", "data: x\n\ndata: y\n", []string{`  "x"`}},
		{"unfinished line", "data: x\n\ndata: y", []string{`  "x"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, size := range []int{1, 2, 3, 1000} {
				frames, err := readFrames(&pieces{rest: []byte(test.stream), size: size, err: io.EOF}, 100)
				if !slices.Equal(frames, test.want) || !errors.Is(err, io.EOF) {
					t.Errorf("in pieces of %d: got %q, %v, want %q, EOF", size, frames, err, test.want)
				}
			}
		})
	}
}

func TestEventSizeIsLimited(t *testing.T) {
	bound(t)
	const limit = 50
	for _, test := range []struct {
		name   string
		stream string
		frames int
		err    error
	}{
		{"at the limit", "data: " + strings.Repeat("x", limit-len("data: ")) + "\n\n", 1, io.EOF},
		{"over it", "data: x\n\ndata: " + strings.Repeat("x", limit) + "\n\n", 1, errFrameTooLarge},
		{"many lines", strings.Repeat("data: x\n", limit), 0, errFrameTooLarge},
		{"a line without end", strings.Repeat("x", 100_000), 0, errFrameTooLarge},
		{"a comment without end", ":" + strings.Repeat("x", 100_000), 0, errFrameTooLarge},
		{"many small ones", strings.Repeat("data: x\n\n", 1000), 1000, io.EOF},
		{"many comments", strings.Repeat(": keep alive\n", 1000), 0, io.EOF},
	} {
		t.Run(test.name, func(t *testing.T) {
			source := &pieces{rest: []byte(test.stream), size: 4096, err: io.EOF}
			reader := newEventReader(source, limit)
			frames := 0
			for {
				f, err := reader.next(t.Context())
				for f.alive {
					f, err = reader.next(t.Context())
				}
				if errors.Is(err, context.Canceled) {
					continue
				}
				if err != nil {
					if frames != test.frames || !errors.Is(err, test.err) {
						t.Errorf("got %d events, %v, want %d, %v", frames, err, test.frames, test.err)
					}
					break
				}
				frames++
			}
			if held := cap(reader.line) + cap(reader.data) + cap(reader.name) + cap(reader.sequence); held > 4*(limit+frameChunkBytes) {
				t.Errorf("the reader holds %d bytes under a limit of %d", held, limit)
			}
		})
	}
}

func TestReadErrorsAreHandedOn(t *testing.T) {
	bound(t)
	broken := errors.New("connection reset")
	frames, err := readFrames(&pieces{rest: []byte("data: x\n\ndata: y"), size: 4, err: broken}, 100)
	if len(frames) != 1 || !errors.Is(err, broken) {
		t.Errorf("got %q, %v", frames, err)
	}
}

// wholeStream is the standard's algorithm over a stream that is all there: the slow and simple half of the comparison.
func wholeStream(stream string) (frames []string) {
	stream = strings.TrimPrefix(stream, "\uFEFF")
	stream = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(stream)
	lines := strings.Split(stream, "\n")
	var name, id string
	var data []string
	for _, line := range lines[:len(lines)-1] {
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if data != nil {
				frames = append(frames, fmt.Sprintf("%s %s %q", name, id, strings.Join(data, "\n")))
			}
			name, data = "", nil
		case field == "data":
			data = append(data, value)
		case field == "event":
			name = value
		case field == "id" && !strings.Contains(value, "\x00"):
			id = value
		}
	}
	return frames
}

func FuzzEventReader(f *testing.F) {
	for _, stream := range []string{
		"id: 1\nevent: progress\ndata: x\n\n", "data: a\r\rdata\r\n\r\n", ":\n\xEF\xBB\xBFdata:\n\n", "\xEF\xBB\xBF\n",
		"id: 1\x00\ndata: x\n\n", "event\n\nid\ndata: y\n\n", "data: x\n\r\n\r",
	} {
		f.Add([]byte(stream), 1)
		f.Add([]byte(stream), 3)
	}
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		size = 1 + (size%100+100)%100
		frames, err := readFrames(&pieces{rest: bytes.Clone(stream), size: size, err: io.EOF}, 1<<20)
		if want := wholeStream(string(stream)); !slices.Equal(frames, want) || !errors.Is(err, io.EOF) {
			t.Errorf("%q in pieces of %d: got %q, %v, want %q", stream, size, frames, err, want)
		}
		small, err := readFrames(&pieces{rest: bytes.Clone(stream), size: size, err: io.EOF}, 10)
		if !errors.Is(err, io.EOF) && !errors.Is(err, errFrameTooLarge) || len(small) > len(frames) || !slices.Equal(small, frames[:len(small)]) {
			t.Errorf("%q under a limit: got %q, %v", stream, small, err)
		}
	})
}

func FuzzFrameRoundTrip(f *testing.F) {
	f.Add("1", "progress", []byte(`{"seq":1}`))
	f.Add("", "error", []byte("a\nb\n"))
	f.Fuzz(func(t *testing.T, id, name string, data []byte) {
		if strings.ContainsAny(id+name, "\r\n\x00") || bytes.ContainsRune(data, '\r') {
			t.Skip("frames hold no such thing")
		}
		frames, err := readFrames(&pieces{rest: appendFrame(nil, id, name, data), size: 7, err: io.EOF}, 1<<20)
		if want := fmt.Sprintf("%s %s %q", name, id, data); len(frames) != 1 || frames[0] != want || !errors.Is(err, io.EOF) {
			t.Errorf("got %q, %v, want %q", frames, err, want)
		}
	})
}

func BenchmarkEventReader(b *testing.B) {
	frame := appendFrame(nil, "12", "progress", []byte(`{"seq":12,"kind":"progress","tokens":40,"text":"reads main.go"}`))
	source := &endless{frame: bytes.Repeat(frame, 20)}
	reader := newEventReader(source, EventBytesMax)
	b.ReportAllocs()
	b.SetBytes(int64(len(frame)))
	for b.Loop() {
		if _, err := reader.next(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// endless repeats itself.
type endless struct{ frame []byte }

func (e *endless) ReadContext(_ context.Context, p []byte) (int, error) { return copy(p, e.frame), nil }
