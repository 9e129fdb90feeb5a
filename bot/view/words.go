package view

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/urltemplate"
)

// written is a link that the words of a procedure hold: its address, and its label.
var written = regexp.MustCompile(`<(https?://[^|>\s]+)(?:\|([^>]*))?>`)

// fillLinks puts the values into the addresses of links, each escaped for where
// it stands. A link that lacks one is its label alone.
func fillLinks(words string, args map[string]string) string {
	return written.ReplaceAllStringFunc(words, func(link string) string {
		parts := written.FindStringSubmatch(link)
		if !placeholder.MatchString(parts[1]) {
			return link
		}
		address, err := urltemplate.Link(parts[1]).For(args)
		if err != nil {
			return parts[2]
		}
		return strings.Replace(link, parts[1], address, 1)
	})
}

// placeholder is a path in braces, such as {steps.ticket.key}, or one in two, which
// stands for the braces themselves.
var placeholder = regexp.MustCompile(`\{\{(@?[a-zA-Z][a-zA-Z0-9_.:-]*)\}\}|\{(@?[a-zA-Z][a-zA-Z0-9_.:-]*)\}`)

// fill puts the values into the words. A placeholder that nobody knows stays
// visible, so that its writer sees it; {{name}} is {name}. Value gets to know whether
// its line holds nothing else, so that a list has a line for each there. Of the
// spaces around a value that is empty, one is left.
func fill(words string, value func(path string, alone bool) (string, bool)) string {
	words = strings.ToValidUTF8(words, "\uFFFD")
	var out strings.Builder
	last := 0
	for _, at := range placeholder.FindAllStringSubmatchIndex(words, -1) {
		out.WriteString(words[last:at[0]])
		last = at[1]
		if at[2] >= 0 {
			out.WriteString("{" + words[at[2]:at[3]] + "}")
			continue
		}
		if v, ok := value(words[at[4]:at[5]], alone(words, at[0], at[1])); ok {
			out.WriteString(v)
			if v == "" && spaced(words, at[0], at[1]) {
				last++
			}
		} else {
			out.WriteString(words[at[0]:at[1]])
		}
	}
	return out.String() + words[last:]
}

// spaced reports whether a space stands on either side of what lies between, or one
// behind it where a line begins.
func spaced(words string, from, to int) bool {
	return strings.HasPrefix(words[to:], " ") && (from == 0 || words[from-1] == ' ' || words[from-1] == '\n')
}

// alone reports whether nothing else stands on the line of what lies between.
func alone(words string, from, to int) bool {
	before, after := words[:from], words[to:]
	before = before[strings.LastIndexByte(before, '\n')+1:]
	after, _, _ = strings.Cut(after, "\n")
	return strings.TrimSpace(before) == "" && strings.TrimSpace(after) == ""
}

// values are what the placeholders of a message stand for, as mrkdwn.
type values struct {
	m deployer.Message
	d deployer.Deployment
	r Renderer
}

// of returns one of them. Names call nobody; those that begin with @ notify
// whom they name, and nobody else.
func (v values) of(path string, alone bool) (string, bool) {
	if role, ok := strings.CutPrefix(path, "@"); ok {
		return v.call(role)
	}
	value, ok := v.m.Args[path]
	if !ok {
		return "", false
	}
	switch {
	case path == "requester":
		value = v.person(v.d.Requester)
	case path == "approvers":
		if who := v.approvers(); len(who) > 0 {
			value = strings.Join(who, ", ")
		}
	case path == "why" || strings.HasSuffix(path, ".why"):
		return mrkdwn.Shorten(value, ArgMax), true
	}
	if t, err := time.Parse(time.RFC3339, value); err == nil {
		return v.r.date(v.d.Site.Name, t), true
	}
	return listed(value, alone), true
}

// listed is a value on one line, or with a line for each of a list's.
func listed(value string, alone bool) string {
	lines := strings.FieldsFunc(value, func(r rune) bool { return r == '\n' })
	if !alone || len(lines) < 2 {
		return mrkdwn.Escape(strings.Join(lines, ", "), ArgMax)
	}
	for i, line := range lines {
		lines[i] = mrkdwn.Escape(line, ArgMax)
	}
	if extra := len(lines) - argLinesMax; extra > 0 {
		lines = append(lines[:argLinesMax], deployer.Count(extra, "line")+" more")
	}
	return strings.Join(lines, "\n")
}

// call mentions the people of a role. Whom Slack does not know is only named.
func (v values) call(role string) (string, bool) {
	role, _ = strings.CutPrefix(role, strings.TrimPrefix(deployer.MentionRole, "@"))
	switch role {
	case "requester":
		return "<@" + v.d.Requester.ID + ">", v.d.Requester.ID != ""
	case "tam":
		return cmp.Or(v.r.Mention(TAMRole(v.d.Site.Name)), mrkdwn.Escape(v.d.Terms["tam"], mrkdwn.NameMax)), true
	case "approvers":
		var who []string
		for _, s := range v.d.Steps {
			for _, a := range s.Approvals {
				if at := "<@" + a.By.ID + ">"; !slices.Contains(who, at) {
					who = append(who, at)
				}
			}
		}
		return strings.Join(who, " "), true
	case "owner":
		return v.owners()
	case "everyone":
		return "<!channel>", true
	}
	return v.mention(role), true
}

func (v values) mention(role string) string {
	return cmp.Or(v.r.Mention(role), mrkdwn.Escape(role, mrkdwn.NameMax))
}

// owners are those of the services, each once; of a procedure without services, its
// own. Unknown where nobody is said to own them.
func (v values) owners() (string, bool) {
	var out []string
	for _, name := range ownersOf(v.r, v.d) {
		if at := v.mention(name); !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	return strings.Join(out, " "), len(out) > 0
}

// ownersOf are the names of who owns what a deployment is about, each once.
func ownersOf(r Renderer, d deployer.Deployment) []string {
	var out []string
	add := func(name string) {
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, w := range d.Releases {
		add(cmp.Or(d.Place.Owners[w.Service], r.Services[w.Service].Owner))
	}
	if len(d.Releases) == 0 {
		add(d.Procedure.Owner)
	}
	return out
}

func (v values) person(p deployer.Actor) string { return cmp.Or(v.r.Person(p), p.Name) }

// approvers are called as they are known by now, each once.
func (v values) approvers() []string {
	var out, seen []string
	for _, s := range v.d.Steps {
		for _, a := range s.Approvals {
			if !slices.Contains(seen, a.By.ID) {
				out, seen = append(out, v.person(a.By)), append(seen, a.By.ID)
			}
		}
	}
	return out
}
