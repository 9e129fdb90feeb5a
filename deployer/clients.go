package deployer

import (
	"maps"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ChannelDeploys is the name of the channel where a deployment was started: its
// card stands there.
const ChannelDeploys = "deploys"

// ChannelClients is the name of the channel that clients read. What goes there
// has words of its own, and a person reads and edits them first. A retailer
// need not have it.
const ChannelClients = "clients"

// ClientWordsMax bounds words for clients, in characters.
const ClientWordsMax = 2000

// ForClients reports whether the step tells clients something.
func (s Step) ForClients() bool {
	return s.Announces() && len(s.To()) == 1 && s.To()[0] == ChannelClients
}

// reviewed reports whether somebody reads what the step tells before that goes out.
func (s Step) reviewed() bool {
	return s.ForClients() || s.Announces() && s.With[s.kind().Asks.Role].Text != ""
}

// AwaitsPerson reports whether the step, once active, waits for a person: for Done, for
// an approval, or for words that clients may read.
func (d Deployment) AwaitsPerson(s StepState) bool {
	if s.Work() == WorkPeople || s.gate() != nil {
		return true
	}
	return s.reviewed() && s.Words() == "" && d.Needed(s) && !(planner{d}).tellsUnread(s)
}

// Proposal is what would be told by a step whose words somebody reads first: the procedure's words and the values
// of their placeholders. Times are written as RFC 3339 has it.
func (d Deployment) Proposal(s StepState) (words string, args map[string]string) {
	args = d.args(s.Began)
	if s.ForClients() {
		args = schedule(d, s.Began)
	}
	maps.Copy(args, s.Seen.Words)
	return d.Procedure.Messages[s.Message()], args
}

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
