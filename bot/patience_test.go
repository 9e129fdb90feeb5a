package bot

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/deployer"
)

// patient is a bot whose tech leads have a deputy, eve, and where tam may break the
// glass.
func patient(s *setup) {
	p := standard()
	p.Steps = p.Steps[:2]
	p.Steps[1].Escalate = deployer.Escalate{Deputies: 20 * time.Minute, Page: 45 * time.Minute, BreakGlass: 2 * time.Hour}
	s.bot.Procedures["deployment"] = p
	s.bot.Roles[deployer.DeputyRole("tech-lead")] = directory.Role{Users: []string{"eve"}}
	s.bot.Launch.Roles, s.bot.Launch.BreakGlass = []string{"tech-lead", "on-call"}, "on-call"
	s.bot.Roles["on-call"] = directory.Role{Users: []string{"tam"}}
}

// A patience is a deployment of ana's that waits for its approval, and how late it is.
type patience struct {
	*fixture
	late atomic.Int64
}

func awaiting(t *testing.T) *patience {
	t.Helper()
	p := &patience{fixture: newFixture(t, patient)}
	p.engine.SetClock(func() time.Time { return time.Now().Add(time.Duration(p.late.Load())) })
	p.types("ana", "/deploy web v2")
	p.clicks("ana", "Done")
	p.card("Approve")
	return p
}

// passes lets time pass until a level is due, and has the engine say so.
func (p *patience) passes(late time.Duration, level deployer.Level) {
	p.t.Helper()
	p.late.Store(int64(late + time.Minute))
	cmd := deployer.EscalateTo{Step: "approve", Attempt: 1, Level: level}
	if level == deployer.LevelPage {
		cmd.People = p.bot.people.Role("on-call")
	}
	_, err := p.engine.Do(p.ctx(), deployer.Order{Deployment: "tangerine-1", Command: cmd})
	p.must(err)
}

// says waits until a channel has a message with all of the parts.
func (p *patience) says(channel string, parts ...string) {
	p.t.Helper()
	p.eventually(channel+" hears "+strings.Join(parts, ", "), func() bool {
		for _, m := range p.Messages(channel) {
			found := true
			for _, part := range parts {
				found = found && strings.Contains(m.Text, part)
			}
			if found {
				return true
			}
		}
		return false
	})
}

func (p *patience) approved() bool { return p.engine.all()[0].Step("approve").Status == deployer.Done }

// A deputy may not approve before their time, and may then.
func TestDeputyApprovesOnceTheirTimeHasCome(t *testing.T) {
	t.Parallel()
	p := awaiting(t)
	p.clicks("eve", "Approve")
	p.hears("eve", "Only tech-lead can decide on “Tech lead approves”.")
	p.passes(20*time.Minute, deployer.LevelDeputies)
	p.says(deploys, "<@UEVE>: nobody has approved", "You may answer too now.")
	p.eventually("the card says who may answer", func() bool {
		return strings.Contains(string(p.card("Approve").Blocks), "eve may answer too, as a deputy.")
	})
	p.clicks("ana", "Approve")
	p.hears("ana", "Nobody approves their own deployment.")
	p.clicks("eve", "Approve")
	p.eventually("it is approved", p.approved)
	p.says(deploys, "approved by eve, as a deputy")
}

// Whoever is on call is paged, then may break the glass: with a reason, which everybody
// reads, and which somebody of the role reviews once it has ended.
func TestGlassIsBrokenWithAReasonAndReviewed(t *testing.T) {
	t.Parallel()
	p := awaiting(t)
	p.passes(20*time.Minute, deployer.LevelDeputies)
	p.passes(45*time.Minute, deployer.LevelPage)
	p.says(deploys, "<@UTAM>, you are paged")
	p.says("UTAM", "you are paged", "web", "tangerine-1")
	p.clicks("tam", "Approve")
	p.hears("tam", "Only tech-lead can decide on “Tech lead approves”.")
	p.passes(2*time.Hour, deployer.LevelBreakGlass)
	p.eventually("the card says who may break the glass", func() bool {
		return strings.Contains(string(p.card("Approve").Blocks), "tam may answer with a reason")
	})
	p.clicks("ana", "Approve")
	p.hears("ana", "Nobody approves their own deployment.")
	p.clicks("tam", "Approve")
	bottest.Contains(t, p.form("tam"), "Break the glass", "Tech lead approves", "it is reviewed")
	bottest.Contains(t, p.because("tam", " "), "Say in a few words why.")
	if p.approved() {
		t.Fatal("it is approved without a reason")
	}
	if said := p.because("tam", "the shop is <down>"); said != "" {
		t.Fatalf("it said %q", said)
	}
	p.eventually("it is approved", p.approved)
	p.says(deploys, "*Glass broken*", "tam answered *Approve*", "in the place of tech-lead", "The shop is &lt;down&gt;.", "A review is owed.")
	p.eventually("the card owes a review", func() bool {
		return strings.Contains(string(p.card("Reviewed").Blocks), "glass broken by tam")
	})
	p.clicks("tam", "Reviewed")
	p.hears("tam", "Only somebody else of those who were awaited can review that.")
	p.clicks("bob", "Reviewed")
	p.says(deploys, "Reviewed by bob")
	p.eventually("nothing is owed any more", func() bool { return !deployer.Lives(p.engine.all()[0]) })
}
