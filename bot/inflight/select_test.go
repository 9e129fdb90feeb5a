package inflight_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/inflight"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/overview"
	"github.com/stationmaster/stationmaster/deployer"
)

// scenes are deployments at many points of their way.
func scenes(t *testing.T) []deployer.Deployment {
	start := bottest.NewScenario(t, bottest.StartOf(bottest.Web))
	asked := start.Deployment()
	return []deployer.Deployment{
		asked, bottest.Confirmed(t).Deployment(), bottest.RollingOut(t, bottest.Web).Deployment(), bottest.Failed(t).Deployment(),
		bottest.ForClients(t).Deployment(), bottest.Skipped(t).Deployment(), bottest.Complete(t).Deployment(),
		bottest.NewScenario(t, bottest.StartOf(bottest.Web)).Resolved(bottest.TargetsOf(bottest.Web)...).Deployment(),
	}
}

func public(channel string) bool { return channel != "CPRIVATE" }

var readers = []struct {
	person deployer.Actor
	roles  []string
}{{bottest.Ana, nil}, {bottest.Bob, []string{"tech-lead"}}, {bottest.Rosa, []string{"tech-lead", "tam"}}, {deployer.Actor{ID: "UEVE"}, nil}}

// Whatever has happened, a tab that is drawn from what the index selects reads as
// one that is drawn from everything.
func TestTabsReadAsIfEverythingWereLoaded(t *testing.T) {
	t.Parallel()
	all := scenes(t)
	rapid.Check(t, func(t *rapid.T) {
		x, live := inflight.New(newRecords(), slog.New(slog.DiscardHandler)), map[string]deployer.Deployment{}
		for n := range rapid.IntRange(1, 120).Draw(t, "changes") {
			d := rapid.SampledFrom(all).Draw(t, "state")
			number := rapid.IntRange(1, 60).Draw(t, "number")
			d.ID, d.Seq = fmt.Sprint("tangerine-", number), n+1
			d.Created = bottest.TenPM.Add(time.Duration(number) * time.Minute)
			d.Requester = readers[number%len(readers)].person
			d.Channels = map[string]string{deployer.ChannelDeploys: []string{"CPUBLIC", "CPRIVATE"}[number%2]}
			d.Steps = slices.Clone(d.Steps)
			for i := range d.Steps {
				d.Steps[i].Began = bottest.TenPM.Add(time.Duration(n)*time.Hour + time.Duration(i)*time.Second)
				d.Steps[i].Finished = d.Steps[i].Began
			}
			x.Put(d)
			if live[d.ID] = d; d.Status.Ended() {
				delete(live, d.ID)
			}
		}
		for _, r := range readers {
			whole, part := tab(r.person, r.roles), tab(r.person, r.roles)
			reader := inflight.Reader{ID: r.person.ID, Roles: r.roles, Public: public}
			for _, d := range live {
				if reader.MayRead(d) {
					whole.Live = append(whole.Live, d)
				}
			}
			s := x.Select(reader, overview.HomePendingMax, overview.HomeLinesMax)
			for _, id := range slices.Concat(s.Pending.Shown, s.Mine.Shown, s.Others.Shown) {
				part.Live = append(part.Live, live[id])
			}
			part.More = overview.HomeMore{Pending: s.Pending.More, Mine: s.Mine.More, Others: s.Others.More, Unread: s.Unread}
			if got, want := drawn(part), drawn(whole); got != want {
				t.Fatalf("the tab of %s is\n%s\nwant\n%s", r.person.Name, got, want)
			}
		}
	})
}

func tab(me deployer.Actor, roles []string) overview.Home {
	return overview.Home{
		Renderer: view.Renderer{Names: bottest.PhoneBook{}, Command: "/deploy"}, Me: me, Roles: roles,
		Now: bottest.TenPM.Add(24 * time.Hour), Link: func(deployer.Deployment) string { return "" },
	}
}

func drawn(h overview.Home) string {
	slices.SortFunc(h.Live, func(a, b deployer.Deployment) int { return b.Created.Compare(a.Created) })
	b, err := json.MarshalIndent(h.View(), "", " ")
	if err != nil {
		panic(err) // a view is plain data
	}
	return string(b)
}

// A name that is new stands on the cards of those whom it is about, and no others.
func TestNamingFindsTheCardsOfAPerson(t *testing.T) {
	t.Parallel()
	x := inflight.New(newRecords(), slog.New(slog.DiscardHandler))
	asked, rolling := bottest.Confirmed(t).Deployment(), bottest.RollingOut(t, bottest.Web).Deployment()
	asked.ID, rolling.ID, rolling.Created = "tangerine-1", "tangerine-2", asked.Created.Add(time.Hour)
	x.Put(asked)
	x.Put(rolling)
	for _, c := range []struct {
		person deployer.Actor
		roles  []string
		want   []string
	}{
		{bottest.Ana, nil, []string{"tangerine-2", "tangerine-1"}}, // she asked for both
		{bottest.Bob, nil, []string{"tangerine-2"}},                // he has approved one
		{bottest.Rosa, []string{"tech-lead"}, []string{"tangerine-1"}},
		{deployer.Actor{ID: "UEVE"}, nil, nil},
	} {
		if got := x.Naming(c.person.ID, c.roles, 10); !slices.Equal(got, c.want) {
			t.Errorf("%s %v is named by %v, want %v", c.person.Name, c.roles, got, c.want)
		}
	}
	if got := x.Naming(bottest.Ana.ID, nil, 1); !slices.Equal(got, []string{"tangerine-2"}) {
		t.Errorf("the newest is %v", got)
	}
}
