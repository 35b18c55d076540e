package page

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/onceover/onceover/sim/inevitable"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/story"
	"github.com/onceover/onceover/sim/timeline"
)

var (
	//go:embed assets/page.html
	pageText string
	//go:embed assets/page.css
	style string
	//go:embed assets/timeline.js
	script string

	pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
		"moment":       story.Moment,
		"milliseconds": milliseconds,
		"sentence":     sentence,
	}).Parse(pageText))
)

// Options are what a page can't know from the run.
type Options struct {
	// Command replays the run; empty to leave it out.
	Command string
	// Necessary are the decisions for misfortunes that are known to be needed, as from package minimise.
	Necessary []kernel.Key
	// Sizes are shown as they are, in this order.
	Sizes []Size
	// Curves say how closely to look for the step at which the failure became inevitable.
	Curves inevitable.Options
}

// A Size is how much of something there is in the run, and was before it was minimised.
type Size struct {
	Noun          string // such as "faults"
	Before, After uint64
}

// A Page is a failing run, ready to be written.
type Page struct {
	spec      run.Spec
	options   Options
	story     story.Story
	timeline  *timeline.Timeline
	curves    inevitable.Result
	needed    map[kernel.Key]bool
	history   string // a page of HTML; empty for none
	historyOf string
}

// Build looks at a failing run. The error is a [*story.NoFailureError]. When the context ends, the page has fewer
// points on its curves.
func Build(ctx context.Context, w run.World, spec run.Spec, options Options) (*Page, error) {
	p := &Page{spec: spec, options: options, needed: make(map[kernel.Key]bool)}
	for _, key := range options.Necessary {
		p.needed[key] = true
	}
	var err error
	if p.story, err = story.Tell(w, spec, options.Necessary); err != nil {
		return nil, err
	}
	if p.curves, err = inevitable.Find(ctx, w, spec, options.Curves); err != nil {
		return nil, err
	}
	p.timeline = timeline.Watch(w, spec)
	p.drawHistory(w)
	return p, nil
}

// Curves returns what was found about the step at which the failure became inevitable.
func (p *Page) Curves() *inevitable.Result { return &p.curves }

// Timeline returns what was seen of the run.
func (p *Page) Timeline() *timeline.Timeline { return p.timeline }

// focus is the subject that the failure is about: the one that the page shows first; empty for all.
func (p *Page) focus() string {
	about := p.story.Outcome.Violation.Subject
	for i := range p.timeline.Subjects {
		if p.timeline.Subjects[i].Name == about {
			return about
		}
	}
	return ""
}

// drawHistory has the history of the latest run drawn. A history that can't be is left out.
func (p *Page) drawHistory(w run.World) {
	historian, ok := run.HistorianOf(w)
	if !ok {
		return
	}
	id := p.focus()
	if id == "" && len(p.timeline.Subjects) > 0 {
		id = p.timeline.Subjects[0].Name
	}
	var out bytes.Buffer
	if historian.VisualizeHistory(&out, id) == nil {
		p.history, p.historyOf = out.String(), id
	}
}

// linesMost is how many lines of the trace a page has at most: the last ones. More would make it slow to open.
const linesMost = 4000

// content is what the template is carried out on.
type content struct {
	Policy           template.HTMLAttr
	Style            template.CSS
	Script, Data     template.JS
	Violation        *run.Violation
	PropertySentence string
	Noun             string // of a subject
	TooLate          string
	Jump             *inevitable.Point
	Seed             uint64
	Profile, Hash    string
	Version, Command string
	Sizes            []Size
	Story            []entry
	Curve            *futures
	Runs             int
	History          string
	HistoryOf        string
	Lines            []run.Line
	LinesLeftOut     int
}

type entry struct {
	story.Entry
	TooLate bool // the last one before it was too late
}

// Write writes the page.
func (p *Page) Write(w io.Writer) error {
	data, err := json.Marshal(p.data())
	if err != nil {
		return fmt.Errorf("encode the timeline: %w", err)
	}
	outcome := &p.story.Outcome
	c := content{
		Policy:    template.HTMLAttr(policy(script, inlineScript(p.history))), //nolint:gosec // made of hashes
		Style:     template.CSS(style),                                        //nolint:gosec // our own
		Script:    template.JS(script),                                        //nolint:gosec // our own
		Data:      template.JS(data),                                          //nolint:gosec // JSON with <, > and & escaped
		Violation: outcome.Violation, Noun: noun(p.timeline.Words),
		PropertySentence: cmp.Or(outcome.Violation.Sentence, run.Sentence(p.timeline.Words.Properties, outcome.Violation.Property)),
		TooLate:          p.curves.Sentence(), Jump: p.curves.Decisive().After(),
		Seed: p.spec.Seed, Profile: p.spec.Profile, Hash: run.FormatHash(outcome.Hash),
		Version: run.EngineVersion(), Command: p.options.Command, Sizes: p.options.Sizes,
		Story: p.entries(), Curve: p.futures(), Runs: p.curves.Runs,
		History: p.history, HistoryOf: p.historyOf,
		Lines: p.timeline.Lines,
	}
	if surplus := len(c.Lines) - linesMost; surplus > 0 {
		c.Lines, c.LinesLeftOut = c.Lines[surplus:], surplus
	}
	return pageTemplate.Execute(w, &c)
}

// entries returns the story, marked where it was too late.
func (p *Page) entries() []entry {
	var list []entry
	jump, last := p.curves.Decisive().After(), -1
	for i, e := range p.story.Entries {
		list = append(list, entry{Entry: e})
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

// sentence returns a few words as a sentence.
func sentence(words string) string {
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
