package access

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stationmaster/stationmaster/deployer"
)

// A guarded system forbids, does not answer, or can't be asked.
type guarded struct {
	deployer.Runner
	answer error
	asked  *atomic.Int32
}

func (g guarded) Access(_ context.Context, in deployer.Intent) error {
	g.asked.Add(1)
	if in.Site.Name != "tangerine" {
		return errors.New("it was asked about nothing")
	}
	return g.answer
}

var verify = deployer.Kind{Name: "kubernetes.verify", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads}
var probe = deployer.Kind{Name: "probe.http", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads}
var ticket = deployer.Kind{Name: "jira.ticket", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable}
var lock = deployer.Kind{Name: "lock", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatConditional}

// under is a deployment of two services whose step access is active.
func under() deployer.Deployment {
	p := deployer.Procedure{Kinds: append(Kinds(), verify, probe, ticket, lock), Failure: deployer.Failure{To: []string{"support"}}, Steps: []deployer.Step{
		{ID: "before", Uses: "jira.ticket"},
		{ID: "access", Uses: "access"},
		{ID: "lock", Uses: "lock"},
		{ID: "rollout", Uses: deployer.KindRollout},
		{ID: "pods", Uses: "kubernetes.verify"},
		{ID: "health", Uses: "probe.http"},
		{ID: "tell", Uses: deployer.KindAnnounce, With: deployer.Values{"to": {List: []string{"deploys", "room", "clients"}}}},
	}, Rollback: []deployer.Step{{ID: "back", Uses: deployer.KindRollout}}}
	p.Bind()
	d := deployer.Deployment{
		ID: "tangerine-1", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p,
		Channels: map[string]string{"deploys": "CDEPLOYS", "support": "CSUPPORT"},
		Targets: []deployer.Target{
			{Service: "web", Runner: "kubernetes", After: deployer.State{Image: "r.example/web:v2"}},
			{Service: "api", Runner: "kubernetes", After: deployer.State{Image: "r.example/api:v3"}},
		},
	}
	for i, s := range append(p.Steps, p.Rollback...) {
		d.Steps = append(d.Steps, deployer.StepState{Step: s, Status: deployer.Pending})
		if i == 0 {
			d.Steps[0].Status = deployer.Done
		}
	}
	return d
}

// asking is a System whose systems answer like that.
func asking(rollout, image, post error, asked *atomic.Int32) *System {
	return New(Config{
		Load: func(context.Context, string) (deployer.Deployment, error) { return under(), nil },
		Runners: func() map[string]deployer.Runner {
			return map[string]deployer.Runner{
				"kubernetes.rollout": guarded{answer: rollout, asked: asked}, "kubernetes.verify": guarded{asked: asked},
				"jira.ticket": guarded{answer: deployer.Refuse("", "It is over."), asked: asked},
			}
		},
		Image: func(context.Context, string) error { return image },
		Post: func(_ context.Context, channel string) error {
			if channel == "CSUPPORT" {
				return post
			}
			return nil
		},
	})
}

// Everybody is asked once, whoever can't be is named, and all that is missing is told at
// once.
func TestAllThatIsMissingIsToldAtOnce(t *testing.T) {
	t.Parallel()
	in := deployer.Intent{Deployment: "tangerine-1", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Step: "access"}
	may, image, post := deployer.Refuse("", "The bot may not patch deployments."), deployer.Refuse("", "The registry says 401."), deployer.Refuse("", "The bot is not in #support.")
	for name, c := range map[string]struct {
		rollout, image, post error
		result               deployer.Result // "": nothing can be told yet
		says                 string
	}{
		"all is well":                  {nil, nil, nil, deployer.OK, "Asked: the registry, kubernetes.rollout, kubernetes.verify, Slack. What can't be asked: probe.http."},
		"all is ill":                   {may, image, post, deployer.Failed, "The registry says 401. The bot may not patch deployments. The bot is not in #support."},
		"one is away":                  {nil, errors.New("no route"), nil, "", "ask the registry: no route"},
		"one is away, and one forbids": {may, errors.New("no route"), nil, deployer.Failed, "The bot may not patch deployments."},
	} {
		var asked atomic.Int32
		o, err := asking(c.rollout, c.image, c.post, &asked).Follow(t.Context(), in, "", func(deployer.Progress) {})
		if o.Result != c.result || (err != nil) != (c.result == "") || (o.Kind == failDenied) != (c.result == deployer.Failed) {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
		if said := o.Why; said != c.says && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: it says %q, %v", name, said, err)
		}
		if n := asked.Load(); n != 4 { // two services, to be rolled out and verified; what is over is not asked
			t.Errorf("%s: %d questions", name, n)
		}
	}
}

// What a person does by hand needs no permission of the bot.
func TestWhatIsDoneByHandIsNotAsked(t *testing.T) {
	t.Parallel()
	s := New(Config{
		Load: func(context.Context, string) (deployer.Deployment, error) {
			d := under()
			for i := range d.Steps {
				d.Steps[i].Hand = true
			}
			d.Procedure.Failure.To = nil
			return d, nil
		},
		Runners: func() map[string]deployer.Runner { return nil },
	})
	if o, err := s.Follow(t.Context(), deployer.Intent{Step: "access"}, "", nil); err != nil || o.Why != "There is nobody to ask." {
		t.Errorf("%+v, %v", o, err)
	}
}

// Whoever waits for people hears that a right was taken away.
func TestAccessIsWatched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		in := deployer.Intent{Deployment: "tangerine-1", Site: deployer.Site{Name: "tangerine"}, Step: "access"}
		s := asking(deployer.Refuse("", "No."), nil, nil, &asked)
		if o, err := s.Watch(t.Context(), in, "", deployer.Outcome{Result: deployer.OK}, nil); err != nil || o.Kind != failDenied {
			t.Errorf("%+v, %v", o, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*watchEvery)
		defer cancel()
		if o, err := asking(nil, nil, nil, &asked).Watch(ctx, in, "", deployer.Outcome{}, nil); err == nil {
			t.Errorf("all is well: %+v", o)
		}
	})
}

// A deployment that can't be read says nothing.
func TestDeploymentThatCanNotBeReadIsNoAnswer(t *testing.T) {
	t.Parallel()
	s := New(Config{Load: func(context.Context, string) (deployer.Deployment, error) {
		return deployer.Deployment{}, deployer.ErrNotFound
	}})
	if o, err := s.Follow(t.Context(), deployer.Intent{}, "", nil); err == nil {
		t.Errorf("%+v", o)
	}
}
