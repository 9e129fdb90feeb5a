package view

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// The card that asks somebody to read, and the form that it opens.
func TestClientsWordsAreShown(t *testing.T) {
	t.Parallel()
	n := bottest.ForClients(t)
	text, blocks := Card(n.Deployment(), nil, linkedRenderer, n.Time)
	bottest.Golden(t, "words/card-clients", text, blocks)
	d := n.Deployment()
	s := *d.Step("told")
	view := ReviewForm(d, s, Proposal(d, s, newYork()), "memo")
	bottest.Golden(t, "words/form-clients", view.Title.Text, view.Blocks.BlockSet)
}

// Every announcement that the words of a procedure make, with everything that
// could mislead in its values.
func TestAnnouncementsReadAsInTheirFiles(t *testing.T) {
	t.Parallel()
	d := bottest.ForClients(t).Deployment()
	d.Terms = map[string]string{"tam": "tam <!here>"}
	d.Place.Owners = map[string]string{bottest.Web: "team <web>"}
	args := map[string]string{
		"what": "web v2", "why": "<!channel> *now* @everyone", "requester": "x", "approvers": "x", "tam": d.Terms["tam"], "start": "2026-11-22T03:00:00Z",
		"end": "no time", "notice": "", "inputs.risk": "high", "steps.ticket-1.key": "CHG-1", "values.repair": "<!here>", "retailer.title": "Tangerine & Co",
		"inputs.due": "2026-11-22T03:00:00Z", "inputs.fixes": "one\n<two>\n",
	}
	for name, c := range map[string]struct {
		words, want string
	}{
		"names call nobody":      {"{requester}, {approvers}, {tam}", "Ana, Bob, tam &lt;!here&gt;"},
		"mentions call":          {"{@requester} {@approvers} {@role:tech-lead}", "<@UANA> <@UBOB> <!subteam^S1>"},
		"unknown to Slack":       {"{@tam} {@role:nobody}", "tam &lt;!here&gt; nobody"},
		"values are escaped":     {"{why}", "&lt;!channel&gt; ∗now∗ @\u2060everyone"},
		"the writer may call":    {"<!channel> <@UBOB> {what}", "<!channel> <@UBOB> web v2"},
		"a time":                 {"at {start}.", "at <!date^1795316400^{date_short_pretty} {time}|22 Nov 03:00 UTC> (22:00 EST)."},
		"no time":                {"{end}", "no time"},
		"unknown stays visible":  {"{nothing} {@nobody}", "{nothing} nobody"},
		"nothing left":           {" {notice} ", "starting web v2"},
		"values are not read on": {"{what} {what}", "web v2 web v2"},
		"braces":                 {"{{what}} {what {} {.x} { what } ${steps}", "{what} {what {} {.x} { what } ${steps}"},
		"paths":                  {"{inputs.risk}, {steps.ticket-1.key}: {values.repair} {retailer.title}", "high, CHG-1: &lt;!here&gt; Tangerine &amp; Co"},
		"any time":               {"{inputs.due}", "<!date^1795316400^{date_short_pretty} {time}|22 Nov 03:00 UTC> (22:00 EST)"},
		"lists":                  {"{inputs.fixes}\n{inputs.fixes}: x", "one\n&lt;two&gt;\none, &lt;two&gt;: x"},
		"roles":                  {"{@tech-lead} {@on-call} {@everyone} {@owner}", "<!subteam^S1> on-call <!channel> team &lt;web&gt;"},
	} {
		text, blocks := announcement(deployer.Message{Kind: "starting", Words: c.words, Args: args}, d, linkedRenderer)
		if text != strings.TrimSpace(text) || strings.TrimSpace(text) != c.want {
			t.Errorf("%s: %q, want %q", name, text, c.want)
		}
		if len(blocks) != 1 || blocks[0].(*slack.SectionBlock).Text.Text != text {
			t.Errorf("%s: blocks %+v", name, blocks)
		}
	}
}

// A person's words are posted as they are, and are no markup.
func TestWordsForClientsHoldNoMarkup(t *testing.T) {
	t.Parallel()
	text, _ := announcement(deployer.Message{Kind: "told", Plain: true, Words: " Ten minutes,\r\n<!channel> & {end}\n\n@here • 日本 "}, deployer.Deployment{}, Renderer{})
	if want := "Ten minutes,\n&lt;!channel&gt; &amp; {end}\n\n@\u2060here • 日本"; text != want {
		t.Error(cmp.Diff(want, text))
	}
	long, blocks := announcement(deployer.Message{Kind: "told", Plain: true, Words: strings.Repeat("&", deployer.ClientWordsMax)}, deployer.Deployment{}, Renderer{})
	if mrkdwn.Units(long) > mrkdwn.MessageMax || len(blocks) > announcementBlocksMax {
		t.Errorf("%d units in %d blocks", mrkdwn.Units(long), len(blocks))
	}
}

// A title stands above the words in bold, whatever is in its values.
func TestATitleStandsAboveItsWords(t *testing.T) {
	t.Parallel()
	d := bottest.ForClients(t).Deployment()
	d.Procedure.Titles = map[string]string{"starting": "Maintenance *soon* – {retailer.title}", "failed": "A problem at {step}", "told": "Maintenance on {start}"}
	d.Procedure.Failure.Message = "failed"
	args := map[string]string{"retailer.title": "*Tangerine*", "step": "Roll out", "why": "it crashes"}
	for key, c := range map[string]struct{ kind, words, want string }{
		deployer.AnnouncementKey("starting", "change"): {"starting", "Now.", "*Maintenance soon – ∗Tangerine∗*\nNow."},
		"failed/1": {deployer.MessageFailed, "{why}", "*A problem at Roll out*\nit crashes"},
		"other/1":  {deployer.MessageOver, "It is over.", "It is over."},
	} {
		if text, _ := announcement(deployer.Message{Kind: c.kind, DedupKey: key, Words: c.words, Args: args}, d, plainRenderer); text != c.want {
			t.Errorf("%s reads %q, want %q", key, text, c.want)
		}
	}
	if got := Proposal(d, *d.Step("told"), newYork()); !strings.HasPrefix(got, "Maintenance on Thursday 5 February, 19:00 EST\nWe carry out") {
		t.Errorf("clients would read %q", got)
	}
}

// The text of an announcement's link is escaped for where it stands; a link
// that lacks a value is its words alone.
func TestWordsPutValuesIntoAddresses(t *testing.T) {
	t.Parallel()
	m := deployer.Message{Kind: "complete", Args: map[string]string{"reason": "a/b|Approved> *x*", "empty": "", "why": "a&b"}}
	for words, want := range map[string]string{
		"<https://wiki.example/{reason}|see>":      "<https://wiki.example/a%2Fb%7CApproved%3E%20%2Ax%2A|see>",
		"<https://wiki.example/x?q={why}>":         "<https://wiki.example/x?q=a%26b>",
		"<https://wiki.example/{why}|see {why}>":   "<https://wiki.example/a&b|see a&amp;b>",
		"so <https://wiki.example/{empty}|see> it": "so see it",
		"<https://wiki.example/fixed|see>":         "<https://wiki.example/fixed|see>",
	} {
		m.Words = words
		if text, _ := Message(m, deployer.Deployment{}, plainRenderer); text != want {
			t.Errorf("%s reads %s, want %s", words, text, want)
		}
	}
}
