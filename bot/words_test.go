package bot

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// clientsNight is one that waits for the words that clients read.
func clientsNight(t testing.TB) *night {
	start := startOf(web)
	start.Channels[deployer.ChannelClients] = "C3"
	start.Planned, start.Lead = tenPM.Add(2*time.Hour), 24*time.Hour
	start.Inputs = map[string]string{"risk": "high", "downtime": "yes"}
	start.Procedure.Messages["told"] = "We carry out maintenance on {start}, until {end}. {impact} We write again by {next-update}, after {duration}."
	start.Procedure.Steps = slices.Insert(start.Procedure.Steps, 2, deployer.Step{
		ID: "told", Title: "Tell clients beforehand", Uses: deployer.KindAnnounce, Message: "told", To: []string{"clients"}, Needs: []string{"approve"},
	})
	start.Procedure.Steps[3].Needs = []string{"told"}
	return newNight(t, start).resolved(targetsOf(web)...).approved()
}

// The card that asks somebody to read, and the form that it opens.
func TestClientsWordsAreShown(t *testing.T) {
	n := clientsNight(t)
	text, blocks := drawCard(n.d(), nil, handbook, n.time)
	golden(t, "words/card-clients", text, blocks)
	d := n.d()
	s := *d.Step("told")
	view := reviewView(d, s, proposal(d, s, newYork()), "memo")
	golden(t, "words/form-clients", view.Title.Text, view.Blocks.BlockSet)
}

// Every announcement that the words of a procedure make, with everything that
// could mislead in its values.
func TestAnnouncements(t *testing.T) {
	d := clientsNight(t).d()
	d.TAM = "tam <!here>"
	args := map[string]string{
		"what": "web v2", "why": "<!channel> *now* @everyone", "requester": "x", "approvers": "x", "tam": d.TAM, "start": "2026-11-22T03:00:00Z",
		"end": "no time", "notice": "",
	}
	for name, c := range map[string]struct {
		words, want string
	}{
		"names call nobody":      {"{requester}, {approvers}, {tam}", "Ana, Bob, tam &lt;!here&gt;"},
		"mentions call":          {"{@requester} {@approvers} {@role:tech-lead}", "<@UANA> <@UBOB> <!subteam^S1>"},
		"unknown to Slack":       {"{@tam} {@role:nobody}", "tam &lt;!here&gt; nobody"},
		"values are escaped":     {"{why}", "&lt;!channel&gt; *now* @\u2060everyone"},
		"the writer may call":    {"<!channel> <@UBOB> {what}", "<!channel> <@UBOB> web v2"},
		"a time":                 {"at {start}.", "at <!date^1795316400^{date_short_pretty} {time}|22 Nov 03:00 UTC> (22:00 EST)."},
		"no time":                {"{end}", "no time"},
		"unknown stays visible":  {"{nothing} {@nobody}", "{nothing} {@nobody}"},
		"nothing left":           {" {notice} ", "starting web v2"},
		"values are not read on": {"{what} {{what}}", "web v2 {web v2}"},
	} {
		text, blocks := announcement(deployer.Message{Kind: "starting", Words: c.words, Args: args}, d, handbook)
		if text != strings.TrimSpace(text) || strings.TrimSpace(text) != c.want {
			t.Errorf("%s: %q, want %q", name, text, c.want)
		}
		if len(blocks) != 1 || blocks[0].(*slack.SectionBlock).Text.Text != text {
			t.Errorf("%s: blocks %+v", name, blocks)
		}
	}
}

// A person's words are posted as they are, and are no markup.
func TestWrittenWords(t *testing.T) {
	text, _ := announcement(deployer.Message{Kind: "told", Plain: true, Words: " Ten minutes,\r\n<!channel> & {end}\n\n@here • 日本 "}, deployer.Deployment{}, guide{})
	if want := "Ten minutes,\n&lt;!channel&gt; &amp; {end}\n\n@\u2060here • 日本"; text != want {
		t.Error(cmp.Diff(want, text))
	}
	long, blocks := announcement(deployer.Message{Kind: "told", Plain: true, Words: strings.Repeat("&", deployer.ClientWordsMax)}, deployer.Deployment{}, guide{})
	if units(long) > messageMax || len(blocks) > partsMax {
		t.Errorf("%d units in %d blocks", units(long), len(blocks))
	}
}

// The config's words stand over the procedure's, the retailer's over both; what
// it has no message for stays away.
func TestReworded(t *testing.T) {
	b := &Bot{cfg: Config{
		Messages:  map[string]string{"starting": "all", "complete": "all", "other": "all"},
		Retailers: map[string]Retailer{"tangerine": {Messages: map[string]string{"complete": "tangerine's"}}},
	}}
	p := deployer.Procedure{Messages: map[string]string{"starting": "own", "complete": "own", "failed": "own"}}
	got := b.reworded(p, "tangerine").Messages
	if diff := cmp.Diff(map[string]string{"starting": "all", "complete": "tangerine's", "failed": "own"}, got); diff != "" {
		t.Error(diff)
	}
	if p.Messages["starting"] != "own" {
		t.Error("the procedure of the others has changed")
	}
}

// The form asks when it starts, where the procedure waits for that.
func TestFormAsksWhen(t *testing.T) {
	r := newRig(t, func(s *setup) {
		p := standard()
		p.Steps = append([]deployer.Step{{ID: "wait", Title: "Wait", Uses: deployer.KindWait, Until: deployer.UntilPlanned}}, p.Steps...)
		p.Steps[1].Needs = []string{"wait"}
		s.bot.Procedures["deployment"] = p
	})
	r.types("ana", "/deploy")
	fields := map[string]any{"service": chosen("web"), "tag": typed("v2"), "at": typed("banana")}
	contains(t, r.sends("ana", fields)["at"], `"banana" is not a time`, "tomorrow 22:00")
	if invalid := r.sends("ana", map[string]any{"at": typed("in 2h")}); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	contains(t, r.form("ana"), "1. Wait – until ")
	r.sends("ana", nil)
	if ahead := time.Until(r.only().Planned); ahead < 110*time.Minute || ahead > 2*time.Hour {
		t.Errorf("it begins in %s", ahead)
	}
}
