package bot

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/goldentest"
)

var slackDates = regexp.MustCompile(`<!date\^\d+\^([^|]*)\|[^>]*>`)

// A transcript is what people were told, to be read as a whole.
type transcript struct {
	*fixture
	b strings.Builder
}

// writes writes down what somebody is told about what they do.
func (m *transcript) writes(who, what, told string) {
	m.t.Helper()
	told = strings.TrimSpace(slackDates.ReplaceAllString(told, "<$1>"))
	if told == "" {
		m.t.Errorf("%s, %s: nothing was said", who, what)
	}
	fmt.Fprintf(&m.b, "%s: %s\n    %s\n\n", who, what, strings.ReplaceAll(told, "\n", "\n    "))
}

func (m *transcript) typesAll(who string, texts ...string) {
	m.t.Helper()
	for _, text := range texts {
		m.writes(who, text, m.types(who, text))
	}
}

// presses presses a button that a message has, or once had.
func (m *transcript) presses(who, button, ts string) {
	m.t.Helper()
	before := len(m.Ephemerals(who))
	m.must(m.Act(m.ctx(), emulator.Action{User: who, Channel: deploys, MessageTS: ts, Button: button, Stale: true}))
	m.eventually("somebody is told", func() bool { return len(m.Ephemerals(who)) > before })
	m.writes(who, "["+button+"]", m.Ephemerals(who)[before].Text)
}

// Everything that is refused, as people read it: why, and what now. Read the
// file when it changes: short, no blame, and the next step can be done.
func TestRefusalsReadAsTheirGoldenFile(t *testing.T) {
	t.Parallel()
	m := &transcript{fixture: newFixture(t, func(s *setup) {
		p := standard()
		p.Inputs = append(p.Inputs, deployer.Input{ID: "ticket", Label: "Ticket"})
		p.Failure.Decide = "tech-lead"
		s.bot.Procedures["deployment"] = p
		s.bot.Procedures["hotfix"] = deployer.Procedure{ID: "hotfix", Title: "Hotfix", Steps: standard().Steps[:1],
			Inputs: []deployer.Input{{ID: "incident", Label: "Incident", Required: true}, {ID: "size", Required: true, Options: []string{"s", "l"}}}}
		s.bot.Services["cron"] = view.Service{Procedure: "hotfix"}
		s.systems.tags = []string{"v2.0.1", "v2.0.0", "v1.9.9"}
		role := s.bot.Roles["tech-lead"]
		role.Users = append(role.Users, "ana")
		s.bot.Roles["tech-lead"] = role
	})}
	m.commands()
	m.late()
	m.ended()
	goldentest.Compare(t, filepath.Join("testdata", "refusals.txt"), []byte(m.b.String()))
}

func (m *transcript) commands() {
	m.writes("ana in #random", "/deploy web v2.0.1", m.typesIn("ana", "random", "/deploy web v2.0.1"))
	m.writes("ana in #plum-deploys", "/deploy web v2.0.1", m.typesIn("ana", "plum-deploys", "/deploy web v2.0.1"))
	m.writes("ana in #lemon-deploys", "/deploy web v2.0.1", m.typesIn("ana", "lemon-deploys", "/deploy web v2.0.1"))
	m.writes("ana in a private channel", "/deploy web v2.0.1", m.typesIn("ana", "secret", "/deploy web v2.0.1"))
	m.typesAll("ana",
		"/deploy wbe v2.0.1", "/deploy zzz v2.0.1", "/deploy web", "/deploy zzz", "/deploy statsu", "/deploy wbe",
		"/deploy web v2.0.0 v2.0.1", "/deploy web v2.0.1 api", "/deploy web:", "/deploy web:v2:v3", "/deploy web v2/x", "/deploy web api:v2.0.1",
		"/deploy web v2.0.2", "/deploy web v7", "/deploy web v2.0.1 web v2.0.1", "/deploy web v2.0.1 web v2.0.0", "/deploy web v2.0.1 cron v2.0.1",
		"/deploy web v2.0.1 --env prdo", "/deploy web v2.0.1 --env qa", "/deploy web v2.0.1 --evn prod", "/deploy web v2.0.1 --zzz",
		"/deploy web v2.0.1 --env", "/deploy web v2.0.1 --env=", "/deploy web v2.0.1 --env prod --env staging", "/deploy web v2.0.1 --dry-run=yes",
		"/deploy web v2.0.1 --procedure hotfxi", "/deploy web v2.0.1 --input risk", "/deploy web v2.0.1 --input rsik=low",
		"/deploy web v2.0.1 --input risk=hgih", "/deploy web v2.0.1 --input risk=low --input risk=high", "/deploy cron v2.0.1", "/deploy cron v2.0.1 --input incident=7",
		"/deploy web v2.0.1 --reason it is", "/deploy web v2.0.1 --reason orders are stuck", "/deploy Web v2.0.2 --ENV Prod", "/deploy web v2.0.1 --at",
		`/deploy web v2.0.1 --reason "it is`, "/deploy web v2.0.1 --reason “it is", "/deploy lock web",
		"/deploy help me now", "/deploy status --force", "/deploy stop", "/deploy stop tangerine-9", "/deploy stop a b", "/deploy rollback", "/deploy rollback web", "/deploy rollback wbe",
	)
}

// late are clicks of people who may not, or who come too late.
func (m *transcript) late() {
	m.types("ana", "/deploy web v2.0.1")
	m.typesAll("eve", "/deploy web v2.0.0", "/deploy stop tangerine-1")
	m.typesAll("ana", "/deploy rollback tangerine-1")
	ts := m.card("Done").TS
	m.presses("eve", "Done", ts)
	m.clicks("ana", "Done")
	m.card("Approve")
	m.presses("ana", "Done", ts)
	m.typesAll("eve", "/deploy web v2.0.0")
	m.presses("eve", "Approve", ts)
	m.presses("ana", "Approve", ts)
	m.presses("eve", "Reject", ts)
	m.clicks("bob", "Reject")
	m.writes("bob", "[Reject], nothing", m.because("bob", " "))
	m.writes("bob", "[Reject], far too much", m.because("bob", long(600)))
	m.clicks("rosa", "Approve")
	m.writes("bob", "[Reject], no", m.because("bob", "no"))
	m.presses("bob", "Approve", ts)
	m.presses("bob", "Reject", ts)
}

func (m *transcript) ended() {
	ts := m.card("Stop").TS
	m.types("ana", "/deploy stop tangerine-1")
	m.presses("bob", "Approve", ts)
	m.presses("bob", "Reject", ts)
	m.typesAll("ana", "/deploy stop tangerine-1", "/deploy rollback tangerine-1")
	m.engine.fail(deployer.ErrUnknown)
	m.typesAll("ana", "/deploy web v2.0.1")
	m.engine.fail(deployer.ErrConflict)
	m.typesAll("ana", "/deploy web v2.0.1 --env staging")
	m.engine.fail(nil)
}
