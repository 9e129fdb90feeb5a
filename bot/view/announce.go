package view

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// How much stands in an announcement: ArgMax units of one value, and so many
// blocks.
const (
	ArgMax                = 500
	announcementBlocksMax = 4
)

// announcement fills the words of a procedure. They are mrkdwn by whoever
// wrote the procedure; the values in them are not, and are escaped. Words that
// a person has written for clients hold no markup at all.
func announcement(m deployer.Message, d deployer.Deployment, r Renderer) (text string, blocks []slack.Block) {
	words := fill(fillLinks(m.Words, m.Args), values{m, d, r}.of)
	if m.Plain {
		words = mrkdwn.EscapeLines(m.Words)
	}
	if strings.TrimSpace(words) == "" {
		words = mrkdwn.Escape(m.Kind, mrkdwn.NameMax) + " " + mrkdwn.Escape(m.Args["what"], ArgMax)
	}
	for rest := words; rest != "" && len(blocks) < announcementBlocksMax; {
		part := mrkdwn.Cut(rest, mrkdwn.SectionMax)
		rest = strings.TrimLeft(rest[len(part):], "\n ")
		if part = strings.TrimRight(part, "\n "); part != "" {
			blocks = append(blocks, mrkdwn.Section(part))
		}
	}
	return strings.TrimRight(mrkdwn.Cut(words, mrkdwn.MessageMax), "\n "), blocks
}

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
		address, err := deployer.Link(parts[1]).For(args)
		if err != nil {
			return parts[2]
		}
		return strings.Replace(link, parts[1], address, 1)
	})
}

var placeholder = regexp.MustCompile(`\{@?[a-zA-Z][a-zA-Z0-9_:-]*\}`)

// fill puts the values into the words. A placeholder that nobody knows stays
// visible, so that its writer sees it.
func fill(words string, value func(name string) (string, bool)) string {
	words = strings.ToValidUTF8(words, "\uFFFD")
	return placeholder.ReplaceAllStringFunc(words, func(p string) string {
		if v, ok := value(p[1 : len(p)-1]); ok {
			return v
		}
		return p
	})
}

// values are what the placeholders of a message stand for, as mrkdwn.
type values struct {
	m deployer.Message
	d deployer.Deployment
	r Renderer
}

// of returns one of them. Names call nobody; those that begin with @ notify
// whom they name, and nobody else.
func (v values) of(name string) (string, bool) {
	if name, ok := strings.CutPrefix(name, "@"); ok {
		return v.call(name)
	}
	value, ok := v.m.Args[name]
	if !ok {
		return "", false
	}
	switch name {
	case "requester":
		value = v.person(v.d.Requester)
	case "approvers":
		if who := v.approvers(); len(who) > 0 {
			value = strings.Join(who, ", ")
		}
	case "why":
		return mrkdwn.Shorten(value, ArgMax), true
	case "start", "end", "next-update":
		if t, err := time.Parse(time.RFC3339, value); err == nil {
			return v.r.date(v.d.Site.Name, t), true
		}
	}
	return mrkdwn.Escape(value, ArgMax), true
}

// call mentions somebody. Whom Slack does not know is only named.
func (v values) call(name string) (string, bool) {
	role, isRole := strings.CutPrefix("@"+name, deployer.MentionRole)
	switch {
	case isRole:
		return cmp.Or(v.r.Mention(role), mrkdwn.Escape(role, mrkdwn.NameMax)), true
	case name == "requester" && v.d.Requester.ID != "":
		return "<@" + v.d.Requester.ID + ">", true
	case name == "tam":
		return cmp.Or(v.r.Mention(TAMRole(v.d.Site.Name)), mrkdwn.Escape(v.d.Terms["tam"], mrkdwn.NameMax)), true
	case name == "approvers":
		var who []string
		for _, s := range v.d.Steps {
			for _, a := range s.Approvals {
				if at := "<@" + a.By.ID + ">"; !slices.Contains(who, at) {
					who = append(who, at)
				}
			}
		}
		return strings.Join(who, " "), true
	}
	return "", false
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
