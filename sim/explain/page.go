package explain

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

//go:embed assets
var assets embed.FS

var (
	// style and script are all files of their kind, in this order: one element each, so that the page is one file.
	style  = joinAssets("", "colours.css", "page.css", "timeline.css", "")
	script = joinAssets("\"use strict\";\n(() => {\n",
		"text.js", "data.js", "scale.js", "lanes.js", "lanes_marks.js", "sequence.js", "details.js", "story.js", "controls.js", "legend.js", "history.js",
		"glossary.js", "start.js", "})();\n")

	pageTemplate = template.Must(template.New("page.html").Funcs(template.FuncMap{
		"clock":        Moment,
		"milliseconds": milliseconds,
		"add":          func(a, b int) int { return a + b },
	}).ParseFS(assets, "assets/*.html"))
)

// joinAssets returns files one after the other, between a first and a last line.
func joinAssets(first string, names ...string) string {
	text := first
	for _, name := range names[:len(names)-1] {
		file, err := assets.ReadFile("assets/" + name)
		if err != nil {
			panic(err) // the files are part of the program
		}
		text += string(file)
	}
	return text + names[len(names)-1]
}

// traceLinesMost is how many lines of the trace a page has at most; the middle is left out of longer ones. More would make
// it slow to open.
const traceLinesMost = 4000

// content is the data of the template.
type content struct {
	*Failure
	Policy        template.HTMLAttr
	Style         template.CSS
	Script, Data  template.JS
	Kicker, Title string
	Noun          string // of a subject
	Jump          *Point // the point of no return; nil if it is not known, or there is none
	Hash, Version string
	Commands      []string
	Marks         []mark
	Cause         *run.Term
	Entries       []pageEntry
	Other         *otherContent
	Curve         *curveTable
	History       *run.History
	HistoryOf     string
	Lines         []foldedLine
	// LinesLeftOut lines of the trace are left out behind the LinesBefore first ones.
	LinesLeftOut, LinesBefore int
	Words, Faults             []run.Term
}

// errNoPictures: an explanation without pictures was asked for one.
var errNoPictures = errors.New("this failure was explained without pictures: set Options.Pictures")

// HTML writes the failure as a page for readers who have never seen the code. The page shows commands that run it again,
// to be copied. It is an error if [Options].Pictures was not set.
func (f *Failure) HTML(w io.Writer, commands ...string) error {
	if f.seen == nil {
		return errNoPictures
	}
	data, err := json.Marshal(f.pageData())
	if err != nil {
		return fmt.Errorf("encode the timeline: %w", err)
	}
	c := content{
		Failure: f,
		Policy:  template.HTMLAttr(policy(script)), //nolint:gosec // made of hashes
		Style:   template.CSS(style),               //nolint:gosec // our own
		Script:  template.JS(script),               //nolint:gosec // our own
		Data:    template.JS(data),                 //nolint:gosec // JSON with <, > and & escaped
		Kicker:  "onceover · a failing run, explained", Title: f.title(),
		Noun: noun(f.seen.Words), Jump: f.jump(),
		Hash: run.FormatHash(f.Result.Hash), Version: run.EngineVersion(), Commands: commands,
		Marks: f.marks(), Cause: f.causeTerm(), Entries: f.pageEntries(), Other: f.otherContent(), Curve: f.curveTable(),
		History: f.history, HistoryOf: f.historyOf,
		Words: f.glossary(), Faults: f.faultsMet(),
	}
	if f.Violation == nil {
		c.Kicker = "onceover · a run, drawn"
	}
	c.Lines, c.LinesBefore, c.LinesLeftOut = shortenMiddle(foldLines(f.seen.Lines), traceLinesMost)
	return pageTemplate.Execute(w, &c)
}

// HTML carries out a run that need not fail and writes it as [Failure.HTML] does. against, when not nil, is another run,
// which is drawn beside it and compared with it. The error may be a [*run.BrokenError], after which the world must not be
// used any more.
func HTML(out io.Writer, w run.World, spec run.Spec, against *run.Spec, commands ...string) (err error) {
	defer recoverBroken(&err)
	g, words := guarded{w}, run.VocabularyOf(w)
	f := &Failure{Spec: spec.Silent(), seen: watch(g, words, spec, true, true)}
	f.Result = f.seen.Result
	f.describe(f.Spec, &f.Result, words)
	f.noteHistory(g)
	if f.Violation != nil {
		f.Story, f.LeftOut = tellStory(f.seen.Lines, f.Violation, nil)
	} else {
		// Of a run that passes, the story is what became of its subjects. No misfortune is needed for that, or else all of
		// them would take its place.
		none := []kernel.Key{{Operation: "none"}}
		f.Story, f.LeftOut = tellStory(f.seen.Lines, &run.Violation{}, none)
	}
	if against != nil {
		seen := watch(g, words, *against, true, true)
		f.other = &alternative{Name: againstName(against), Seen: seen, Comparison: compare(f.seen, seen)}
	}
	return f.HTML(out, commands...)
}

// againstName names a run that another one is compared with.
func againstName(spec *run.Spec) string {
	name := fmt.Sprintf("seed %d", spec.Seed)
	if spec.Profile != "" {
		name += ", profile " + spec.Profile
	}
	if n := len(spec.Overrides); n > 0 {
		name += fmt.Sprintf(", %d overrides", n)
	}
	return name
}

// milliseconds returns a moment as the script of the page takes it.
func milliseconds(at time.Duration) float64 { return float64(at.Microseconds()) / 1000 }

// policy returns a Content-Security-Policy under which the script runs, and nothing else is loaded or run.
func policy(script string) string {
	sum := sha256.Sum256([]byte(script))
	return "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'unsafe-inline'; script-src 'sha256-" +
		base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
