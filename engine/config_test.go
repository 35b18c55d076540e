package engine_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/sim/kernel"
)

// A rangeCase is the range of one field, of type int or [time.Duration]. given sets other fields so that the bounds can
// be reached.
type rangeCase struct {
	field     string
	low, high any
	given     func(c any)
}

const (
	ms      = time.Millisecond
	day     = 24 * time.Hour
	tenYear = 10 * 365 * day
)

var ranges = []rangeCase{
	{field: "AppConfig.Limit", low: 1, high: 10_000},
	{field: "AppConfig.StaleAfter", low: 10 * time.Second, high: engine.MaxPause, given: func(c any) {
		c.(*engine.AppConfig).DispatchTimeout = time.Second
	}},
	{field: "AppConfig.DispatchTimeout", low: 100 * ms, high: 10 * time.Minute, given: func(c any) {
		c.(*engine.AppConfig).StaleAfter = engine.MaxPause
	}},
	{field: "AppConfig.PrepareTimeout", low: 100 * ms, high: time.Hour},
	{field: "AppConfig.StoreTimeout", low: 10 * ms, high: 10 * time.Minute},
	{field: "AppConfig.SweepEvery", low: 100 * ms, high: time.Hour},
	{field: "AppConfig.SweepBatch", low: 1, high: 10_000},
	{field: "AppConfig.SilentAfter", low: 10 * time.Second, high: engine.MaxPause},
	{field: "AppConfig.StopEvery", low: 100 * ms, high: engine.MaxPause},
	{field: "AppConfig.MaxDeferrals", low: 1, high: 1_000},
	{field: "AppConfig.BackoffMin", low: 10 * ms, high: engine.MaxPause, given: func(c any) {
		c.(*engine.AppConfig).BackoffMax = engine.MaxPause
	}},
	{field: "AppConfig.BackoffMax", low: 10 * ms, high: engine.MaxPause, given: func(c any) {
		c.(*engine.AppConfig).BackoffMin = 10 * ms
	}},

	{field: "WorkerConfig.LeaseFor", low: time.Second, high: time.Hour, given: func(c any) {
		c.(*engine.WorkerConfig).RenewEvery = 100 * ms
	}},
	{field: "WorkerConfig.RenewEvery", low: 100 * ms, high: 30 * time.Second},
	{field: "WorkerConfig.TakeoverBatch", low: 1, high: 10_000},
	{field: "WorkerConfig.Batch", low: 1, high: 10_000},
	{field: "WorkerConfig.FlushAfter", low: 10 * ms, high: 10 * time.Minute},
	{field: "WorkerConfig.StreamLimit", low: time.Second, high: day},
	{field: "WorkerConfig.CreateTries", low: 1, high: 1_000},
	{field: "WorkerConfig.DecodeTries", low: 1, high: 1_000},
	{field: "WorkerConfig.AgentTimeout", low: 10 * ms, high: 10 * time.Minute},
	{field: "WorkerConfig.CallbackTimeout", low: 10 * ms, high: 10 * time.Minute},
	{field: "WorkerConfig.JournalTimeout", low: 10 * ms, high: 10 * time.Minute},
	{field: "WorkerConfig.BackoffMin", low: 10 * ms, high: day, given: func(c any) {
		c.(*engine.WorkerConfig).BackoffMax = day
	}},
	{field: "WorkerConfig.BackoffMax", low: 10 * ms, high: day, given: func(c any) {
		c.(*engine.WorkerConfig).BackoffMin = 10 * ms
	}},
	{field: "WorkerConfig.KeepFor", low: time.Minute, high: tenYear},
	{field: "WorkerConfig.PurgeEvery", low: time.Second, high: day},
	{field: "WorkerConfig.PurgeBatch", low: 1, high: 10_000},
}

// configOf returns the defaults of the config that has the field, and the field's name in it.
func configOf(field string) (config any, name string) {
	kind, name, _ := strings.Cut(field, ".")
	if kind == "AppConfig" {
		c := engine.AppConfig{}.WithDefaults()
		return &c, name
	}
	c := engine.WorkerConfig{}.WithDefaults()
	return &c, name
}

// moved returns a bound plus n units of the resolution of its type.
func moved(bound any, n int) any {
	if d, ok := bound.(time.Duration); ok {
		return d + time.Duration(n)*time.Microsecond
	}
	return bound.(int) + n
}

func TestConfigRanges(t *testing.T) {
	for _, test := range ranges {
		for _, at := range []struct {
			name  string
			value any
			ok    bool
		}{
			{"below", moved(test.low, -1), false},
			{"lowest", test.low, true},
			{"highest", test.high, true},
			{"above", moved(test.high, 1), false},
			{"negative", moved(test.low, -2*max(1, int(reflect.ValueOf(test.low).Int()))), false},
		} {
			t.Run(test.field+" "+at.name, func(t *testing.T) {
				config, name := configOf(test.field)
				if test.given != nil {
					test.given(config)
				}
				reflect.ValueOf(config).Elem().FieldByName(name).Set(reflect.ValueOf(at.value))
				err := config.(interface{ Validate() error }).Validate()
				want := fmt.Sprintf("config: %s is %v; allowed: %v to %v", test.field, at.value, test.low, test.high)
				var typed *engine.ConfigError
				switch {
				case at.ok && err != nil:
					t.Errorf("%v is refused: %v", at.value, err)
				case !at.ok && (err == nil || err.Error() != want || !errors.As(err, &typed) || typed.Field != test.field):
					t.Errorf("%v\nwant %s", err, want)
				}
			})
		}
	}
}

// TestConfigRelations covers what the ranges of single fields do not.
func TestConfigRelations(t *testing.T) {
	for _, test := range []struct {
		name   string
		config any
		want   string
	}{
		{"no retries", &engine.AppConfig{MaxRetries: -1}, ""},
		{"most retries", &engine.AppConfig{MaxRetries: 100}, ""},
		{"retries above", &engine.AppConfig{MaxRetries: 101}, "config: AppConfig.MaxRetries is 101; allowed: 1 to 100, or -1 for none"},
		{"retries below", &engine.AppConfig{MaxRetries: -2}, "config: AppConfig.MaxRetries is -2; allowed: 1 to 100, or -1 for none"},
		{
			"stale while the dispatch is under way", &engine.AppConfig{StaleAfter: time.Minute, DispatchTimeout: time.Minute},
			"config: AppConfig.StaleAfter is 1m0s; allowed: more than AppConfig.DispatchTimeout, 1m0s",
		},
		{
			"backoff upside down", &engine.AppConfig{BackoffMin: time.Minute, BackoffMax: time.Second},
			"config: AppConfig.BackoffMax is 1s; allowed: 1m0s to 30m0s",
		},
		{
			"first bad limit of an owner", &engine.AppConfig{OwnerLimits: map[engine.OwnerID]int{"zoe": 0, "ann": 3, "bob": 10_001}},
			`config: AppConfig.OwnerLimits["bob"] is 10001; allowed: 1 to 10000`,
		},
		{"limits of owners", &engine.AppConfig{OwnerLimits: map[engine.OwnerID]int{"ann": 1, "bob": 10_000}}, ""},
		{
			"renewed too late", &engine.WorkerConfig{LeaseFor: 10 * time.Second, RenewEvery: 6 * time.Second},
			"config: WorkerConfig.RenewEvery is 6s; allowed: 100ms to 5s",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var err error
			p := kernel.New().NewProcess("process")
			switch config := test.config.(type) {
			case *engine.AppConfig:
				_, err = engine.NewDispatcher(p, *config, enginetest.NewReviews(), nil, nil)
			case *engine.WorkerConfig:
				_, err = engine.NewHost("h1", p, *config, enginetest.NewJournal(), nil, nil)
			}
			if got := fmt.Sprint(err); got != test.want && (err != nil || test.want != "") {
				t.Errorf("%v\nwant %s", err, test.want)
			}
		})
	}
}

func TestLimitOf(t *testing.T) {
	c := engine.AppConfig{OwnerLimits: map[engine.OwnerID]int{"ann": 3}}.WithDefaults()
	if c.LimitOf("ann") != 3 || c.LimitOf("bob") != 20 {
		t.Errorf("limits %d and %d, want 3 and 20", c.LimitOf("ann"), c.LimitOf("bob"))
	}
}

// TestWithDefaultsKeepsWhatIsSet checks that WithDefaults changes no field that is set.
func TestWithDefaultsKeepsWhatIsSet(t *testing.T) {
	for _, test := range ranges {
		config, name := configOf(test.field)
		field := reflect.ValueOf(config).Elem().FieldByName(name)
		field.Set(reflect.ValueOf(moved(test.low, 1)))
		var again reflect.Value
		switch c := config.(type) {
		case *engine.AppConfig:
			again = reflect.ValueOf(c.WithDefaults())
		case *engine.WorkerConfig:
			again = reflect.ValueOf(c.WithDefaults())
		}
		if got := again.FieldByName(name).Interface(); got != moved(test.low, 1) {
			t.Errorf("%s became %v", test.field, got)
		}
	}
}

// TestDefaultsAreDocumented compares the documented defaults with the actual ones. The comment of a field reads
// "Default 5 min", or of several fields, in their order, "Defaults 5 s and 5 min".
func TestDefaultsAreDocumented(t *testing.T) {
	documented := documentedDefaults(t)
	for _, test := range append(ranges, rangeCase{field: "AppConfig.MaxRetries", low: 0, high: 100}) {
		config, name := configOf(test.field)
		actual := reflect.ValueOf(config).Elem().FieldByName(name).Interface()
		if got, ok := documented[test.field]; !ok || got != fmt.Sprint(actual) {
			t.Errorf("%s is documented to be %q by default and is %v", test.field, got, actual)
		}
	}
}

var (
	defaultsPattern = regexp.MustCompile(`[Dd]efaults? ([^.;]*)`)
	figurePattern   = regexp.MustCompile(`([\d,]*\d)(?: (ms|s|min|h|days))?`)
)

// documentedDefaults reads the defaults from the comments of config.go, by type and field.
func documentedDefaults(t *testing.T) map[string]string {
	file, err := parser.ParseFile(token.NewFileSet(), "config.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	defaults := make(map[string]string)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		structure, ok := spec.Type.(*ast.StructType)
		if !ok {
			return true
		}
		var undocumented, figures []string
		for _, field := range structure.Fields.List {
			if field.Doc != nil {
				undocumented, figures = nil, documentedFigures(field.Doc.Text())
			}
			for _, name := range field.Names {
				if name.Name == "OwnerLimits" {
					continue
				}
				undocumented = append(undocumented, name.Name)
				if len(undocumented) <= len(figures) {
					defaults[spec.Name.Name+"."+name.Name] = figures[len(undocumented)-1]
				}
			}
		}
		return true
	})
	return defaults
}

// documentedFigures returns the figures in a comment that follow the word default, as fmt prints them.
func documentedFigures(doc string) (figures []string) {
	doc = strings.ReplaceAll(doc, "\n", " ")
	for _, sentence := range defaultsPattern.FindAllStringSubmatch(doc, -1) {
		for _, figure := range figurePattern.FindAllStringSubmatch(sentence[1], -1) {
			n, err := strconv.Atoi(strings.ReplaceAll(figure[1], ",", ""))
			unit, timed := map[string]time.Duration{
				"ms": ms, "s": time.Second, "min": time.Minute, "h": time.Hour, "days": day,
			}[figure[2]]
			switch {
			case err != nil:
			case timed:
				figures = append(figures, (time.Duration(n) * unit).String())
			default:
				figures = append(figures, strconv.Itoa(n))
			}
		}
	}
	return figures
}
