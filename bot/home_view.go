package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// The buttons of a home tab that no card has.
const (
	homeDeploy = "home/deploy"
	homeOpen   = "home/open" // a link
)

// How much stands on a home tab, which takes a hundred blocks. What does not
// fit is counted.
const (
	homeWaiting = 11 // of three blocks each
	homeLines   = 12 // of what else is under way, in each of two parts
	homeEnded   = 8
)

// A homeView is what one person's home tab shows. It is drawn from what is known,
// and asks nobody.
type homeView struct {
	guide
	me    deployer.Person
	roles []string              // as far as is known; each click is checked anew
	live  []deployer.Deployment // that this person may see, the newest first
	ended []deployer.Deployment // likewise
	locks []string              // a line for each in force
	link  func(deployer.Deployment) string
	where []string // the channels where deployments are started
	now   time.Time
}

// view draws the tab. A new part is a new line here.
func (t homeView) view() slack.HomeTabViewRequest {
	deploy := slack.NewButtonBlockElement(homeDeploy, "deploy", plainText("Deploy a service"))
	blocks := []slack.Block{slack.NewActionBlock("home", deploy)}
	for _, part := range []func() []slack.Block{t.waiting, t.mine, t.others, t.locked, t.recent} {
		blocks = append(blocks, part()...)
	}
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}
}

// A pendingItem is something that waits for this person.
type pendingItem struct {
	d     deployer.Deployment
	step  *deployer.StepState // a question; nil: a decision
	since time.Time
}

// pendingItems are what waits for this person, the longest first.
func (t homeView) pendingItems() []pendingItem {
	var out []pendingItem
	for _, d := range t.live {
		for _, s := range d.Current() {
			if t.awaited(d, s) {
				out = append(out, pendingItem{d, &s, s.Began})
			}
		}
		if s := d.Broken(); d.Status == deployer.Deciding && s != nil && len(d.Open()) == 0 && d.MayDecide(t.me, t.roles) {
			out = append(out, pendingItem{d, nil, s.Finished})
		}
	}
	slices.SortStableFunc(out, func(a, b pendingItem) int { return a.since.Compare(b.since) })
	return out
}

// awaited reports whether a step waits for this person. The requester confirms
// what names no role; whoever decides could, and is not waited for.
func (t homeView) awaited(d deployer.Deployment, s deployer.StepState) bool {
	if s.Status != deployer.Active || d.Status == deployer.Halting {
		return false
	}
	holds := slices.Contains(t.roles, s.Role)
	switch {
	case s.Uses == deployer.KindConfirm, s.ForClients() && d.AwaitsPerson(s):
		return holds || s.Role == "" && d.Requester.ID == t.me.ID
	case s.Uses == deployer.KindApprove:
		given := slices.ContainsFunc(s.Approvals, func(a deployer.Approval) bool { return a.By.ID == t.me.ID })
		return holds && d.Requester.ID != t.me.ID && !given
	}
	return false
}

// waiting is what this person can answer, with the buttons of the card.
func (t homeView) waiting() []slack.Block {
	all := t.pendingItems()
	if len(all) == 0 {
		return part("Waiting for you", t.said(signalGood+"Nothing waits for you."))
	}
	var out []slack.Block
	for _, m := range all[:min(len(all), homeWaiting)] {
		out = append(out, t.pendingBlocks(m)...)
	}
	return part(fmt.Sprintf("Waiting for you · %d", len(all)), append(out, t.more(len(all)-homeWaiting)...)...)
}

func (t homeView) pendingBlocks(m pendingItem) []slack.Block {
	c := card{guide: t.guide, d: m.d, now: t.now, cardBudget: cardBudgets[1]}
	lines := []string{c.title(), c.change(), c.unproved()}
	if len(m.d.Targets) > 1 {
		lines = append(lines, c.services()...)
	}
	buttons := c.options()
	if m.step != nil {
		lines, buttons = append(lines, signalWait+c.question(*m.step)), c.answers(*m.step)
		if m.step.Uses == deployer.KindApprove && len(m.d.Targets) > c.cardBudget.services { // nobody approves what they can't see
			lines, buttons = append(lines, "Not all of it fits here: approve it on the card."), nil
		}
	} else {
		lines = append(lines, signalWrong+c.state())
	}
	if link := t.link(m.d); link != "" {
		open := slack.NewButtonBlockElement(homeOpen, "open", plainText("Open the card"))
		open.URL = link
		buttons = append(buttons, open)
	}
	text := strings.Join(slices.DeleteFunc(lines, func(l string) bool { return l == "" }), "\n")
	out := []slack.Block{
		slack.NewSectionBlock(markdownText(cut(text, sectionMax)), nil, nil),
		slack.NewContextBlock("", markdownText(c.who()+" · "+escape(m.d.ID, nameMax))),
	}
	if len(buttons) > 0 {
		out = append(out, slack.NewActionBlock(plain(fmt.Sprintf("%s/%d/%s", m.d.ID, m.d.Seq, stepID(m.step)), 255), buttons...))
	}
	return out
}

func stepID(s *deployer.StepState) string {
	if s == nil {
		return "decide"
	}
	return s.ID
}

// mine is what this person started and does not have to answer now.
func (t homeView) mine() []slack.Block {
	list := t.running(func(d deployer.Deployment) bool { return d.Requester.ID == t.me.ID })
	if len(list) == 0 {
		return nil
	}
	return part("You started", t.lines(list)...)
}

// others are what else is under way.
func (t homeView) others() []slack.Block {
	list := t.running(func(d deployer.Deployment) bool { return d.Requester.ID != t.me.ID })
	switch {
	case len(list) > 0:
		return part("Under way", t.lines(list)...)
	case len(t.live) > 0:
		return nil
	}
	return part("Under way", t.said("Nothing is under way. "+t.howTo()))
}

// running are those live ones that stand in no other part.
func (t homeView) running(which func(deployer.Deployment) bool) []deployer.Deployment {
	waits := map[string]bool{}
	for _, m := range t.pendingItems() {
		waits[m.d.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(t.live), func(d deployer.Deployment) bool { return waits[d.ID] || !which(d) })
}

func (t homeView) howTo() string {
	if len(t.where) == 0 {
		return "Invite stationmaster to a channel where deployments are started."
	}
	return "Start one: type " + code(t.command, nameMax) + " in " + escape(join(slices.Clone(t.where), "or", 3), 300) + ", or press *Deploy a service*."
}

func (t homeView) lines(list []deployer.Deployment) []slack.Block {
	var out []slack.Block
	for _, d := range list[:min(len(list), homeLines)] {
		out = append(out, slack.NewSectionBlock(markdownText(cut(t.underWay(d), sectionMax)), nil, nil))
	}
	return append(out, t.more(len(list)-homeLines)...)
}

// underWay is a live deployment in three short lines.
func (t homeView) underWay(d deployer.Deployment) string {
	c := card{guide: t.guide, d: d, now: t.now, cardBudget: cardBudgets[2]}
	head, _, _ := strings.Cut(c.headline(), "\n")
	signal := c.signal(head)
	if d.Status == deployer.Running && len(c.active(true)) > 0 {
		signal = signalWait + head
	}
	who := "you"
	if d.Requester.ID != t.me.ID {
		who = name(t.names, d.Requester)
	}
	return t.named(c) + "\n" + signal + "\nAsked by " + who + " · " + date(d.Created)
}

// named is which deployment it is, and leads to its card.
func (t homeView) named(c card) string {
	id := escape(c.d.ID, nameMax)
	if link := t.link(c.d); link != "" {
		id = linkTo(link, id)
	}
	what := c.change()
	if what == "" {
		what = wanted(c.d.Releases)
	}
	return c.title() + " · " + id + "\n" + what
}

// locked is what nobody can deploy now.
func (t homeView) locked() []slack.Block {
	if len(t.locks) == 0 {
		return nil
	}
	out := sections(t.locks[:min(len(t.locks), homeLines)])
	return part("Locked", append(out, t.more(len(t.locks)-homeLines)...)...)
}

// recent are those that have ended last.
func (t homeView) recent() []slack.Block {
	if len(t.ended) == 0 {
		return nil
	}
	var lines []string
	for _, d := range t.ended[:min(len(t.ended), homeEnded)] {
		lines = append(lines, past(t.guide, d.Summarize(), t.link(d), d.Retailer+" "+d.Environment))
	}
	return part("Recent", sections(lines)...)
}

// ending is how a deployment ended, and after how long.
func ending(s deployer.Summary) string {
	words := strings.ReplaceAll(string(s.Status), "-", " ")
	if s.Ended.IsZero() || s.Status == deployer.Refused {
		return words
	}
	return words + " after " + span(s.Ended.Sub(s.Created))
}

// part is a part of the tab under its title.
func part(title string, blocks ...slack.Block) []slack.Block {
	return append([]slack.Block{slack.NewDividerBlock(), slack.NewHeaderBlock(plainText(plain(title, 150)))}, blocks...)
}

func (t homeView) said(text string) slack.Block {
	return slack.NewSectionBlock(markdownText(text), nil, nil)
}

// more counts what is not shown.
func (t homeView) more(n int) []slack.Block {
	if n <= 0 {
		return nil
	}
	return []slack.Block{slack.NewContextBlock("", markdownText(fmt.Sprintf("and %d more · all of a retailer’s: %s in its channel", n, code(t.command+" status", nameMax))))}
}
