package bot

import (
	"fmt"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/form"
	"github.com/stationmaster/stationmaster/deployer"
)

// The forms as they read.
func TestFormsReadAsTheirGoldenFiles(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		p := bottest.Procedure()
		p.Inputs = []deployer.Input{
			{ID: "risk", Label: "Risk", Options: []string{"low", "high"}, Default: "low"},
			{ID: "team", Label: "Team", Options: []string{"a", "b", "c", "d", "e"}, Required: true}, {ID: "ticket"},
		}
		s.bot.Procedures["deployment"] = p
		s.systems.tags = []string{"v2", "v1"}
	})
	r.eventually("the tags are known", func() bool { return len(r.bot.tags.LastRead("web")) > 0 })
	at := form.Target{Channel: r.ChannelID(deploys), Retailer: "tangerine"}
	f := forms{r.bot.resolver}
	modal, err := f.empty(view.Scope{Channel: at.Channel, Retailer: at.Retailer})
	bottest.GoldenView(t, "empty", modal, err)

	s := form.State{Target: at, Service: "web", Tag: "v3", Env: "prod", Reason: "orders <!here> & more", Inputs: map[string]string{"team": "a"}}
	notes, _ := f.fieldNotes(r.ctx(), s, "UANA")
	modal, err = form.Draw(r.bot.renderer, s, true, notes, time.Now())
	bottest.GoldenView(t, "unknown-tag", modal, err)

	s.Taken = true
	modal, err = form.Draw(r.bot.renderer, s, true, nil, time.Now())
	bottest.GoldenView(t, "taken", modal, err)

	s.Tag, s.Taken = "v2", false
	sent := &request{form: s, channel: s.Channel}
	r.must(f.resolve(r.ctx(), sent, needForm|needEnv|needReleases))
	start, err := f.startOf(r.ctx(), sent)
	r.must(err)
	modal, err = form.Confirm(r.bot.renderer, form.Confirmation{State: s, Form: "V1"}, f.preview(start, sent.by), bottest.Ana, f.askRuns(r.ctx(), s, start), "")
	bottest.GoldenView(t, "confirm", modal, err)
}

// Whatever people and procedures say, Slack takes the forms: one that it
// refuses leaves somebody without an answer.
func TestSlackTakesAFormWhateverItsWords(t *testing.T) {
	t.Parallel()
	for i, words := range bottest.NastyTexts {
		t.Run(fmt.Sprint(i), func(t *testing.T) { fitsIntoAForm(t, words) })
	}
}

func fitsIntoAForm(t *testing.T, words string) {
	r := newFixture(t, func(s *setup) {
		p := standard()
		p.Title = words
		for n := range 40 {
			p.Steps = append(p.Steps, deployer.Step{ID: fmt.Sprint("x", n), Title: words, Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: words}, "count": {Number: 3}}})
		}
		p.Inputs = append(p.Inputs, deployer.Input{ID: "odd", Label: words, Options: []string{words, "b"}}, deployer.Input{ID: "text", Label: words})
		s.bot.Procedures["deployment"] = p
	})
	r.fills("ana", "web", "v2")
	bottest.Contains(t, r.form("ana"), "Start this?")
	if invalid := r.sends("ana", nil); len(invalid) > 0 {
		t.Errorf("it says %v", invalid)
	}
	r.only()
}
