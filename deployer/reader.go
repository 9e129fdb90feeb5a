package deployer

import (
	"errors"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

var errNoLanguage = errors.New("this process knows no language")

// A reader reads what a procedure says, at a moment.
type reader struct {
	Language // nil: what needs one can't be told
	at       Moment
}

// An evaluator finds out what the conditions, parameters and texts of steps come to now.
type evaluator struct {
	d        *Deployment
	now      time.Time
	language Language // nil: there is none
	people   Members  // nil: nobody is known
}

func (v evaluator) reader(step, item string) reader {
	return reader{v.language, Moment{Deployment: v.d, Now: v.now, Step: step, Item: item}}
}

// condition is what an expression says before a step or a phase begins.
func (v evaluator) condition(e ConditionSeen, expression string) ConditionSeen {
	r := v.reader(e.Step, "")
	is, err := r.compute(expression, TypeCond)
	e.At, e.Is, e.Saw = v.now, Holds, r.saw(expression)
	switch {
	case err != nil && e.Phase == "":
		e.Is, e.Why = Unasked, Tail(err.Error(), DetailMax)
	case err != nil: // whoever is asked about its first step decides for all
		e.Why = Tail(err.Error(), DetailMax)
	case !is.Flag:
		e.Is = Fails
	}
	return e
}

func (r reader) compute(expression string, as ParamType) (Value, error) {
	if r.Language == nil {
		return Value{}, errNoLanguage
	}
	return r.Compute(expression, as, r.at)
}

// InputAt is an input as it is at a moment, with the options that its expression comes
// to, and whether it is asked then. Without a language, and where its condition can't be
// told, it is. The error is why its options can't be told; they are as they are written.
func InputAt(l Language, in Input, at Moment) (_ Input, asked bool, err error) {
	if l == nil {
		return in, true, nil
	}
	if in.When != "" {
		if is, err := l.Compute(in.When, TypeCond, at); err == nil && !is.Flag {
			return in, false, nil
		}
	}
	if in.OptionsOf == "" {
		return in, true, nil
	}
	options, err := l.Compute(in.OptionsOf, TypeList, at)
	if err != nil {
		return in, true, err
	}
	in.Options = options.List
	return in, true, nil
}

// with are the parameters of the step of the moment; nil: they are as they are written.
func (r reader) with(s Step) (Values, error) {
	if !s.holdsParameters() {
		return nil, nil
	}
	if r.Language == nil {
		return nil, errNoLanguage
	}
	v, err := r.With(r.at)
	if err != nil || reflect.DeepEqual(v, s.With) {
		return nil, err
	}
	return v, nil
}

// forAll is a text that people read, filled once for all of some items: what differs among
// them stands there for each.
func (r reader) forAll(text string, items []string) (string, error) {
	if !strings.Contains(text, "{") {
		return text, nil
	}
	if r.Language == nil {
		return "", errNoLanguage
	}
	values := make([]map[string]string, len(items))
	for i, item := range items {
		r.at.Item = item
		var err error
		if values[i], err = r.Words(text, r.at); err != nil {
			return "", err
		}
	}
	return hole.ReplaceAllStringFunc(text, func(found string) string {
		var all []string
		for _, of := range values {
			if one := fillWords(found, of, r.at.Deployment.Place.zone()); !slices.Contains(all, one) {
				all = append(all, one)
			}
		}
		return strings.Join(all, ", ")
	}), nil
}

// Filled is a text with the values of its placeholders at a moment. Times are those of the
// place.
func Filled(l Language, text string, at Moment) (string, error) {
	return reader{l, at}.forAll(text, []string{at.Item})
}

// words are the values of the placeholders in words that are told. Without a language
// there are none: the core knows some by itself.
func (r reader) words(texts ...string) (map[string]string, error) {
	out := map[string]string{}
	for _, text := range texts {
		if r.Language == nil || !strings.Contains(text, "{") {
			continue
		}
		values, err := r.Words(text, r.at)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, values)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// What a condition rests on is kept of at most so many names, each cut to so many bytes.
const (
	sawMax      = 20
	sawValueMax = 300
)

var (
	literal = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`)
	named   = regexp.MustCompile(`\b(?:inputs|vars|values|steps|service|retailer|product|environment|maintenance|failure)(?:\.[A-Za-z_][A-Za-z0-9_-]*)+\(?|\b(?:each|outcome|reason)\b`)
)

// saw is what an expression rests on, as people read it, as far as that can be told.
func (r reader) saw(expression string) map[string]string {
	if r.Language == nil {
		return nil
	}
	out := map[string]string{}
	for _, path := range named.FindAllString(literal.ReplaceAllString(expression, `""`), sawMax) {
		if call, ok := strings.CutSuffix(path, "("); ok {
			path = call[:strings.LastIndex(call, ".")]
		}
		values, err := r.Words("{"+path+"}", r.at)
		if v, ok := values[path]; err == nil && ok {
			out[path] = Tail(v, sawValueMax)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// holdsParameters reports whether any parameter is to be filled or computed.
func (s Step) holdsParameters() bool {
	if s.Waits() && s.Until() == UntilPlanned {
		return false // the core knows when that is
	}
	types := map[string]ParamType{}
	for _, p := range s.kind().Params {
		types[p.Name] = p.Type
	}
	for name, v := range s.With {
		if v.holds(types[name]) {
			return true
		}
	}
	return false
}

// holds reports whether a parameter of a type is to be filled or computed.
func (v Value) holds(t ParamType) bool {
	switch t {
	case TypeTime, TypeCond:
		return v.Text != ""
	case TypePattern, TypeRole, TypeRoles, TypeMessage, TypeChannels, TypeSteps, TypeHolds, TypeOutputs:
		return false
	}
	return slices.ContainsFunc(v.texts(), func(text string) bool { return strings.Contains(text, "{") }) ||
		slices.ContainsFunc(v.Inputs, func(in Input) bool { return in.OptionsOf != "" })
}

// texts are all those of a value.
func (v Value) texts() []string {
	out := append([]string{v.Text}, v.List...)
	for _, texts := range append([]map[string]string{v.Texts}, v.Rows...) {
		out = slices.AppendSeq(out, maps.Values(texts))
	}
	for _, i := range v.Items {
		out = append(out, i.Title, i.Link)
	}
	for _, in := range v.Inputs {
		out = append(append(out, in.Label, in.Help, in.Default), in.Options...)
	}
	return out
}

func (l Locale) zone() *time.Location {
	if zone, err := time.LoadLocation(l.Zone); err == nil {
		return zone
	}
	return time.UTC
}

var hole = regexp.MustCompile(`\{\{(@?[A-Za-z_][\w.@-]*)\}\}|\{([^{}]*)\}`)

// fillWords puts values into a text, by what stands in its braces. A brace for which
// there is none stays as it is, and {{name}} is {name}.
func fillWords(text string, values map[string]string, zone *time.Location) string {
	return hole.ReplaceAllStringFunc(text, func(found string) string {
		m := hole.FindStringSubmatch(found)
		v, ok := values[m[2]]
		at, err := time.Parse(time.RFC3339, v)
		switch {
		case m[1] != "":
			return "{" + m[1] + "}"
		case !ok:
			return found
		case err == nil:
			return clock(at, zone)
		}
		return v
	})
}

// clock is a moment as people of a zone write it.
func clock(at time.Time, zone *time.Location) string {
	return at.In(zone).Format("2 Jan 15:04 MST")
}
