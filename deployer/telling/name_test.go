package telling_test

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// Words of a procedure of earlier days may be called like what the core sends,
// such as card. They are announced as words, and the card stays the card.
func TestWordsAreNotTakenForWhatTheCoreSends(t *testing.T) {
	t.Parallel()
	for _, name := range deployer.CoreMessages() {
		w := &transcript{t: t, now: dawn}
		w.must(ana, deployer.Start{
			Origin: "o", Site: deployer.Site{Name: "tangerine"}, Releases: []deployer.Release{{Service: "web", Tag: "v2"}}, Channels: map[string]string{"deploys": "C1"},
			Procedure: deployer.Procedure{ID: "p", Messages: map[string]string{name: "hello"}, Steps: []deployer.Step{
				{ID: "tell", Title: "Tell", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: name}, "to": {List: []string{"deploys"}}}},
			}},
		})
		w.must(deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{{Service: "web"}}})
		told := 0
		for _, m := range w.sent {
			if m.Words == "hello" {
				told++
				if m.IsCard() || m.Kind != deployer.KindAnnounce {
					t.Errorf("%s: announced as %+v", name, m)
				}
			}
		}
		card := deployer.Post{DedupKey: deployer.MessageCard, Channel: "C1", TS: "1.0"}
		w.must(deployer.Actor{}, deployer.Deliver{Post: card, Kind: deployer.MessageCard})
		post := deployer.Post{DedupKey: deployer.AnnouncementKey("tell", "deploys"), Channel: "C1", TS: "2.0"}
		w.must(deployer.Actor{}, deployer.Deliver{Post: post, Kind: name}) // as one that was committed in earlier days
		if told != 1 || w.d.Card != card || w.d.Step("tell").Status != deployer.Done {
			t.Errorf("%s: told %d times, the card is %+v, the step %s", name, told, w.d.Card, w.d.Step("tell").Status)
		}
	}
}
