package view

import (
	"strings"
	"time"

	"github.com/slack-go/slack"

	"cmp"
	"slices"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/bot/view/placeholder"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// How much stands in an announcement: ArgMax units of one value, so many lines of one
// that is a list, and so many blocks.
const (
	ArgMax                = 500
	argLinesMax           = 20
	announcementBlocksMax = 4
)

// The form that lets somebody read what is told: its callback id, and that of the block with the words.
const (
	FormReview  = "review"
	BlockReview = "words"
)

// announcement fills the words of a procedure, and their title, where they have one.
// They are mrkdwn by whoever wrote the procedure; the values in them are not, and are
// escaped. Words that a person has read and sent hold no markup at all.
func announcement(m deployer.Message, d deployer.Deployment, r Renderer) (text string, blocks []slack.Block) {
	value := values{m, d, r}.of
	words := placeholder.Fill(placeholder.FillLinks(m.Words, m.Args), value)
	if title := strings.ReplaceAll(mrkdwn.OneLine(titleOf(m, d)), "*", ""); title != "" {
		words = "*" + placeholder.Fill(title, value) + "*\n" + words
	}
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

// titleOf is the title of the words that a message tells.
func titleOf(m deployer.Message, d deployer.Deployment) string {
	if id, _, ok := deployer.ParseAnnouncementKey(m.DedupKey); ok {
		if s := d.Step(id); s != nil {
			return d.Procedure.Titles[s.Message()]
		}
	}
	f := d.Procedure.Failure
	name, ok := map[string]string{
		deployer.MessageFailed: f.Message, deployer.MessageOver: f.Over, deployer.MessageStopped: f.Stopped,
		deployer.MessageHeld: f.Held, deployer.MessageResumed: f.Resumed,
	}[m.Kind]
	if !ok {
		name = m.Kind
	}
	return d.Procedure.Titles[name]
}

// Proposal is what would be told by a step whose words somebody reads first, as plain
// text. Times are the retailer's.
func Proposal(d deployer.Deployment, s deployer.StepState, zone *time.Location) string {
	words, args := telling.Proposal(d, s)
	if title := d.Procedure.Titles[s.Message()]; title != "" {
		words = title + "\n" + words
	}
	start, err := time.Parse(time.RFC3339, args["start"])
	words = placeholder.Unmarked(placeholder.FillLinks(words, args))
	return strings.TrimSpace(placeholder.Fill(words, func(path string, alone bool) (string, bool) {
		if role, ok := strings.CutPrefix(path, "@"); ok { // what is plain text calls nobody
			return strings.TrimPrefix(role, strings.TrimPrefix(deployer.MentionRole, "@")), true
		}
		value, ok := args[path]
		if t, wrong := time.Parse(time.RFC3339, value); ok && wrong == nil {
			return forClients(t.In(zone), path != "start" && err == nil && sameDay(t, start, zone)), true
		}
		if alone {
			return strings.TrimSpace(value), ok // of a list, a line each
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
// what is told.
func (c cardQuestion) reviewing(s deployer.StepState) string {
	proposed := mrkdwn.Quote(Proposal(c.d, s, c.Zone(c.d.Site.Name)), c.text)
	head := "It would be posted " + whereTold(c.d, s)
	switch {
	case c.d.Drill.On && s.ForClients():
		return "Clients would read this. In a drill it is not sent:\n" + proposed
	case s.ForClients():
		head = "Clients would read, in <#" + c.d.Channels[deployer.ChannelClients] + ">"
	}
	return head + ":\n" + proposed +
		"\nYou can change it before it goes out."
}

// whereTold is where the words of a step are read, behind “posted”.
func whereTold(d deployer.Deployment, s deployer.StepState) string {
	if s.ForClients() {
		return "in <#" + d.Channels[deployer.ChannelClients] + ">, where clients read it"
	}
	var where []string
	for _, name := range d.Audience(s.To()) {
		where = append(where, "<#"+d.Channels[name]+">")
	}
	var roles []string
	for _, role := range s.Addressed() {
		roles = append(roles, mrkdwn.Escape(role, mrkdwn.NameMax))
	}
	out, directly := "in "+mrkdwn.Join(where, "and", 4), mrkdwn.Join(roles, "and", 4)
	switch {
	case len(where) == 0:
		return "to " + directly + ", directly"
	case directly != "":
		return out + ", and to " + directly + " directly"
	}
	return out
}

// ReviewForm lets somebody change what is told before it goes out.
func ReviewForm(d deployer.Deployment, s deployer.StepState, proposed, memo string) slack.ModalViewRequest {
	title := "Words to send"
	if s.ForClients() {
		title = "For clients"
	}
	words := wordsBlock(s, BlockReview, proposed)
	words.Element.(*slack.PlainTextInputBlockElement).FocusOnLoad = true
	about := deployer.MarkDrill(d.Drill.On, "*"+StepTitle(s)+"*\n"+posted(d, s, ", as soon as you send it."))
	form := slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: FormReview, PrivateMetadata: memo,
		Title: mrkdwn.PlainText(title), Submit: mrkdwn.PlainText("Send"), Close: mrkdwn.PlainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewSectionBlock(mrkdwn.Text(about), nil, nil),
			words,
		}},
	}
	if q, ok := deployer.AwaitingAt(d, s); ok && q.Passed(deployer.LevelBreakGlass) {
		form.Blocks.BlockSet = append(form.Blocks.BlockSet, GlassReason())
	}
	return form
}

// posted says where the words of a step go.
func posted(d deployer.Deployment, s deployer.StepState, when string) string {
	if d.Drill.On && s.ForClients() {
		return "In a drill this is not sent to clients."
	}
	return "This is posted " + whereTold(d, s) + when
}

// wordsBlock is the field for what a step tells.
func wordsBlock(s deployer.StepState, id, proposed string) *slack.InputBlock {
	words := slack.NewPlainTextInputBlockElement(nil, field.Text)
	words.Multiline, words.MinLength, words.MaxLength = true, 1, deployer.ClientWordsMax
	words.InitialValue = mrkdwn.Clip(proposed, deployer.ClientWordsMax)
	if !s.ForClients() {
		return slack.NewInputBlock(id, mrkdwn.PlainText("What is told"), mrkdwn.PlainText("It is posted as it stands here, as plain text."), words)
	}
	hint := "How long, what it means for them, when they hear more. No service, version, ticket or id."
	return slack.NewInputBlock(id, mrkdwn.PlainText("What clients read"), mrkdwn.PlainText(hint), words)
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
		return v.r.Date(v.d.Site.Name, t), true
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
