package bot

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/form"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/launch"
)

func TestCommandStartsADeployment(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	if said := r.types("ana", `/deploy web v2 api:v3 --reason “orders are stuck”  —input risk=high`); said != "" {
		t.Errorf("a good command is answered by its card, not by %q", said)
	}
	all := r.engine.all()
	if len(all) != 1 {
		t.Fatalf("%d deployments", len(all))
	}
	d := all[0]
	if d.Site.Name != "tangerine" || d.Site.Environment != "prod" || d.Terms["tam"] != "tam" || d.Reason != "orders are stuck" || d.Inputs["risk"] != "high" {
		t.Errorf("it is %+v", d)
	}
	if d.Requester.ID != "UANA" || d.Requester.Name != "Ana" { // as on the card, not the handle
		t.Errorf("the requester is %+v", d.Requester)
	}
	want := map[string]string{"deploys": r.ChannelID(deploys), "change": r.ChannelID("announcements-change-control")}
	if d.Channels["deploys"] != want["deploys"] || d.Channels["change"] != want["change"] {
		t.Errorf("the channels are %v, want %v", d.Channels, want)
	}
	if !strings.HasPrefix(d.Origin, "slack/T0LOCAL/") {
		t.Errorf("the origin is %q", d.Origin)
	}
	r.card("Done")
	r.eventually("the requester's own name is known", func() bool { return r.bot.people.Person(d.Requester) == "Ana" })
}

func TestSecondToStartTheSameIsToldWhoWasFirst(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.types("ana", "/deploy web v2")
	bottest.Contains(t, r.types("eve", "/deploy web v3"), "web in tangerine prod is being deployed by", "tangerine-1")
}

// A command waits for nobody: with Slack's API out of reach it is acknowledged
// all the same.
func TestOrdinaryCommandAsksSlackNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.Inject(emulator.Fault{Method: "*", Delay: time.Second, Cut: true, Count: 1000})
		began := time.Now()
		r.must(r.Type(r.ctx(), "ana", deploys, "/deploy web v2", ""))
		if took := time.Since(began); took > 500*time.Millisecond {
			t.Errorf("it took %s", took)
		}
		if n := len(r.engine.all()); n != 1 {
			t.Errorf("%d deployments", n)
		}
	})
}

func TestRehearsalStartsNothing(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	said := r.types("ana", "/deploy web v2 --dry-run")
	bottest.Contains(t, said, "nothing was started", "*web* `v1` → `v2`", "✓ Change control is followed – would ask *you*",
		"✓ Tech lead approves – would ask *bob or rosa (tech-lead)*", "would post to <#"+r.ChannelID(deploys)+">")
	if n := len(r.engine.all()); n != 0 {
		t.Errorf("%d deployments", n)
	}
}

// What is wrong with one part of a request is shown at the field that asks for it.
func TestMistakesBelongToTheirFieldsOfTheForm(t *testing.T) {
	t.Parallel()
	no := errors.New("no")
	for _, c := range []struct {
		err  error
		want string
	}{
		{no, ""},
		{fieldError{form.BlockMore, no}, form.BlockMore},
		{fieldError{form.BlockMore, launch.FieldError{Field: launch.FieldTag, Err: no}}, form.BlockMore},
		{launch.FieldError{Field: launch.FieldEnvironment, Err: no}, form.BlockEnv},
		{launch.FieldError{Field: launch.FieldTag, Err: no}, form.BlockTag},
		{launch.FieldError{Field: launch.FieldPlanned, Err: no}, form.BlockAt},
		{launch.FieldError{Field: launch.FieldInput, Input: "risk", Err: no}, form.BlockInput + "risk"},
		{fmt.Errorf("more: %w", launch.FieldError{Field: launch.FieldTag, Err: no}), form.BlockTag},
	} {
		if got := fieldOf(c.err); got != c.want {
			t.Errorf("%#v is shown at %q, want %q", c.err, got, c.want)
		}
	}
}

// What a step runs is started where its deployments are followed, with what its parent is
// about; what can't be is refused in words.
func TestStepRunsAnotherProcedure(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		train := deployer.Procedure{ID: "train", Services: deployer.ServicesNone, Unapproved: "it deploys nothing", Steps: []deployer.Step{{ID: "go", Uses: deployer.KindConfirm}}}
		s.bot.Procedures = map[string]deployer.Procedure{"deployment": standard(), "train": train}
		s.bot.Retailers["plum"] = view.Retailer{
			Channels: map[string]string{"change": "#announcements-change-control"}, Environments: map[string]view.Environment{"live": {Default: true}},
		}
	})
	r.types("ana", `/deploy web v2 --reason “orders are stuck”`)
	parent := r.engine.all()[0]
	in := func(with map[string]string, inputs map[string]string) deployer.Intent {
		v := deployer.Values{"procedure": {Text: "deployment"}, "inputs": {Texts: inputs}}
		for name, text := range with {
			v[name] = deployer.Value{Text: text}
		}
		return deployer.Intent{Deployment: parent.ID, Site: parent.Site, Step: "child", By: parent.Requester, With: v}
	}
	for name, c := range map[string]struct {
		in               deployer.Intent
		site, env        string
		channel, refusal string
	}{
		"here":                    {in(nil, map[string]string{"risk": "high"}), "tangerine", "prod", deploys, ""},
		"in another environment":  {in(map[string]string{"environment": "staging"}, nil), "tangerine", "staging", deploys, ""},
		"at another retailer":     {in(map[string]string{"retailer": "quiet"}, nil), "quiet", "prod", "quiet-deploys", ""},
		"without our environment": {in(map[string]string{"retailer": "plum"}, nil), "plum", "live", "plum-deploys", ""},
		"where the bot is not":    {in(map[string]string{"retailer": "lemon"}, nil), "", "", "", "stationmaster is not in the channel of lemon"},
		"nowhere":                 {in(map[string]string{"retailer": "grape"}, nil), "", "", "", "There is no retailer \"grape\""},
		"nothing":                 {in(map[string]string{"procedure": "deploiment"}, nil), "", "", "", "deploiment"},
		"with a wrong input":      {in(nil, map[string]string{"rsik": "high"}), "", "", "", "rsik"},
	} {
		s, err := r.bot.Launch(r.ctx(), c.in)
		refused, _ := errors.AsType[*deployer.Refusal](err)
		if (refused != nil) != (c.refusal != "") || refused == nil && err != nil || refused != nil && !strings.Contains(refused.Error(), c.refusal) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.refusal != "" {
			continue
		}
		if s.Site.Name != c.site || s.Site.Environment != c.env || s.Channels["deploys"] != r.ChannelID(c.channel) || s.Reason != "orders are stuck" ||
			len(s.Releases) != 1 || s.Releases[0] != parent.Releases[0] {
			t.Errorf("%s: %+v", name, s)
		}
		if name == "here" && s.Inputs["risk"] != "high" {
			t.Errorf("its inputs are %v", s.Inputs)
		}
	}
	s, err := r.bot.Launch(r.ctx(), in(map[string]string{"procedure": "train"}, nil))
	if err != nil || len(s.Releases) != 0 || s.Procedure.ID != "train" || s.Drill.On {
		t.Errorf("of no services: %+v, %v", s, err)
	}
	r.types("ana", "/deploy web v2 --drill --fail rollout")
	parent = r.engine.all()[1]
	if s, err := r.bot.Launch(r.ctx(), in(nil, nil)); err != nil || !parent.Drill.On || !s.Drill.On || len(s.Drill.Fail) > 0 {
		t.Errorf("of the drill %+v it is %+v, %v", parent.Drill, s.Drill, err)
	}
}

// Whether the bot may post somewhere is asked of Slack, not remembered.
func TestBotSaysWhereItMayPost(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	for channel, refusal := range map[string]string{deploys: "", "random": "#random", "secret": "the channel "} {
		err := r.bot.MayPost(r.ctx(), r.ChannelID(channel))
		refused, _ := errors.AsType[*deployer.Refusal](err)
		if (refused != nil) != (refusal != "") || refused == nil && err != nil || refused != nil && !strings.Contains(refused.Error(), refusal) {
			t.Errorf("%s: %v", channel, err)
		}
	}
	r.Inject(emulator.Fault{Method: "conversations.info", Status: 503})
	var refused *deployer.Refusal
	if err := r.bot.MayPost(r.ctx(), r.ChannelID(deploys)); err == nil || errors.As(err, &refused) {
		t.Errorf("without an answer: %v", err)
	}
}
