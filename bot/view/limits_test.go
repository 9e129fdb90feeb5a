package view

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/deployer/urltemplate"
)

// crowdedRenderer is a renderer that has more, and longer, of everything than fits.
func crowdedRenderer(rng *rand.Rand, d deployer.Deployment) Renderer {
	long := func() map[string]urltemplate.Link {
		out := map[string]urltemplate.Link{}
		for i := range rng.IntN(9) {
			out[fmt.Sprint(i, bottest.NastyTexts[rng.IntN(len(bottest.NastyTexts))])] = urltemplate.Link("https://git.example/" + strings.Repeat("x", rng.IntN(480)) + "?by={requester}&v={to}#{input1}")
		}
		return out
	}
	r := Renderer{Names: bottest.LoudNames{Rng: rng}, Command: "/deploy", Services: map[string]Service{}, Retailers: map[string]Retailer{
		d.Site.Name: {Zone: newYork(), Links: long()},
	}}
	r.Retailers[d.Site.Name].Links["input1"] = "https://jira.example/browse/{input1}"
	for _, t := range d.Targets {
		r.Services[t.Service] = Service{Links: long()}
	}
	return r
}

// Whatever it is about, Slack takes the card: one that it refuses leaves
// people without buttons. The emulator is the judge besides our own reading of
// the limits.
func TestSlackTakesAnOversizedCard(t *testing.T) {
	t.Parallel()
	_, w := bottest.SlackOnWire(t, bottest.SmallWorkspace())
	api := bottest.ClientOfWire(t, w)
	for seed := range slowtest.Runs(4, 16) {
		rng := rand.New(rand.NewPCG(uint64(seed), 2))
		d := bottest.Oversized(rng)
		progress := map[string]deployer.Progress{}
		for _, s := range d.Steps {
			for _, e := range s.Effects { // of those that went well, what has come of it since
				progress[e.Key] = deployer.Progress{Total: 6, Updated: rng.IntN(7), Note: bottest.NastyTexts[rng.IntN(len(bottest.NastyTexts))]}
			}
		}
		text, blocks := Card(d, progress, crowdedRenderer(rng, d), bottest.TenPM)
		if e := bottest.BlockFaults(blocks); e != "" {
			t.Fatalf("seed %d: %s", seed, e)
		}
		if mrkdwn.Units(text) > mrkdwn.MessageMax {
			t.Fatalf("seed %d: the text has %d units", seed, mrkdwn.Units(text))
		}
		if strings.Contains(text, "<!c") || strings.Contains(text, "<@") {
			t.Fatalf("seed %d: the text mentions: %s", seed, text)
		}
		accepted(t, api, text, blocks)
	}
}

// accepted has Slack take a message as a post and as an edit.
func accepted(t *testing.T, api *slack.Client, text string, blocks []slack.Block) {
	t.Helper()
	said := slack.MsgOptionCompose(slack.MsgOptionText(text, false), slack.MsgOptionBlocks(blocks...), slack.MsgOptionParse(false))
	channel, ts, err := api.PostMessageContext(context.Background(), bottest.DeploysID, said)
	if err == nil {
		_, _, _, err = api.UpdateMessageContext(context.Background(), channel, ts, said)
	}
	if err != nil {
		b, _ := json.MarshalIndent(blocks, "", " ")
		t.Fatalf("Slack refuses it: %v\n%+v\n%s", err, err, b)
	}
}

func TestSlackTakesEveryScene(t *testing.T) {
	t.Parallel()
	_, w := bottest.SlackOnWire(t, bottest.SmallWorkspace())
	api := bottest.ClientOfWire(t, w)
	for _, s := range scenes(t) {
		text, blocks := Card(s.d, s.progress, s.renderer, s.now)
		if e := bottest.BlockFaults(blocks); e != "" {
			t.Errorf("%s: %s", s.name, e)
		}
		accepted(t, api, text, blocks)
	}
}
