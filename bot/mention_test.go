package bot

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// {@tam} calls the technical account manager by the mention that Slack notifies
// them of, and what else fills the words still mentions nobody.
func TestTheTAMIsCalled(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	d := deployer.Deployment{ID: "tangerine-1", Site: deployer.Site{Name: "tangerine"}, Requester: deployer.Actor{ID: "UANA", Name: "ana"}, Terms: map[string]string{"tam": "tam"}}
	m := deployer.Message{
		Kind: deployer.MessageFailed, Words: "{@tam}: {why}", Args: map[string]string{"why": "<!channel> & <@UBOB>"},
	}
	text, _ := view.Message(m, d, r.bot.renderer)
	if want := "<@" + r.UserID("tam") + ">: &lt;!channel&gt; &amp; &lt;@UBOB&gt;"; !strings.Contains(text, want) {
		t.Errorf("%q, want %q", text, want)
	}
	d.Site.Name = "plum" // it has none in the config
	if text, _ = view.Message(m, d, r.bot.renderer); !strings.HasPrefix(text, "tam: ") {
		t.Errorf("without one: %q", text)
	}
}

// Only those who are awaited are called: each by name while they are few.
func TestCallLeavesOutWhoIsNotAwaited(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	bob, rosa := "<@"+r.UserID("bob")+">", "<@"+r.UserID("rosa")+">"
	people := r.bot.people
	r.eventually("the group is known", func() bool { return len(people.Role("tech-lead")) == 2 })
	if got := people.Call("tech-lead", nil); got != bob+" "+rosa && got != rosa+" "+bob {
		t.Errorf("all: %s", got)
	}
	if got := people.Call("tech-lead", []string{r.UserID("bob")}); got != rosa {
		t.Errorf("without Bob: %s", got)
	}
	if got := people.Call("tech-lead", []string{r.UserID("bob"), r.UserID("rosa")}); got != people.Mention("tech-lead") {
		t.Errorf("where nobody is left, everybody is called: %s", got)
	}
	if got := people.Call("nobody", nil); got != "" {
		t.Errorf("a role that nobody has: %s", got)
	}
}
