package launch

import (
	"maps"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/urltemplate"
)

// A filler fills the inputs of a procedure, one after the other: what an earlier one is
// may decide whether a later one is asked, and what it can be.
type filler struct {
	reader
	draft    deployer.Deployment // with the inputs that are filled so far
	language deployer.Language
	linked   []string // inputs that take a key alone
	asked    deployer.Moment
}

// inputs are what was given and the defaults, each as its kind is kept, and the
// procedure's inputs as they were asked: without conditions, and with their options.
// Mistakes in names and values are refused; whether all is there is the core's
// decision.
func (f *filler) inputs(known []deployer.Input, given map[string]string) (map[string]string, []deployer.Input, error) {
	words, err := named(known, given)
	if err != nil {
		return nil, nil, err
	}
	f.draft.Inputs = map[string]string{}
	var asked []deployer.Input
	for _, in := range known {
		word, said := words[in.ID]
		f.asked.Deployment = &f.draft
		in, shown, err := deployer.InputAt(f.language, in, f.asked)
		if err != nil {
			return nil, nil, FieldError{FieldInput, in.ID, deployer.Refuse("", "What the input %s can be can’t be told: %v.", in.ID, err)}
		}
		if in.When = ""; !shown {
			in.Required, in.OptionsOf = false, ""
			asked = append(asked, in)
			continue // what was given for it counts for nothing: it may be left over in a form
		}
		if f.language != nil {
			in.OptionsOf = ""
		}
		asked = append(asked, in)
		if !said {
			word = in.Default
		}
		value, err := f.value(in, word)
		if err != nil {
			return nil, nil, FieldError{FieldInput, in.ID, err}
		}
		if value != "" || said {
			f.draft.Inputs[in.ID] = value
		}
	}
	return f.draft.Inputs, asked, nil
}

// named are the words that were given, by the ids of the inputs.
func named(known []deployer.Input, given map[string]string) (map[string]string, error) {
	var ids []string
	for _, in := range known {
		ids = append(ids, in.ID)
	}
	out := map[string]string{}
	for _, word := range slices.Sorted(maps.Keys(given)) {
		id := Match(word, ids)
		if id == "" {
			return nil, Unknown("This procedure has no input", word, ids, "It has")
		}
		if _, twice := out[id]; twice {
			return nil, deployer.Refuse("Give it once.", "The input %s is there twice.", id)
		}
		out[id] = given[word]
	}
	return out, nil
}

// value is what was given for an input as it is kept. Of several each is read for
// itself.
func (f *filler) value(in deployer.Input, word string) (string, error) {
	if !in.Many {
		return f.one(in, word)
	}
	var out []string
	for _, part := range several(in, word) {
		one, err := f.one(in, part)
		if err != nil {
			return "", err
		}
		out = append(out, one)
	}
	return strings.Join(out, "\n"), nil
}

// several are the parts of what was given for an input of many: one a line. Where it is
// one of some options, a comma divides as well, but for one within an option.
func several(in deployer.Input, text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		parts := []string{line}
		if len(in.Options) > 0 && Match(strings.TrimSpace(line), in.Options) == "" {
			parts = strings.Split(line, ",")
		}
		for _, part := range parts {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

// one is one value of an input as it is kept.
func (f *filler) one(in deployer.Input, word string) (string, error) {
	if deployer.Blank(word) {
		return "", nil
	}
	if err := checkLink(in.ID, word, slices.Contains(f.linked, in.ID)); err != nil {
		return "", err
	}
	if len(in.Options) > 0 {
		if option := Match(word, in.Options); option != "" {
			return option, nil
		}
		return "", Unknown("The input "+in.ID+" can't be", word, in.Options, "It is one of")
	}
	return f.read(in, word)
}

// checkLink refuses what would be shown as a link to somewhere else than it
// leads to.
func checkLink(id, value string, linked bool) error {
	switch {
	case linked && value != "" && !urltemplate.IsKey(value):
		return deployer.Refuse("Give the key alone, such as CHG-123: its link is made of it.", "The input %s can’t be %q.", id, value)
	case urltemplate.HasUser(value):
		return deployer.Refuse("Leave out what stands before the @.", "The input %s is a URL with a user in it, which hides where it leads.", id)
	}
	return nil
}
