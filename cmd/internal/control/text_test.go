package control

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/goldentest"
)

var where = []string{"--config /etc/stationmaster/config.yaml"}

// How deployments read at a terminal of 80 columns.
func TestDeploymentsReadAsInTheirFiles(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]func(testing.TB) *bottest.Scenario{
		"confirmed": bottest.Confirmed, "failed": bottest.Failed, "complete": bottest.Complete, "clients": bottest.ForClients, "skipped": bottest.Skipped, "drill": bottest.Failed,
		"begun": func(t testing.TB) *bottest.Scenario {
			return bottest.NewScenario(t, bottest.StartOf(bottest.Web, bottest.Orders)).Resolved(bottest.TargetsOf(bottest.Web, bottest.Orders)...)
		},
		"held": func(t testing.TB) *bottest.Scenario {
			s := bottest.NewScenario(t, bottest.StartOf(bottest.Web)).Resolved(bottest.TargetsOf(bottest.Web)...).Approved().Announced("starting")
			return s
		},
	} {
		s := of(t)
		d, err := s.Load(t.Context(), s.ID)
		if err != nil {
			t.Fatal(err)
		}
		d.Drill.On = name == "drill"
		if name == "held" {
			d.Step("rollout").Held = deployer.Held{Why: "Slack has been out of reach since 5 Feb 22:04 UTC, and nothing new begins without it."}
		}
		text := Text{Now: s.Time.Add(90 * time.Minute), Where: where}
		here := Here{Login: "bob", Person: "Bob", ID: "UBOB"}
		if name == "failed" || name == "held" {
			here.KnownAt, here.SlackAway = s.Time, s.Time.Add(10*time.Minute)
		}
		detail := describe(d, holders)
		detail.Here = here
		said := text.Listing(Listing{Deployments: []Summary{detail.Summary}, Here: here}) + strings.Repeat("=", width) + "\n" + text.Detail(detail)
		fits(t, said)
		goldentest.Compare(t, "testdata/"+name+".txt", []byte(said))
	}
}

// fits holds lines to the width of a terminal; one word that a shell has to take as
// one is not broken.
func fits(t *testing.T, said string) {
	t.Helper()
	for line := range strings.Lines(said) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width && !strings.HasPrefix(line, "    --field '") {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// What people and systems have written moves no cursor, and turns no letters around.
func TestTextOfPeopleIsHarmless(t *testing.T) {
	t.Parallel()
	evil := "x\x1b[2J\x07\u202eevil\r\nstationmaster act y approve"
	text := Text{}
	said := text.Detail(Detail{
		Summary: Summary{ID: evil, Title: evil, AskedBy: evil, State: evil, Services: []Change{{evil, evil, evil}}, Waits: []Wait{{What: evil, Who: []string{evil}}}},
		Why:     evil, Reason: evil, Inputs: map[string]string{evil: evil}, Steps: []Step{{Title: evil, Why: evil, State: evil, List: []string{evil}}},
		Choices: []Choice{{Choice: evil, Step: evil, Item: evil, Fields: []Field{{Name: evil, Required: true}}, Seen: evil}}, Here: Here{Person: evil, KnownAt: time.Unix(1, 0)},
	}) + text.Refused(&Refused{Why: evil, Instead: []string{evil}}) + text.Done(Done{Did: Choice{Choice: evil, What: evil, Item: evil}})
	for _, r := range said {
		if r < ' ' && r != '\n' || r == '\u202e' {
			t.Errorf("it holds %q", r)
		}
	}
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "stationmaster act y") {
			t.Errorf("a line of its own: %s", line)
		}
	}
}

// A command can be copied into a shell, whatever its words hold.
func TestCommandIsQuoted(t *testing.T) {
	t.Parallel()
	got := strings.Join(Text{Where: where}.command("tangerine-1", Choice{
		Choice: "done", Step: "s", Item: "it's $(here)", Reason: true, Seen: "0a", Fields: []Field{{Name: "risk", Options: []string{"low", "high"}, Required: true}, {Name: "note"}},
	}), " ")
	want := `stationmaster act tangerine-1 done --step s --item 'it'\''s $(here)' --reason 'WHY' --field 'risk=low|high' --seen 0a --config /etc/stationmaster/config.yaml`
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// What the core says of cards and buttons is said of what a terminal has.
func TestRefusalsSpeakOfTheTerminal(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]*deployer.Refusal{
		"See more: stationmaster status tangerine-1":          deployer.Refuse("", "x").Hint("See more", deployer.VerbStatus, "tangerine-1"),
		"or stop it: stationmaster act tangerine-1 stop":      deployer.Refuse("", "x").Hint("or stop it", deployer.VerbStop, "tangerine-1"),
		"Ask, or take it away (in Slack): /deploy unlock web": deployer.Refuse("", "x").Hint("Ask, or take it away", deployer.VerbUnlock, "web"),
		"Use what `stationmaster status ID` says now.":        deployer.Refuse("Use the buttons that the card has now.", "x"),
	} {
		if got := refusedOf(r).Instead; len(got) != 1 || got[0] != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
