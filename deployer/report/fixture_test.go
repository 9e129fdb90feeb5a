package report_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/report"
)

var (
	ana   = deployer.Actor{ID: "UANA", Name: "Ana"}
	bob   = deployer.Actor{ID: "UBOB", Name: "Bob"}
	rosa  = deployer.Actor{ID: "UROSA", Name: "Rosa | *the* lead"}
	tenPM = time.Date(2026, 3, 28, 22, 0, 0, 0, time.UTC) // an hour before the clocks of Vienna go on
)

// proves looks, and can be done without.
var proves = deployer.Kind{
	Name: "probe.http", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads, Fails: []string{"not-well"},
	Params:  []deployer.Param{{Name: "url", Type: deployer.TypeURL}, {Name: "headers", Type: deployer.TypeTexts}},
	Outputs: []deployer.Param{{Name: "status", Type: deployer.TypeNumber}},
}

// A fixture drives one deployment, a minute from order to order.
type fixture struct {
	*testing.T
	engine *deployertest.Engine
	id     string
	now    time.Time
}

func step(id, title, uses string, with deployer.Values, needs ...string) deployer.Step {
	return deployer.Step{ID: id, Title: title, Uses: uses, With: with, Needs: needs}
}

// procedure has what people agree to, a condition, a proof, a rollout, and the way back.
func procedure() deployer.Procedure {
	control := step("control", "Change control is followed", deployer.KindConfirm, deployer.Values{
		"items": {Items: []deployer.Item{{Title: "The ticket", Link: "https://jira.example/CHG-1?a=1&b=2"}}},
	})
	control.Estimate, control.Links = 5*time.Minute, []deployer.Item{{Title: "Runbook [main]", Link: "https://wiki.example/run_book?of={inputs.risk}"}}
	approve := step("approve", "Tech lead approves", deployer.KindApprove, deployer.Values{"role": {Text: "tech-lead"}}, "control")
	approve.Estimate = 10 * time.Minute
	clients := step("clients", "Tell clients", deployer.KindConfirm, nil, "approve")
	clients.When, clients.Else = "inputs.clients", "Clients notice {inputs.impact}."
	smoke := step("smoke", "The site answers", proves.Name, deployer.Values{
		"url": {Text: "https://{inputs.host}/health"}, "headers": {Texts: map[string]string{"Authorization": "Bearer {secrets.probe}"}},
	}, "clients")
	rollout := step("rollout", "Roll out", deployer.KindRollout, nil, "smoke")
	rollout.Estimate = 4 * time.Minute
	complete := step("complete", "Deploy is complete", deployer.KindAnnounce, deployer.Values{"message": {Text: "complete"}, "to": {List: []string{"deploys"}}}, "rollout")
	return deployer.Procedure{
		ID: "deployment", Title: "Standard deployment", SHA: "0123456789abcdef", Kinds: []deployer.Kind{proves},
		Inputs:   []deployer.Input{{ID: "risk", Label: "Risk"}, {ID: "ticket", Label: "Ticket"}, {ID: "host"}, {ID: "impact"}},
		Messages: map[string]string{"complete": "{what} is complete"},
		Steps:    []deployer.Step{control, approve, clients, smoke, rollout, complete},
		Rollback: []deployer.Step{step("back", "Roll back", deployer.KindRollout, nil)},
	}
}

func start(t *testing.T, p deployer.Procedure, services ...string) *fixture {
	t.Helper()
	f := begin(t, p, func(*deployer.Start) {}, services...)
	if len(services) == 0 {
		return f.does(deployer.Actor{}, deployer.Resolve{})
	}
	return f.does(deployer.Actor{}, deployer.Resolve{Targets: deployertest.TargetsByTag(f.deployment())})
}

// begin is one of which it is not looked up yet what it means.
func begin(t *testing.T, p deployer.Procedure, change func(*deployer.Start), services ...string) *fixture {
	t.Helper()
	f := &fixture{T: t, engine: deployertest.NewEngine(), now: tenPM}
	f.engine.SetClock(func() time.Time { return f.now })
	f.engine.People = deployertest.EverybodyHolds{"tech-lead"}
	f.engine.Language = deployertest.Language{Names: map[string]string{"inputs.clients": "false"}}
	s := deployer.Start{
		Origin: "slack/T1/123.456", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Reason: "orders | stuck\n=since *noon*, says <@UBOB>; password=hunter2hunter2",
		Channels: map[string]string{"deploys": "C1"}, Procedure: p, Place: deployer.Locale{Zone: "Europe/Vienna"},
		Inputs:   map[string]string{"risk": "low", "host": "shop.example", "impact": "nothing", "ticket": "https://jira.example/CHG_1"},
		Warnings: []string{"It is late."},
	}
	for _, name := range services {
		s.Releases = append(s.Releases, deployer.Release{Service: name, Tag: "v2"})
	}
	change(&s)
	d, err := f.engine.Do(t.Context(), deployer.Order{By: ana, Nonce: "start", Command: s})
	if err != nil {
		t.Fatal(err)
	}
	f.id = d.ID
	return f
}

// does gives an order, a minute later.
func (f *fixture) does(by deployer.Actor, c deployer.Command) *fixture {
	f.Helper()
	f.now = f.now.Add(time.Minute)
	nonce := ""
	if by != (deployer.Actor{}) {
		nonce = f.now.String()
	}
	if _, err := f.engine.Do(f.Context(), deployer.Order{Deployment: f.id, By: by, Nonce: nonce, Command: c}); err != nil {
		f.Fatalf("%T: %v", c, err)
	}
	return f
}

// by gives an order of the engine's.
func (f *fixture) by(c deployer.Command) *fixture { f.Helper(); return f.does(deployer.Actor{}, c) }

func (f *fixture) deployment() deployer.Deployment {
	f.Helper()
	d, err := f.engine.Load(f.Context(), f.id)
	if err != nil {
		f.Fatal(err)
	}
	return d
}

// says answers a step.
func (f *fixture) says(by deployer.Actor, step string, c deployer.Choice, comment string) *fixture {
	f.Helper()
	d, a := f.deployment(), deployer.Answer{Step: step, Choice: c, Comment: comment}
	if s := d.Step(step); s != nil {
		a.Attempt = s.Attempt
	}
	switch c {
	case deployer.ChoiceDone:
		a.Values = map[string]string{deployer.TickOf(1): deployer.Ticked}
	case deployer.ChoiceApprove:
		a.Subject = d.Subject().Hash()
	case deployer.ChoiceRollBack:
		a.Subject = d.Undo().Hash()
	case deployer.ChoiceStop:
		a.Subject = deployer.LeftBy(d).Hash()
	}
	return f.does(by, a)
}

// runs begins an effect, and ends it.
func (f *fixture) runs(key string, o deployer.Outcome) *fixture {
	f.Helper()
	found := deployer.Observation{Kind: deployer.ObservedAbsent}
	d := f.deployment()
	if t := d.Target(deployer.ParseEffectKey(key).Item); t != nil {
		found.State = t.Before
	}
	return f.by(deployer.Intend{Key: key, Observation: found}).by(deployer.Act{Key: key, Ref: "https://ci.example/run/7"}).by(deployer.Settle{Key: key, Outcome: o})
}

// approved goes as far as the approval and beyond it.
func (f *fixture) approved() *fixture {
	f.Helper()
	return f.says(ana, "control", deployer.ChoiceDone, "").says(rosa, "approve", deployer.ChoiceApprove, "go | on")
}

func (f *fixture) announced() *fixture {
	f.Helper()
	return f.by(deployer.Deliver{Post: deployer.Post{DedupKey: deployer.AnnouncementKey("complete", "deploys"), Channel: "C1", TS: "1.1"}, Kind: "complete"})
}

func (f *fixture) history() report.History {
	f.Helper()
	records, err := f.engine.Trail(f.Context(), f.id)
	if err != nil {
		f.Fatal(err)
	}
	return report.History{Deployment: f.deployment(), Records: records}
}

func written(t testing.TB, format report.Format, all ...report.History) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := report.NewWriter(&out, format)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range all {
		if err := w.Write(h); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
