package launch

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// asking is a launcher with one procedure that asks this.
func asking(inputs ...deployer.Input) Launcher {
	return launcher(func(c *Config) {
		c.Procedures["deployment"] = deployer.Procedure{ID: "deployment", Inputs: inputs}
	})
}

// What people write becomes the one form in which each kind is kept.
func TestInputsAreReadByTheirKinds(t *testing.T) {
	t.Parallel()
	ports := Ports{
		Lacks: launcher().ports.Lacks,
		Person: func(_ context.Context, word string) (deployer.Actor, error) {
			return deployer.Actor{ID: "U1", Name: word[1:]}, nil
		},
	}
	choice := deployer.Input{Kind: deployer.InputChoice, Options: []string{"low", "high"}}
	for _, c := range []struct {
		in    deployer.Input
		given string
		want  string
		no    string // what is said instead
	}{
		{deployer.Input{}, " as it is ", " as it is ", ""},
		{deployer.Input{Pattern: "^([A-Z]+-[0-9]+)?$"}, "CHG-1", "CHG-1", ""},
		{deployer.Input{Pattern: "^[A-Z]+-[0-9]+$", Help: "A key such as CHG-1"}, "chg", "", "The input x can’t be \"chg\". A key such as CHG-1."},
		{choice, "LOW", "low", ""},
		{choice, "hihg", "", "The input x can't be \"hihg\". Did you mean high?"},
		{deployer.Input{Kind: deployer.InputBoolean}, "Yes", "true", ""},
		{deployer.Input{Kind: deployer.InputBoolean}, "off", "false", ""},
		{deployer.Input{Kind: deployer.InputBoolean}, "maybe", "", "It is yes or no."},
		{deployer.Input{Kind: deployer.InputNumber}, " 090 ", "90", ""},
		{deployer.Input{Kind: deployer.InputNumber}, "9.5", "", "It is a whole number, such as 90."},
		{deployer.Input{Kind: deployer.InputDuration}, "1w 2d", "216h", ""},
		{deployer.Input{Kind: deployer.InputDuration}, "1h30m", "1h30m", ""},
		{deployer.Input{Kind: deployer.InputDuration}, "90", "", "It is a time such as 30s"},
		{deployer.Input{Kind: deployer.InputDuration}, "30m1h", "", "It is a time such as 30s"},
		{deployer.Input{Kind: deployer.InputTime}, "2026-03-05t21:40:00+01:00", "2026-03-05T20:40:00Z", ""},
		{deployer.Input{Kind: deployer.InputTime}, "noon", "2026-11-21T12:00:00Z", ""},
		{deployer.Input{Kind: deployer.InputTime}, "soon", "", "That is no time."},
		{deployer.Input{Kind: deployer.InputLink}, " https://a.example/b ", "https://a.example/b", ""},
		{deployer.Input{Kind: deployer.InputLink}, "a.example/b", "", "It is a link, such as"},
		{deployer.Input{Kind: deployer.InputLink}, "javascript:alert(1)", "", "It is a link, such as"},
		{deployer.Input{Kind: deployer.InputPerson}, "@Ana", "U1 Ana", ""},
		{deployer.Input{Many: true}, "one, two\n\n three", "one, two\nthree", ""},
		{deployer.Input{Many: true, Kind: deployer.InputChoice, Options: []string{"low", "high"}}, "High, low", "high\nlow", ""},
		{deployer.Input{Many: true, Options: []string{"Bonn, Rhine", "Rome"}}, "Bonn, rhine\nRome", "Bonn, Rhine\nRome", ""},
		{deployer.Input{Kind: deployer.InputDuration, Default: "1d"}, "", "24h", ""},
	} {
		in := c.in
		in.ID = "x"
		l := asking(in)
		l.ports = ports
		r := asks("web", "v2")
		if c.given != "" {
			r.Inputs = map[string]string{"x": c.given}
		}
		r.Time = func(text string) (time.Time, error) {
			if text == "noon" {
				return noon.Truncate(time.Second), nil
			}
			return time.Time{}, deployer.Refuse("", "That is no time.")
		}
		got, err := l.Start(t.Context(), r)
		field, _ := errors.AsType[FieldError](err)
		switch {
		case c.no == "" && (err != nil || got.Inputs["x"] != c.want):
			t.Errorf("%s %q: %q, %v; want %q", in.Kind, c.given, got.Inputs["x"], err, c.want)
		case c.no != "" && (err == nil || !strings.Contains(err.Error(), c.no) || field.Input != "x"):
			t.Errorf("%s %q: %q, %v; want %q", in.Kind, c.given, got.Inputs["x"], err, c.no)
		}
	}
}

// A tongue is a language of a few sentences.
type tongue map[string]func(d *deployer.Deployment) deployer.Value

func (t tongue) Compute(expression string, _ deployer.ParamType, at deployer.Moment) (deployer.Value, error) {
	if fn, ok := t[expression]; ok {
		return fn(at.Deployment), nil
	}
	return deployer.Value{}, errors.New("it can't be told")
}

func (t tongue) With(at deployer.Moment) (deployer.Values, error) {
	return at.Deployment.Step(at.Step).With, nil
}

func (t tongue) Words(text string, at deployer.Moment) (map[string]string, error) {
	out := map[string]string{}
	for path, fn := range t {
		if strings.Contains(text, "{"+path+"}") {
			out[path] = fn(at.Deployment).Text
		}
	}
	return out, nil
}

// Later inputs hang on earlier ones: one that is not asked is not missing and keeps
// nothing, and options are those of the moment.
func TestInputsHangOnThoseBefore(t *testing.T) {
	t.Parallel()
	l := asking(
		deployer.Input{ID: "schema", Kind: deployer.InputBoolean},
		deployer.Input{ID: "sql", When: "inputs.schema", Required: true},
		deployer.Input{ID: "where", Kind: deployer.InputChoice, OptionsOf: "retailers", Many: true},
	)
	l.cfg.Language = tongue{
		"inputs.schema": func(d *deployer.Deployment) deployer.Value { return deployer.Value{Flag: d.Inputs["schema"] == "true"} },
		"retailers":     func(d *deployer.Deployment) deployer.Value { return deployer.Value{List: d.Place.Retailers} },
	}
	r := asks("web", "v2")
	r.Inputs = map[string]string{"schema": "yes", "where": "Lemon,tangerine"}
	got, err := l.Start(t.Context(), r)
	if err != nil || got.Inputs["where"] != "lemon\ntangerine" || !got.Procedure.Inputs[1].Required || got.Procedure.Inputs[1].When != "" || len(got.Procedure.Inputs[2].Options) != 2 {
		t.Errorf("%+v, %v", got.Inputs, err)
	}
	r.Inputs = map[string]string{"sql": "left over", "where": "plum"}
	if _, err = l.Start(t.Context(), r); err == nil || !strings.Contains(err.Error(), `The input where can't be "plum"`) {
		t.Errorf("%v", err)
	}
	r.Inputs = map[string]string{"sql": "left over"}
	got, err = l.Start(t.Context(), r)
	if _, kept := got.Inputs["sql"]; err != nil || kept || got.Procedure.Inputs[1].Required {
		t.Errorf("%+v, %v", got.Inputs, err)
	}
}
