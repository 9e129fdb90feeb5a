package deployer

import (
	"cmp"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Given is what somebody has answered to a step that asks for anything but an
// approval.
type Given struct {
	Item    string // what it is about: see AskedOf; "": all that the step asks for
	By      Actor
	At      time.Time
	Values  map[string]string // what they filled in, by the fields' ids
	Comment string
}

// The fields of the core's own kinds.
const (
	fieldEvidence = "evidence"
	fieldChoice   = "choice"
	fieldReason   = "reason"
)

// FieldsOf are what whoever answers a step fills in, for one of the things that it asks
// for (see AskedOf). Of a choice that wants a reason, fieldReason is required as well.
func FieldsOf(s StepState, item string) []Input { return s.fields(item) }

// fields are those of one item.
func (s StepState) fields(item string) []Input {
	if !s.Confirms() {
		return nil
	}
	if s.Hand {
		return s.Fields
	}
	var out []Input
	with := s.WithOf(item)
	for _, p := range s.kind().Params {
		switch p.Type {
		case TypeInputs:
			out = append(out, with[p.Name].Inputs...)
		case TypeChoices:
			out = append(out, choiceFields(with[p.Name].Rows, with["default"].Text)...)
		}
	}
	if kind, ok := evidenceKinds[with[fieldEvidence].Text]; ok {
		out = append(out, Input{ID: fieldEvidence, Label: "Evidence", Kind: kind, Required: true})
	}
	for i, it := range with["items"].Items {
		if kind, ok := evidenceKinds[it.Evidence]; ok {
			out = append(out, Input{ID: fieldEvidence + "-" + strconv.Itoa(i+1), Label: it.Title, Kind: kind, Required: true})
		}
	}
	return out
}

// evidenceKinds are what evidence can be, by the words for it.
var evidenceKinds = map[string]InputKind{"text": InputText, "link": InputLink}

// Evident reports whether a line of a checklist is ticked by its evidence.
func (it Item) Evident() bool {
	_, ok := evidenceKinds[it.Evidence]
	return ok
}

// choiceFields are the choice, and the reason where one of the choices wants it.
func choiceFields(rows []map[string]string, otherwise string) []Input {
	choice, reasons := Input{ID: fieldChoice, Label: "Choice", Kind: InputChoice, Required: true, Default: otherwise}, false
	for _, row := range rows {
		choice.Options = append(choice.Options, row["id"])
		reasons = reasons || wantsReason(row)
	}
	if !reasons {
		return []Input{choice}
	}
	return []Input{choice, {ID: fieldReason, Label: "Why"}}
}

func wantsReason(row map[string]string) bool { return row["reason"] == "true" }

// hasDefaults reports whether a step goes on without an answer when its time is over:
// it asks for values, and each that it has to have has a default.
func (s StepState) hasDefaults(item string) bool {
	fields := s.fields(item)
	asks := slices.ContainsFunc(s.kind().Params, func(p Param) bool { return p.Type == TypeInputs || p.Type == TypeChoices })
	return !s.Hand && asks && len(fields) > 0 && !slices.ContainsFunc(fields, func(in Input) bool { return in.Required && in.Default == "" })
}

// filled are what somebody has filled in, as far as the step asks for it, or why it
// can't be taken.
func (s StepState) filled(item string, given map[string]string) (map[string]string, error) {
	fields := s.fields(item)
	if len(fields) == 0 {
		return nil, nil
	}
	out := map[string]string{}
	for _, in := range fields {
		v := strings.TrimSpace(given[in.ID])
		switch {
		case Blank(v) && in.Required:
			return nil, Refuse("Fill it in.", "“%s” is missing.", in.name())
		case Blank(v):
			continue
		}
		if err := in.check(v); err != nil {
			return nil, err
		}
		out[in.ID] = v
	}
	for _, p := range s.kind().Params {
		for _, row := range s.WithOf(item)[p.Name].Rows {
			if p.Type == TypeChoices && row["id"] == out[fieldChoice] && wantsReason(row) && out[fieldReason] == "" {
				return nil, Refuse("Say in a few words why.", "“%s” needs a reason.", cmp.Or(row["label"], row["id"]))
			}
		}
	}
	return out, nil
}

func (in Input) name() string { return cmp.Or(in.Label, in.ID) }

// fieldMax bounds what is filled into one field, in characters.
const fieldMax = 3000

// check refuses a value that is not what the input asks for. It is not blank.
func (in Input) check(v string) error {
	if n := utf8.RuneCountInString(v); n > fieldMax {
		return Refuse("", "“%s” has %d characters; %d are the most.", in.name(), n, fieldMax)
	}
	for _, one := range in.values(v) {
		if len(in.Options) > 0 && !slices.Contains(in.Options, one) {
			return Refuse("It is one of: "+strings.Join(in.Options, ", ")+".", "%q is not a value of “%s”.", one, in.name())
		}
		if want, ok := in.understands(one); !ok {
			return Refuse("", "“%s” is %s; “%s” is none.", in.name(), want, one)
		}
		if in.Pattern == "" {
			continue
		}
		if p, err := regexp.Compile(in.Pattern); err == nil && !p.MatchString(one) {
			return Refuse("It has to match "+in.Pattern, "“%s” can't be “%s”.", in.name(), one)
		}
	}
	return nil
}

// understands reports whether a value can be read, and what it should be.
func (in Input) understands(v string) (want string, ok bool) {
	var err error
	switch in.Kind {
	case InputBoolean:
		want, ok = "yes or no", v == "true" || v == "false"
		return want, ok
	case InputNumber:
		want = "a whole number"
		_, err = strconv.Atoi(v)
	case InputTime:
		want = "a time such as 2026-01-31T18:00:00Z"
		_, err = time.Parse(time.RFC3339, v)
	case InputDuration:
		want = "a duration such as 1h30m"
		_, err = time.ParseDuration(v)
	case InputLink:
		u, parsed := url.Parse(v)
		return "a link that begins with https:// or http://, without a password", parsed == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil
	}
	return want, err == nil
}

// values are those of a list, one a line, or the one value.
func (in Input) values(text string) []string {
	if !in.Many {
		return []string{text}
	}
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// Typed is what was filled in as a value; false: it is absent.
func (in Input) Typed(text string) (Value, bool) {
	if _, ok := in.understands(text); text == "" || !in.Many && !ok {
		return Value{}, false
	}
	switch {
	case in.Many:
		return Value{List: in.values(text)}, true
	case in.Kind == InputBoolean:
		return Value{Flag: text == "true"}, true
	case in.Kind == InputNumber:
		n, err := strconv.Atoi(text)
		return Value{Number: n}, err == nil
	case in.Kind == InputTime:
		at, err := time.Parse(time.RFC3339, text)
		return Value{Time: at}, err == nil
	case in.Kind == InputDuration:
		d, err := time.ParseDuration(text)
		return Value{Duration: d}, err == nil
	}
	return Value{Text: text}, true
}

// CheckInput refuses what somebody has filled in, if it is not what the input asks for.
// Nothing is, unless it is required.
func CheckInput(in Input, v string) error {
	switch {
	case !Blank(v):
		return in.check(strings.TrimSpace(v))
	case in.Required:
		return Refuse("Fill it in.", "“%s” is missing.", in.name())
	}
	return nil
}

// ClientWordsMax bounds words for clients, in characters.
const ClientWordsMax = 2000

var (
	anyPlaceholder = regexp.MustCompile(`\{[^{}\s]*\}`)
	ticket         = regexp.MustCompile(`\b[A-Z][A-Z0-9_]+-[0-9]+\b`)
)

// CheckClientWords refuses words that clients must not read, and says which
// and why: clients are told how long it takes, what it means for them and when
// they hear more, and nothing of how it is done.
func (d Deployment) CheckClientWords(words string) error {
	switch n := utf8.RuneCountInString(words); {
	case Blank(words):
		return Refuse("Write what clients should know.", "There are no words.")
	case n > ClientWordsMax:
		return Refuse("", "These are %d characters; %d are the most.", n, ClientWordsMax)
	}
	if p := anyPlaceholder.FindString(words); p != "" {
		return Refuse("Write what it stands for.", "%s was not filled in.", p)
	}
	for _, in := range internals(d) {
		if at := find(words, in.word); at != "" {
			return Refuse("Say it in the clients' words.", "“%s” is %s.", at, in.what)
		}
	}
	if t := ticket.FindString(words); t != "" {
		return Refuse("Leave it out.", "“%s” looks like a ticket.", t)
	}
	return nil
}

// checkWords refuses words that a step must not tell.
func checkWords(d Deployment, s StepState, words string) error {
	switch n := utf8.RuneCountInString(words); {
	case s.ForClients():
		return d.CheckClientWords(words)
	case Blank(words):
		return Refuse("Write what people should know.", "There are no words.")
	case n > ClientWordsMax:
		return Refuse("", "These are %d characters; %d are the most.", n, ClientWordsMax)
	}
	return nil
}

type internal struct{ word, what string }

// internals are the words of the deployment that clients don't know.
func internals(d Deployment) []internal {
	out := []internal{{d.ID, "the id of this deployment"}}
	for _, w := range d.Releases {
		out = append(out, internal{w.Service, "the name of a service"}, internal{w.Tag, "a tag"})
	}
	for _, t := range d.Targets {
		for _, v := range []string{t.Before.Version, t.After.Version, t.Before.Image, t.After.Image} {
			out = append(out, internal{v, "a version"})
		}
	}
	for _, id := range []string{"ticket", "change", "issue"} {
		out = append(out, internal{d.Inputs[id], "the answer to the input " + id})
	}
	return out
}

// find returns a word as it stands in a text, alone and in any case; "" where
// it does not. A tag such as 15 is a number like any other.
func find(text, word string) string {
	if word == "" || len(word) < 4 && strings.Trim(word, "0123456789") == "" {
		return ""
	}
	inside := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
	for i := range text {
		if len(text)-i < len(word) || !strings.EqualFold(text[i:i+len(word)], word) {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(word):])
		if (i == 0 || !inside(before)) && (i+len(word) == len(text) || !inside(after)) {
			return text[i : i+len(word)]
		}
	}
	return ""
}

func checkInputs(inputs []Input, given map[string]string) error {
	known := make([]string, 0, len(inputs))
	for _, in := range inputs {
		known = append(known, in.ID)
		v := given[in.ID]
		switch {
		case Blank(v) && in.Required:
			return Refuse("", "The input %s is missing.", in.ID).adding("Add for example", Flag{"input", in.ID + "=" + in.example()})
		case Blank(v) || len(in.Options) == 0:
			continue
		}
		for _, one := range in.values(v) {
			if !slices.Contains(in.Options, one) {
				return Refuse("It is one of: "+strings.Join(in.Options, ", ")+".", "%q is not a value of the input %s.", one, in.ID)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(known, id) {
			return Refuse("This procedure knows: "+strings.Join(known, ", ")+".", "There is no input %q.", id)
		}
	}
	return nil
}

// example is a value that the input could have.
func (in Input) example() string {
	if len(in.Options) > 0 {
		return in.Options[0]
	}
	return "VALUE"
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
