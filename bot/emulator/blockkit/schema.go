package blockkit

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// This file is what the tables are written with: checks of one value, and shapes of objects.

// check looks at one value.
type check func(r *Report, v any, at string)

// field is one property of an object. The zero need is an optional field.
type field struct {
	check check
	need  bool
}

func opt(c check) field { return field{check: c} }

func must(c check) field { return field{check: c, need: true} }

type fields map[string]field

// shape is the schema of an object with a type.
type shape struct {
	fields fields
	// open shapes allow properties that are not listed: newer blocks whose schema is not in this table.
	open bool
	// also checks what no single field can say.
	also func(r *Report, o obj, at string)
	// surfaces where it may be used: "message", "modal", "home". Empty means everywhere.
	surfaces []string
}

// apply holds an object against a shape. extra are properties that every object of its kind may have.
func (s shape) apply(r *Report, o obj, at string, extra fields) {
	names := make([]string, 0, len(o))
	for name := range o {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		f, ok := s.fields[name]
		if !ok {
			f, ok = extra[name]
		}
		switch {
		case ok && o[name] == nil && !f.need:
		case ok:
			f.check(r, o[name], at+"/"+name)
		case name != "type" && !s.open:
			r.add(at, "invalid additional property: %s", name)
		}
	}
	var lacking []string
	for name, f := range s.fields {
		if _, have := o[name]; f.need && !have {
			lacking = append(lacking, name)
		}
	}
	slices.Sort(lacking)
	for _, name := range lacking {
		r.add(at, "missing required field: %s", name)
	}
	if s.also != nil {
		s.also(r, o, at)
	}
}

// chars is a string of min to max characters.
func chars(low, high int) check {
	return func(r *Report, v any, at string) {
		s, ok := v.(string)
		if !ok {
			r.add(at, "must provide a string")
			return
		}
		n := utf8.RuneCountInString(s)
		if n < low {
			r.add(at, "must be more than %d characters", low-1)
		}
		if n > high {
			r.add(at, "must be less than %d characters", high+1)
		}
	}
}

func boolean(r *Report, v any, at string) {
	if _, ok := v.(bool); !ok {
		r.add(at, "must provide a boolean")
	}
}

func number(low, high float64) check {
	return func(r *Report, v any, at string) {
		n, ok := v.(float64)
		switch {
		case !ok || n != math.Trunc(n):
			r.add(at, "must provide an integer")
		case n < low:
			r.add(at, "must be greater than or equal to %.0f", low)
		case n > high:
			r.add(at, "must be less than or equal to %.0f", high)
		}
	}
}

func oneOf(words ...string) check {
	return func(r *Report, v any, at string) {
		if !slices.Contains(words, jsonvalue.AsString(v)) {
			r.add(at, "value must be one of: %s", strings.Join(words, ", "))
		}
	}
}

// list is an array of low to high items.
func list(low, high int, item check) check {
	return func(r *Report, v any, at string) {
		l, ok := v.([]any)
		if !ok {
			r.add(at, "must provide an array")
			return
		}
		if len(l) > high {
			r.add(at, "no more than %d items allowed", high)
			return
		}
		if len(l) < low {
			r.add(at, "no less than %d items allowed", low)
		}
		for i, x := range l {
			item(r, x, at+"/"+strconv.Itoa(i))
		}
	}
}

// object is an object without a type.
func object(s shape) check {
	return func(r *Report, v any, at string) {
		o, ok := v.(obj)
		if !ok {
			r.add(at, "must provide an object")
			return
		}
		if _, typed := o["type"]; typed && !s.open {
			r.add(at, "invalid additional property: type")
		}
		s.apply(r, o, at, nil)
	}
}

// textObject is a text of the named types (plain_text, mrkdwn).
func textObject(high int, types ...string) check {
	return func(r *Report, v any, at string) {
		o, ok := v.(obj)
		if !ok {
			r.add(at, "must provide an object")
			return
		}
		kind := jsonvalue.AsString(o["type"])
		if !slices.Contains(types, kind) {
			r.unsupported(at, kind, types)
			return
		}
		s := shape{fields: fields{"text": must(chars(1, high))}}
		if kind == "plain_text" {
			s.fields["emoji"] = opt(boolean)
		} else {
			s.fields["verbatim"] = opt(boolean)
		}
		s.apply(r, o, at, nil)
	}
}

func plain(high int) check { return textObject(high, "plain_text") }

func anyText(high int) check { return textObject(high, "plain_text", "mrkdwn") }

// typed is an object whose type is one of the allowed keys of a table.
func typed(table func() map[string]shape, extra fields, allowed ...string) check {
	return func(r *Report, v any, at string) {
		o, ok := v.(obj)
		if !ok {
			r.add(at, "must provide an object")
			return
		}
		kind := jsonvalue.AsString(o["type"])
		if kind == "" {
			r.add(at, "missing required field: type")
			return
		}
		s, known := table()[kind]
		if !known || slices.Contains(r.unknown, kind) || len(allowed) > 0 && !slices.Contains(allowed, kind) || !s.fits(r) {
			r.unsupported(at, kind, fitting(r, table(), allowed))
			return
		}
		s.apply(r, o, at, extra)
	}
}

func (s shape) fits(r *Report) bool {
	return len(s.surfaces) == 0 || slices.Contains(s.surfaces, r.surface)
}

// fitting lists the types of a table that may be used here.
func fitting(r *Report, table map[string]shape, allowed []string) []string {
	out := []string{}
	for kind, s := range table {
		if s.fits(r) && (len(allowed) == 0 || slices.Contains(allowed, kind)) {
			out = append(out, kind)
		}
	}
	slices.Sort(out)
	return out
}
