package deployertest

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Language is a small one for tests. A path is inputs.ID, steps.ID.OUTPUT,
// steps.ID.done, each, service, what, now, or one of Names; a text holds {path}. An
// expression is a path, !path, "now + 5m", a list "a, b", true or false; one that
// begins with "fail " can't be told, and says why behind that.
type Language struct {
	Names map[string]string // by path or expression: what else it knows; one that begins with "fail " can't be told
	Panic string            // an expression or a text that it panics at; "": none
}

var errNoSuchPath = errors.New("there is no such name")

// Compute implements deployer.Language.
func (l Language) Compute(expression string, as deployer.ParamType, at deployer.Moment) (deployer.Value, error) {
	text, err := l.value(expression, at)
	if err != nil {
		return deployer.Value{}, err
	}
	switch as {
	case deployer.TypeCond:
		return deployer.Value{Flag: text == "true"}, nil
	case deployer.TypeList:
		return deployer.Value{List: list(text)}, nil
	case deployer.TypeTime:
		moment, err := time.Parse(time.RFC3339, text)
		return deployer.Value{Time: moment}, err
	}
	return deployer.Value{Text: text}, nil
}

// value is what an expression comes to, as a text.
func (l Language) value(expression string, at deployer.Moment) (string, error) {
	if l.Panic != "" && expression == l.Panic {
		panic("deployertest: " + expression)
	}
	text, known := l.path(expression, at)
	if !known {
		text = expression
	}
	if why, ok := strings.CutPrefix(text, "fail "); ok {
		return "", errors.New(why)
	}
	if path, ok := strings.CutPrefix(expression, "!"); ok {
		text, err := l.value(path, at)
		return strconv.FormatBool(text != "true"), err
	}
	if later, ok := strings.CutPrefix(expression, "now + "); ok {
		d, err := time.ParseDuration(later)
		return at.Now.Add(d).Format(time.RFC3339), err
	}
	if known || expression == "true" || expression == "false" || expression == "" || strings.Contains(expression, ",") {
		return text, nil
	}
	return "", errNoSuchPath
}

// path is what one comes to, if it is known.
func (l Language) path(path string, at deployer.Moment) (string, bool) {
	d := at.Deployment
	if text, ok := l.Names[path]; ok {
		return text, true
	}
	switch parts := strings.Split(path, "."); {
	case path == "each" || path == "service":
		return at.Item, at.Item != ""
	case path == "now":
		return at.Now.Format(time.RFC3339), true
	case path == "what":
		var out []string
		for _, t := range d.Targets {
			out = append(out, t.Service+" "+t.After.Version)
		}
		return strings.Join(out, ", "), true
	case len(parts) == 2 && parts[0] == "inputs":
		return d.Inputs[parts[1]], true
	case len(parts) == 3 && parts[0] == "steps" && d.Step(parts[1]) != nil:
		return output(*d, *d.Step(parts[1]), parts[2]), true
	}
	return "", false
}

func output(d deployer.Deployment, s deployer.StepState, name string) string {
	if name == "done" {
		return strconv.FormatBool(s.Status == deployer.Done && s.Skipped.By.ID == "")
	}
	v := deployer.Outputs(d, s, "")[name]
	switch {
	case v.Number != 0:
		return strconv.Itoa(v.Number)
	case v.Flag:
		return "true"
	case v.List != nil:
		return strings.Join(v.List, ", ")
	}
	return v.Text
}

func list(text string) []string {
	out := []string{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// With implements deployer.Language.
func (l Language) With(at deployer.Moment) (deployer.Values, error) {
	s := at.Deployment.Step(at.Step)
	out := maps.Clone(s.With)
	for _, p := range s.Kind.Params {
		v, ok := out[p.Name]
		switch {
		case !ok:
		case p.Type == deployer.TypeTime || p.Type == deployer.TypeCond:
			computed, err := l.Compute(v.Text, p.Type, at)
			if err != nil {
				return nil, err
			}
			out[p.Name] = computed
		default:
			v.List, v.Texts, v.Items = slices.Clone(v.List), maps.Clone(v.Texts), slices.Clone(v.Items)
			fill := func(text *string) { *text = l.fill(*text, at) }
			fill(&v.Text)
			for i := range v.List {
				fill(&v.List[i])
			}
			for i := range v.Items {
				fill(&v.Items[i].Title)
			}
			for name, text := range v.Texts {
				v.Texts[name] = l.fill(text, at)
			}
			out[p.Name] = v
		}
	}
	return out, nil
}

var braces = regexp.MustCompile(`\{([^{}]*)\}`)

func (l Language) fill(text string, at deployer.Moment) string {
	return braces.ReplaceAllStringFunc(text, func(hole string) string {
		if v, ok := l.path(strings.Trim(hole, "{}"), at); ok {
			return v
		}
		return hole
	})
}

// Words implements deployer.Language.
func (l Language) Words(text string, at deployer.Moment) (map[string]string, error) {
	if l.Panic != "" && text == l.Panic {
		panic("deployertest: " + text)
	}
	out := map[string]string{}
	for _, m := range braces.FindAllStringSubmatch(text, -1) {
		if why, ok := strings.CutPrefix(m[1], "fail "); ok {
			return nil, errors.New(why)
		}
		if v, ok := l.path(m[1], at); ok {
			out[m[1]] = v
		}
	}
	return out, nil
}
