package bot

import (
	"slices"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// tellsClients is a setup in which clients are told first of all.
func tellsClients(s *setup) {
	s.slack.Channels = append(s.slack.Channels, emulator.Channel{Name: "clients"})
	p := standard()
	p.Steps = append([]deployer.Step{{
		ID: "told", Title: "Tell clients", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "told"}, "to": {List: []string{"clients"}}},
	}}, p.Steps...)
	p.Steps[1].Needs = []string{"told"}
	p.Messages["told"] = "It takes {duration}."
	s.bot.Procedures["deployment"] = p
	tangerine := s.bot.Retailers["tangerine"]
	tangerine.Channels = map[string]string{"change": "announcements-change-control", "clients": "clients"}
	s.bot.Retailers["tangerine"] = tangerine
}

// writes sends the form for clients' words, and returns what it says against
// them.
func (r *fixture) writes(user, words string) string {
	r.t.Helper()
	for _, v := range r.Views(user) {
		if v["callback_id"] == view.FormReview {
			invalid, err := r.Submit(r.ctx(), user, v["id"].(string), map[string]any{view.BlockReview: typed(words)})
			r.must(err)
			return invalid[view.BlockReview]
		}
	}
	r.t.Fatalf("%s has no such form open", user)
	return ""
}

// The words are read by whoever may, in the form, from the card or from the
// home tab; what is sent goes out once.
func TestReviewedWordsGoOutOnce(t *testing.T) {
	t.Parallel()
	r := newFixture(t, subscribed, withShortcuts, tellsClients)
	r.OpenHome("ana")
	r.types("ana", "/deploy web v2")
	id := r.home("ana", "Clients would read")
	bottest.Contains(t, r.types("eve", "/deploy web v3"), "waiting for Ana to read what clients are told")

	// For whoever may not, no form opens.
	card := r.card("Done")
	r.must(r.Act(r.ctx(), emulator.Action{User: "eve", Channel: deploys, MessageTS: card.TS, ActionID: view.ActionReview}))
	r.hears("eve", "can say what clients read")
	r.must(r.Act(r.ctx(), emulator.Action{User: "bob", Channel: deploys, MessageTS: card.TS, ActionID: view.ActionReview}))
	bottest.Contains(t, r.form("bob"), "It takes 5 minutes.")

	r.must(r.Act(r.ctx(), emulator.Action{User: "ana", ViewID: id, Button: "Done"}))
	bottest.Contains(t, r.writes("ana", "See OPS-7."), "“OPS-7” looks like a ticket.")
	if invalid := r.writes("ana", "Soon <over> & out."); invalid != "" {
		t.Fatalf("it was refused: %v", invalid)
	}
	r.eventually("the words are posted", func() bool { return len(r.Messages("clients")) > 0 })
	bottest.Contains(t, r.writes("bob", "Later."), "already")
	r.home("ana", "Change control is followed")
	var texts []string
	for _, m := range r.Messages("clients") {
		texts = append(texts, m.Text)
	}
	if !slices.Equal(texts, []string{"Soon &lt;over&gt; &amp; out."}) {
		t.Errorf("clients read %q", texts)
	}
	d := r.only()
	if s := d.Step("told"); s.Status != deployer.Done || s.By.Name != "Ana" {
		t.Errorf("%s by %s", s.Status, s.By.Name)
	}
	// A button of the state before opens nothing.
	forms := len(r.Views("bob"))
	if err := r.Act(r.ctx(), emulator.Action{User: "bob", Channel: deploys, MessageTS: card.TS, ActionID: view.ActionReview, Stale: true}); err == nil && len(r.Views("bob")) != forms {
		t.Error("an old button opens the form")
	}
}

// A bot that is not in the channel for clients says so at the start; a retailer
// without one deploys as ever.
func TestTheClientsChannelIsOptional(t *testing.T) {
	t.Parallel()
	r := newFixture(t, tellsClients, func(s *setup) {
		tangerine := s.bot.Retailers["tangerine"]
		delete(tangerine.Channels, "clients")
	})
	r.types("ana", "/deploy web v2")
	r.eventually("the first question is the next step's", func() bool {
		if len(r.engine.all()) != 1 {
			return false
		}
		d := r.only()
		return d.Step("ready").Status == deployer.Active
	})
	d := r.only()
	if s := d.Step("told"); s.Status != deployer.StepNotNeeded || s.Why != "tangerine has no channel for clients, so nobody was told." {
		t.Errorf("%s: %s", s.Status, s.Why)
	}
	r = newFixture(t, tellsClients, func(s *setup) { s.slack.Channels[len(s.slack.Channels)-1].WithoutBot = true })
	bottest.Contains(t, r.types("ana", "/deploy web v2"), "stationmaster is not in #clients, where this procedure posts")
}

// Words for people inside are read, changed and sent like those for clients; they may
// name what clients don't know.
func TestWordsForPeopleInsideAreReadBeforeTheyGoOut(t *testing.T) {
	t.Parallel()
	r := newFixture(t, tellsClients, func(s *setup) {
		p := s.bot.Procedures["deployment"]
		p.Steps[0] = deployer.Step{
			ID: "told", Title: "Tell change control", Uses: deployer.KindAnnounce,
			With: deployer.Values{"message": {Text: "told"}, "to": {List: []string{"change"}}, "review": {Text: "tech-lead"}},
		}
		p.Messages["told"] = "*{what}* takes {duration}, <https://wiki.example/{service}|as ever>. {@tech-lead}"
	})
	r.types("ana", "/deploy web v2")
	card := r.card("Done")
	bottest.Contains(t, string(card.Blocks), "It would be posted in", "web v2 takes 5 minutes, as ever (https://wiki.example/web). tech-lead")
	bottest.Contains(t, r.types("eve", "/deploy web v3"), "to read “Tell change control”")
	r.must(r.Act(r.ctx(), emulator.Action{User: "ana", Channel: deploys, MessageTS: card.TS, ActionID: view.ActionReview}))
	r.hears("ana", "can say what is told")
	r.must(r.Act(r.ctx(), emulator.Action{User: "bob", Channel: deploys, MessageTS: card.TS, ActionID: view.ActionReview}))
	bottest.Contains(t, r.form("bob"), "Words to send", "web v2 takes 5 minutes")
	if invalid := r.writes("bob", "web v2 goes out, for OPS-7."); invalid != "" {
		t.Fatalf("it was refused: %v", invalid)
	}
	said := func() bool {
		return slices.ContainsFunc(r.Messages("announcements-change-control"), func(m emulator.Message) bool { return m.Text == "web v2 goes out, for OPS-7." })
	}
	r.eventually("the words are posted", said)
	d := r.only()
	if s := d.Step("told"); s.Words() != "web v2 goes out, for OPS-7." {
		t.Errorf("the record says %q", s.Words())
	}
}
