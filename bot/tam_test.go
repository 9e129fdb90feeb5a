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
	d := deployer.Deployment{ID: "tangerine-1", Retailer: "tangerine", Requester: deployer.Person{ID: "UANA", Name: "ana"}, TAM: "tam"}
	m := deployer.Message{
		Kind: deployer.MessageFailed, Words: "{@tam}: {why}", Args: map[string]string{"why": "<!channel> & <@UBOB>"},
	}
	text, _ := view.Message(m, d, r.bot.guide)
	if want := "<@" + r.UserID("tam") + ">: &lt;!channel&gt; &amp; &lt;@UBOB&gt;"; !strings.Contains(text, want) {
		t.Errorf("%q, want %q", text, want)
	}
	d.Retailer = "plum" // it has none in the config
	if text, _ = view.Message(m, d, r.bot.guide); !strings.HasPrefix(text, "tam: ") {
		t.Errorf("without one: %q", text)
	}
}
