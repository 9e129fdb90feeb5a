package overview

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

var plainRenderer = view.Renderer{Names: bottest.PhoneBook{}, Command: "/deploy"}

// numbered gives a deployment of a test an id of its own.
func numbered(n *bottest.Scenario, number int) deployer.Deployment {
	d := n.Deployment()
	d.ID = fmt.Sprintf("tangerine-%d", number)
	d.Card = deployer.Post{DedupKey: "card", Channel: bottest.DeploysID, TS: fmt.Sprintf("17703288%02d.000100", number)}
	return d
}

// homeAtEleven is a tab at eleven at night.
func homeAtEleven(me deployer.Actor, roles ...string) Home {
	return Home{
		Renderer: plainRenderer, Me: me, Roles: roles, Where: []string{"#tangerine-deploys"}, Now: bottest.TenPM.Add(time.Hour),
		Link: func(d deployer.Deployment) string {
			return "https://tangerine.slack.com/archives/" + d.Card.Channel + "/p" + strings.ReplaceAll(d.Card.TS, ".", "")
		},
	}
}

func fourHomes(t *testing.T) map[string]Home {
	live := []deployer.Deployment{
		numbered(bottest.RollingOut(t, bottest.Web), 4), numbered(bottest.Confirmed(t), 3),
		numbered(bottest.NewScenario(t, bottest.StartOf(bottest.Orders, bottest.Stock)).Resolved(bottest.TargetsOf(bottest.Orders, bottest.Stock)...), 2), numbered(bottest.Failed(t), 1),
	}
	ended := []deployer.Deployment{numbered(bottest.Complete(t), 8), numbered(bottest.Failed(t).Does(bottest.Bob, deployer.Answer{Comment: "tomorrow", Choice: deployer.ChoiceStop}), 7)}
	locks := []deployer.Locks{{Site: deployer.Site{Name: "tangerine", Environment: "prod"}, All: []deployer.Lock{
		{Service: "stock", By: bottest.Bob, Reason: "stock-taking <!channel>", At: bottest.TenPM, Until: bottest.TenPM.Add(4 * time.Hour)},
	}}}
	with := func(t Home) Home {
		t.Live, t.Ended = live, ended
		t.Locks = LockLines(t.Renderer, locks, t.Now, func(deployer.Locks) bool { return true })
		return t
	}
	waiting := homeAtEleven(bottest.Bob, "tech-lead")
	waiting.Live = []deployer.Deployment{numbered(bottest.AtGate(t, "tech-lead"), 3), numbered(bottest.AtGate(t, ""), 2), numbered(bottest.Untold(t, bottest.Web), 1)}
	return map[string]Home{
		"gate-and-untold": waiting,
		"empty":           homeAtEleven(bottest.Ana), "requester": with(homeAtEleven(bottest.Ana)), "tech-lead": with(homeAtEleven(bottest.Bob, "tech-lead")), "onlooker": with(homeAtEleven(bottest.Rosa)),
	}
}

func TestHomesReadAsInTheirFiles(t *testing.T) {
	t.Parallel()
	for name, tab := range fourHomes(t) {
		bottest.Golden(t, filepath.Join("home", name), "", tab.View().Blocks.BlockSet)
	}
}

// However much there is of it, Slack takes the tab: one that it refuses shows
// what was so before.
func TestSlackTakesAnOversizedHome(t *testing.T) {
	slowtest.Only(t, "hundreds of deployments on one page")
	t.Parallel()
	_, w := bottest.SlackOnWire(t, bottest.SmallWorkspace())
	api := bottest.ClientOfWire(t, w)
	for seed := range slowtest.Runs(1, 1) {
		rng := rand.New(rand.NewPCG(uint64(seed), 3))
		h := homeAtEleven(deployer.Actor{ID: "U1"}, bottest.NastyTexts...)
		h.Renderer = view.Renderer{Names: bottest.LoudNames{Rng: rng}, Command: "/deploy"}
		for i := range 30 {
			d := bottest.Oversized(rng)
			d.ID = fmt.Sprintf("tangerine-%d", i+1)
			if d.Status.Ended() {
				h.Ended = append(h.Ended, d)
			} else {
				h.Live = append(h.Live, d)
			}
		}
		tab := h.View()
		if n := len(tab.Blocks.BlockSet); n > 100 {
			t.Fatalf("seed %d: %d blocks", seed, n)
		}
		if said := bottest.JSON(t, tab); strings.Contains(said, "<!channel") || strings.Contains(said, "<@") {
			t.Fatalf("seed %d: the tab calls people", seed)
		}
		if _, err := api.PublishViewContext(context.Background(), slack.PublishViewContextRequest{UserID: "UANA", View: tab}); err != nil {
			b, _ := json.MarshalIndent(tab, "", " ")
			r, _ := errors.AsType[slack.SlackErrorResponse](err)
			t.Fatalf("seed %d: Slack refuses it: %v, %v\n%s", seed, err, r.ResponseMetadata.Messages, b)
		}
	}
}
