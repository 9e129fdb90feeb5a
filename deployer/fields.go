package deployer

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
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

// FieldsOf are what whoever answers a step fills in. Of a choice that wants a
// reason, fieldReason is required as well.
func FieldsOf(_ Deployment, s StepState) []Input { return s.fields("") }

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
	for i, it := range s.Items() {
		if kind, ok := evidenceKinds[it.Evidence]; ok {
			out = append(out, Input{ID: fieldEvidence + "-" + strconv.Itoa(i+1), Label: it.Title, Kind: kind, Required: true})
		}
	}
	return out
}

// evidenceKinds are what evidence can be, by the words for it.
var evidenceKinds = map[string]InputKind{"text": InputText, "link": InputLink}

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
