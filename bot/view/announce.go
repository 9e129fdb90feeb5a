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

// Proposal is what clients would be told, as plain text. Times are the
// retailer's.
func Proposal(d deployer.Deployment, s deployer.StepState, zone *time.Location) string {
	words, args := d.Proposal(s)
	start, err := time.Parse(time.RFC3339, args["start"])
	return strings.TrimSpace(fill(words, func(name string) (string, bool) {
		value, ok := args[name]
		if t, wrong := time.Parse(time.RFC3339, value); ok && wrong == nil && err == nil {
			return forClients(t.In(zone), name != "start" && sameDay(t, start, zone)), true
		}
		return mrkdwn.OneLine(value), ok
	}))
}

// forClients is a time as somebody reads it who has nothing but the text; the
// day is left out where it was said before.
func forClients(t time.Time, said bool) string {
	clock := t.Format("15:04 ") + mrkdwn.Abbreviation(t)
	if said {
		return clock
	}
	return t.Format("Monday 2 January, ") + clock
}

func sameDay(a, b time.Time, zone *time.Location) bool {
	return a.In(zone).Format(time.DateOnly) == b.In(zone).Format(time.DateOnly)
}

// reviewing is what the card shows of a step that waits for somebody to read
// what clients are told.
func (c card) reviewing(s deployer.StepState) string {
	return "Clients would read, in <#" + c.d.Channels[deployer.ChannelClients] + ">:\n" + mrkdwn.Quote(Proposal(c.d, s, c.Zone(c.d.Site.Name)), c.text) +
		"\nDone opens it, to change it before it goes out."
}

// ReviewForm lets somebody change what clients are told before it goes out.
func ReviewForm(d deployer.Deployment, s deployer.StepState, proposed, memo string) slack.ModalViewRequest {
	words := slack.NewPlainTextInputBlockElement(nil, fieldText)
	words.Multiline, words.FocusOnLoad, words.MinLength, words.MaxLength = true, true, 1, deployer.ClientWordsMax
	words.InitialValue = mrkdwn.Clip(proposed, deployer.ClientWordsMax)
	about := "*" + mrkdwn.Escape(s.Title, mrkdwn.TitleMax) + "*\nThis is posted in <#" + d.Channels[deployer.ChannelClients] + ">, where clients read it, as soon as you send it."
	hint := "How long, what it means for them, when they hear more. No service, version, ticket or id."
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: FormReview, PrivateMetadata: memo,
		Title: mrkdwn.PlainText("For clients"), Submit: mrkdwn.PlainText("Send"), Close: mrkdwn.PlainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewSectionBlock(mrkdwn.Text(about), nil, nil),
			slack.NewInputBlock(BlockReview, mrkdwn.PlainText("What clients read"), mrkdwn.PlainText(hint), words),
		}},
	}
}
