package app_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

var (
	aDate  = regexp.MustCompile(`<!date\^\d+\^\{date_short_pretty\} \{time\}\|[^>]*> \(\d\d:\d\d E[SD]T\)`)
	aDay   = regexp.MustCompile(`[A-Z][a-z]+day \d{1,2} [A-Z][a-z]+, \d\d:\d\d E[SD]T`)
	anHour = regexp.MustCompile(`\d\d:\d\d E[SD]T`)
	aSpan  = regexp.MustCompile(`It took \d+ minutes?\.`) // one, on a machine that has nothing else to do
)

// told are the announcements in a channel, in the words that were posted; times
// are replaced by what kind they are of.
func (tw *appFixture) told(channel string) []string {
	var out []string
	for _, m := range tw.slack.Messages(channel) {
		if kind := m.Metadata.EventPayload["message"]; kind != "card" && m.ThreadTS == "" {
			text := aDay.ReplaceAllString(aDate.ReplaceAllString(m.Text, "DATE"), "DAY")
			out = append(out, anHour.ReplaceAllString(text, "HOUR"))
		}
	}
	return out
}

// stands waits until the channels hold as many announcements as they should and
// nothing waits to be sent, and then wants them to be these, in this order.
// Channels are told independently: what one has says nothing about another.
func (tw *appFixture) stands(want map[string][]string) {
	tw.t.Helper()
	tw.eventually("every channel was told what it should be", func() bool {
		for channel, all := range want {
			if len(tw.told(channel)) < len(all) {
				return false
			}
		}
		return true
	})
	tw.quiet()
	for channel, all := range want {
		if got := tw.told(channel); !slices.Equal(got, all) {
			tw.t.Errorf("#%s has\n%q, want\n%q", channel, got, all)
		}
	}
}

// reads opens the form with the words for clients and returns them.
func (tw *appFixture) reads(user string) (words string) {
	tw.t.Helper()
	tw.presses(user, "Done")
	views := tw.slack.Views(user)
	if len(views) == 0 {
		tw.t.Fatalf("no form is open\n%s", tw.scene())
	}
	text, _ := views[len(views)-1]["blocks"].([]any)[1].(map[string]any)["element"].(map[string]any)["initial_value"].(string)
	return aSpan.ReplaceAllString(anHour.ReplaceAllString(aDay.ReplaceAllString(text, "DAY"), "HOUR"), "It took SPAN.")
}

// sends submits the form, and returns what it says under the field.
func (tw *appFixture) sends(user, words string) string {
	tw.t.Helper()
	views := tw.slack.Views(user)
	id, _ := views[len(views)-1]["id"].(string)
	invalid, err := tw.slack.Submit(tw.t.Context(), user, id, map[string]any{"words": map[string]any{"text": map[string]any{"value": words}}})
	if err != nil {
		tw.t.Fatal(err)
	}
	return invalid["words"]
}

// wordy is a config with words of its own, a zone, clients and lead times.
func wordy(config string) string {
	return strings.NewReplacer(
		"    tam: tam\n", "    tam: tam\n    zone: America/New_York\n    messages: {complete: \"*{what} is there,* {@requester} {@tam}. {@role:tech-lead} <!here>\"}\n",
		"support: support}", "support: support, clients: clients}",
		"roles: {", "messages: {starting: \"{what} starts ({reason})\", complete: \"not this one\"}\nlead_times: {low: 0s, high: 24h}\nroles: {",
	).Replace(config)
}

// Every announcement of the built-in procedure and of the config's words, as it
// stands in its channel, once.
func TestEveryWordStandsOnce(t *testing.T) {
	slowtest.Only(t, "a whole deployment with all its words")
	t.Parallel()
	tw := newAppFixture(t, plan{config: wordy})
	tw.starts("ana", `/deploy web v2 --input downtime=yes --input impact="The service is not available during this time." --reason "<!channel> *now* {tam}"`)
	tw.presses("ana", "Done")
	tw.presses("bob", "Approve")
	tw.shows("Clients would read, in")
	words := tw.reads("ana")
	words = strings.Replace(words, "again by DAY", "again by HOUR", 1) // around midnight it is another day's
	if words != "We will carry out maintenance on DAY. It takes about 5 minutes. The service is not available during this time. We will write again by HOUR." {
		t.Errorf("proposed: %q", words)
	}
	if said := tw.sends("ana", "We bring web v2."); said != "“web” is the name of a service.\nSay it in the clients' words." {
		t.Errorf("with a service's name: %q", said)
	}
	if said := tw.sends("ana", "Ten minutes,\n<!channel> & thanks."); said != "" {
		t.Errorf("refused: %q", said)
	}
	tw.shows("It is healthy")
	tw.presses("ana", "Done")
	tw.shows("Tell clients that it is over")
	if words := tw.reads("ana"); words != "The maintenance of DAY is finished. It took SPAN. Thank you for your patience." {
		t.Errorf("proposed: %q", words)
	}
	tw.sends("ana", "It is over.")
	tw.presses("ana", "Done")
	tw.shows("Complete. Took")
	starts := "web v2 starts (&lt;!channel&gt; ∗now∗ {tam})"
	there := "*web v2 is there,* <@UANA> <@UTAM>. <!subteam^STECHLEADS> <!here>"
	tw.stands(map[string][]string{
		deploys: {starts, there}, "change": {starts, there}, "support": nil,
		"clients": {"Ten minutes,\n&lt;!channel&gt; &amp; thanks.", "It is over."},
	})
	d := tw.deployments()["tangerine-1"]
	if s := d.Step("clients-before"); s.By.Name != "ana" || s.Words() != "Ten minutes,\n<!channel> & thanks." {
		t.Errorf("the record has %q by %s", s.Words(), s.By.Name)
	}
}

// A start that is planned is announced at once, late or not, survives a restart
// and can be stopped before its time.
func TestPlannedStartIsAnnouncedAtOnceAndSurvivesARestart(t *testing.T) {
	slowtest.Only(t, "a deployment over a restart")
	t.Parallel()
	tw := newAppFixture(t, plan{config: wordy})
	tw.starts("ana", "/deploy web v2 --at in 2h --input risk=high --input downtime=yes")
	plan := "*A deploy is planned for DATE:* web v2 in tangerine prod. Risk high, downtime yes. Requested by ana. This was announced 2 hours ahead; for high risk it should be 24 hours."
	tw.presses("ana", "Done")
	tw.presses("bob", "Approve")
	words := strings.Replace(tw.reads("ana"), "again by DAY", "again by HOUR", 1) // around midnight it is another day's
	if words != "We will carry out maintenance on DAY. It takes about 5 minutes. We will write again by HOUR." {
		t.Errorf("of an impact that nobody has written, clients would read %q", words)
	}
	tw.sends("ana", "Tonight.")
	tw.shows("Starts by itself")
	tw.shows("⚠ This was announced 2 hours ahead")
	tw.stop()
	cfg, err := app.Parse("fixture.yaml", []byte(wordy(tw.config())))
	if err != nil {
		t.Fatal(err)
	}
	tw.start(cfg)
	tw.eventually("it is ready again", func() bool { code, _ := tw.get("/readyz"); return code == http.StatusOK })
	tw.starts("ana", "/deploy stop tangerine-1")
	tw.shows("Stopped by ana.")
	stopped := "*A deploy was stopped:* web v2 in tangerine prod. Stopped by ana. Nothing was rolled out."
	tw.stands(map[string][]string{deploys: {plan, stopped}, "change": {plan, stopped}, "support": {stopped}, "clients": {"Tonight."}})
	if !slices.ContainsFunc(tw.slack.Thread(deploys, tw.card().TS), func(m emulator.Message) bool {
		return !strings.Contains(m.Text, "A deploy is planned") && strings.Contains(m.Text, "This was announced 2 hours ahead; for high risk it should be 24 hours.")
	}) {
		t.Errorf("the requester is not warned\n%s", tw.scene())
	}
	if d := tw.deployments()["tangerine-1"]; d.Status != deployer.Stopped || len(d.Touched()) > 0 || d.Planned.Sub(d.Created).Round(60e9).Hours() != 2 {
		t.Errorf("%s, touched %q, planned for %s", d.Status, d.Touched(), d.Planned)
	}
}
