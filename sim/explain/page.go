package explain

import (
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/onceover/onceover/sim/run"
)

var (
	//go:embed assets/page.html
	pageText string
	//go:embed assets/page.css
	style string
	//go:embed assets/timeline.js
	script string

	pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
		"moment":       Moment,
		"milliseconds": milliseconds,
		"sentence":     sentence,
	}).Parse(pageText))
)

// focus is the subject that the failure is about: the one that the page shows first; empty for all.
func (f *Failure) focus() string {
	about := f.Violation.Subject
	for i := range f.seen.Subjects {
		if f.seen.Subjects[i].Name == about {
			return about
		}
	}
	return ""
}

// traceLinesMost is how many lines of the trace a page has at most: the last ones. More would make it slow to open.
const traceLinesMost = 4000

// content is the data of the template.
type content struct {
	*Failure
	Policy        template.HTMLAttr
	Style         template.CSS
	Script, Data  template.JS
	Noun          string // of a subject
	Jump          *Point // the point of no return; nil if it is not known, or there is none
	Hash, Version string
	Command       string
	Entries       []pageEntry
	Curve         *curveTable
	History       string
	HistoryOf     string
	Lines         []run.Line
	LinesLeftOut  int
}

type pageEntry struct {
	Entry
	TooLate bool // the last one before it was too late
}

// errNoPictures: an explanation without pictures was asked for one.
var errNoPictures = errors.New("this failure was explained without pictures: set Options.Pictures")

// HTML writes the failure as a page for readers who have never seen the code. The page shows command as the one that
// replays the run; empty for none. It is an error if [Options].Pictures was not set.
func (f *Failure) HTML(w io.Writer, command string) error {
	if f.seen == nil {
		return errNoPictures
	}
	data, err := json.Marshal(f.pageData())
	if err != nil {
		return fmt.Errorf("encode the timeline: %w", err)
	}
	c := content{
		Failure: f,
		Policy:  template.HTMLAttr(policy(script, inlineScript(f.history))), //nolint:gosec // made of hashes
		Style:   template.CSS(style),                                        //nolint:gosec // our own
		Script:  template.JS(script),                                        //nolint:gosec // our own
		Data:    template.JS(data),                                          //nolint:gosec // JSON with <, > and & escaped
		Noun:    noun(f.seen.Words), Jump: f.jump(),
		Hash: run.FormatHash(f.Result.Hash), Version: run.EngineVersion(), Command: command,
		Entries: f.pageEntries(), Curve: f.curveTable(),
		History: f.history, HistoryOf: f.historyOf,
		Lines: f.seen.Lines,
	}
	if surplus := len(c.Lines) - traceLinesMost; surplus > 0 {
		c.Lines, c.LinesLeftOut = c.Lines[surplus:], surplus
	}
	return pageTemplate.Execute(w, &c)
}

// jump returns the point of no return; nil if it is not known, or there is none.
func (f *Failure) jump() *Point {
	if f.PointOfNoReturn == nil {
		return nil
	}
	return f.PointOfNoReturn.Decisive().After()
}

// pageEntries returns the story, marked where it was too late.
func (f *Failure) pageEntries() []pageEntry {
	var list []pageEntry
	jump, last := f.jump(), -1
	for i, e := range f.Story {
		list = append(list, pageEntry{Entry: e})
		if jump != nil && e.At <= jump.At {
			last = i
		}
	}
	if last >= 0 {
		list[last].TooLate = true
	}
	return list
}

// noun returns what a subject of the run is called.
func noun(words *run.Vocabulary) string { return cmp.Or(words.Subject, "subject") }

// sentence returns an identifier such as executed-twice as a sentence.
func sentence(identifier string) string {
	words := strings.NewReplacer("-", " ", "/", ", ").Replace(identifier)
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:] + "."
}

// milliseconds returns a moment as the script of the page takes it.
func milliseconds(at time.Duration) float64 { return float64(at.Microseconds()) / 1000 }

// policy returns a Content-Security-Policy under which these scripts run, and nothing else is loaded or run.
func policy(scripts ...string) string {
	var sources []string
	for _, text := range scripts {
		if text != "" {
			sum := sha256.Sum256([]byte(text))
			sources = append(sources, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
		}
	}
	return "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'unsafe-inline'; script-src " + strings.Join(sources, " ")
}

var scriptElement = regexp.MustCompile(`(?s)<script>(.*?)</script>`)

// inlineScript returns the script of a page; empty for none.
func inlineScript(html string) string {
	if found := scriptElement.FindStringSubmatch(html); found != nil {
		return found[1]
	}
	return ""
}
