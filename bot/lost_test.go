package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// What a channel did not take is tried again as soon as somebody does something there,
// and when the bot hears that it is back.
func TestClickHasWhatAChannelRefusedTriedAgain(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]func(*fixture){
		"archived": func(r *fixture) { r.Archive(deploys, false) },
		"invited":  func(r *fixture) { r.SetBotMember(deploys, true) },
		"scope":    func(r *fixture) { r.ClearFaults(); r.types("ana", "/deploy status") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, r *fixture) {
				r.types("ana", "/deploy web v2")
				r.card("Done")
				time.Sleep(time.Minute)
				switch name {
				case "archived":
					r.Archive(deploys, true)
				case "invited":
					r.SetBotMember(deploys, false)
				default:
					for _, method := range []string{"chat.update", "chat.postMessage"} {
						r.Inject(emulator.Fault{Method: method, Error: "missing_scope", Count: 1 << 30})
					}
				}
				_, err := r.engine.Do(r.ctx(), deployer.Order{
					Deployment: "tangerine-1", By: deployer.Actor{ID: "UANA", Name: "ana"}, Command: deployer.Answer{Step: "ready", Attempt: 1, Choice: deployer.ChoiceDone},
				})
				r.must(err)
				time.Sleep(2 * time.Hour) // by now it tries every quarter of an hour
				back(r)
				began := time.Now()
				r.card("Approve")
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("it took %s", took)
				}
			}, func(s *setup) { s.slack.App.Events = emulator.EveryEvent() })
		})
	}
}

// The app was made anew: its cards can't be edited, their buttons reach nobody, and
// nothing else happens that would change them.
func TestCardsOfAnAppThatWasMadeAnewArePostedAnew(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.types("ana", "/deploy web v2")
		before := r.card("Done").TS
		r.restartsAs(localTokens[0]+"-1", localTokens[1]+"-1")
		m, err := r.WaitMessage(r.ctx(), deploys, func(m emulator.Message) bool {
			return m.AppID == "A1LOCAL" && strings.Contains(string(m.Blocks), `"Done"`)
		})
		if err != nil {
			t.Fatalf("there is no new card: %v", err)
		}
		if d := r.engine.all()[0]; d.Card.TS == before || d.CardsLost != 1 {
			t.Errorf("the card is %+v", d.Card)
		}
		r.eventually("it is known", func() bool { return r.engine.all()[0].Card.TS == m.TS })
		r.must(r.Act(r.ctx(), emulator.Action{User: "ana", Channel: deploys, MessageTS: m.TS, Button: "Done"}))
		r.eventually("it is done", func() bool { return r.engine.all()[0].Steps[0].Status == deployer.Done })
	}, func(s *setup) { s.slack.Others = []emulator.App{{Name: "anew"}} })
}
