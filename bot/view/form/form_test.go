package form

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/preview"
)

// formRenderer knows two services that follow one procedure, with an input of
// every kind and a planned start.
func formRenderer() view.Renderer {
	p := bottest.Procedure()
	p.Inputs = []deployer.Input{
		{ID: "risk", Label: "Risk", Options: []string{"low", "high"}, Default: "low"},
		{ID: "team", Label: "Team", Options: []string{"a", "b", "c", "d", "e"}, Required: true, Default: "b"},
		{ID: "ticket", Default: "CHG-1"},
		{ID: "long", Label: "Long", Options: []string{strings.Repeat("x", field.OptionValueMax+1), "y"}},
	}
	p.Steps = slices.Insert(p.Steps, 2, deployer.Step{ID: "planned-start", Title: "The planned start", Uses: deployer.KindWait, With: deployer.Values{"until": {Text: deployer.UntilPlanned}}})
	return view.Renderer{
		Names: bottest.PhoneBook{}, Command: "/deploy",
		Retailers:  map[string]view.Retailer{"tangerine": {Zone: newYork(), Environments: map[string]view.Environment{"prod": {Default: true}, "staging": {}}}},
		Services:   map[string]view.Service{bottest.Web: {Procedure: "deployment"}, bottest.Orders: {Procedure: "deployment"}},
		Procedures: map[string]deployer.Procedure{"deployment": p},
	}
}

var tangerine = Target{Channel: bottest.DeploysID, Retailer: "tangerine"}

func TestFormsReadAsInTheirFiles(t *testing.T) {
	t.Parallel()
	r := formRenderer()
	form, err := Draw(r, State{Target: tangerine}, false, Notes{BlockEnv: "Runs now: `v1`"}, bottest.TenPM)
	bottest.GoldenView(t, "deploy", form, err)
	form, err = Draw(r, State{Target: tangerine, Service: bottest.Web, Tag: "v2"}, true, nil, bottest.TenPM)
	bottest.GoldenView(t, "deploy-listed-tags", form, err)
	r.Procedures["train"] = deployer.Procedure{ID: "train", Title: "Release train", Services: deployer.ServicesNone, Inputs: []deployer.Input{
		{ID: "client", Label: "For clients", Kind: deployer.InputBoolean, Default: "true", Help: "They are told."}, {ID: "when", Kind: deployer.InputTime, When: "inputs.client"},
	}}
	form, err = Draw(r, State{Target: tangerine, Procedure: "train"}, false, nil, bottest.TenPM)
	bottest.GoldenView(t, "without-services", form, err)
	bottest.GoldenView(t, "where", Where([]view.Scope{{Channel: bottest.DeploysID, Retailer: "tangerine", Name: "tangerine-deploys"}}), nil)
	bottest.GoldenView(t, "notice", Notice("Not there", "That deployment is *gone*."), nil)
}

// asks is a form that asks for these services to be confirmed.
func asks(services ...string) (Confirmation, deployer.Start) {
	s := bottest.StartOf(services...)
	s.Planned = bottest.TenPM.Add(26 * time.Hour)
	s.Procedure.Steps = slices.Insert(s.Procedure.Steps, 2, deployer.Step{ID: "planned-start", Title: "The planned start", Uses: deployer.KindWait, With: deployer.Values{"until": {Text: deployer.UntilPlanned}}})
	c := Confirmation{State: State{Target: tangerine, Service: services[0], Tag: s.Releases[0].Tag, Env: "prod"}, Form: "V1"}
	return c, s
}

func TestConfirmationsReadAsInTheirFiles(t *testing.T) {
	t.Parallel()
	r := formRenderer()
	c, s := asks(bottest.Web)
	runs := map[string]*deployer.Serving{bottest.Web: {State: deployer.State{Version: "24-02-01.602"}}}
	form, err := Confirm(r, c, previewOf(s, bottest.Ana), bottest.Ana, func() map[string]*deployer.Serving { return runs }, "")
	bottest.GoldenView(t, "start", form, err)

	c, s = asks(bottest.Web, bottest.Orders)
	runs[bottest.Web].State.Version = c.Tag // web runs it already; which version of orders runs is not known
	s.Procedure.Steps[1].With = deployer.Values{"role": {Text: "sre"}, "count": {Number: 2}}
	s.Procedure.Steps[0].With = s.Procedure.Steps[0].With.Set("role", deployer.Value{Text: "nobody"})
	form, err = Confirm(r, c, previewOf(s, bottest.Ana), bottest.Ana, func() map[string]*deployer.Serving { return runs }, "*Not started.* Slack was silent.")
	bottest.GoldenView(t, "start-several", form, err)
}

func TestAConfirmationFitsWhateverTheProcedureSays(t *testing.T) {
	t.Parallel()
	c, s := asks(bottest.Web)
	for _, words := range bottest.NastyTexts {
		s.Procedure.Steps = nil
		for range 60 {
			s.Procedure.Steps = append(s.Procedure.Steps, deployer.Step{Title: words, Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: words}}})
		}
		s.Reason = words
		form, err := Confirm(formRenderer(), c, previewOf(s, bottest.Ana), bottest.Ana, nothingRuns, strings.Repeat(mrkdwn.Escape(words, 900), 9))
		if err != nil {
			t.Fatal(err)
		}
		if said := bottest.JSON(t, form); len(said) > mrkdwn.AckMax || strings.Contains(said, "<!channel") {
			t.Errorf("%.20q makes %d bytes", words, len(said))
		}
	}
	c.Inputs = map[string]string{"ticket": strings.Repeat("x", memoMax)}
	if _, err := Confirm(formRenderer(), c, previewOf(s, bottest.Ana), bottest.Ana, func() map[string]*deployer.Serving {
		t.Error("what runs is asked for a form that can't be drawn")
		return nil
	}, ""); !errors.Is(err, ErrMemoTooLong) {
		t.Errorf("a form that remembers too much is %v", err)
	}
}

// filled is a form that somebody has sent.
func filled(memo string, fields map[string]slack.BlockAction) slack.InteractionCallback {
	var c slack.InteractionCallback
	c.View.PrivateMetadata = memo
	c.View.State = &slack.ViewState{Values: map[string]map[string]slack.BlockAction{}}
	for block, one := range fields {
		c.View.State.Values[block] = map[string]slack.BlockAction{"any": one}
	}
	return c
}

func TestWhatAFormHoldsIsReadBack(t *testing.T) {
	t.Parallel()
	r := formRenderer()
	form, err := Draw(r, State{Target: tangerine, Service: bottest.Web}, false, nil, bottest.TenPM)
	if err != nil {
		t.Fatal(err)
	}
	chosen := func(v string) slack.BlockAction {
		return slack.BlockAction{SelectedOption: slack.OptionBlockObject{Value: v}}
	}
	typed := func(v string) slack.BlockAction { return slack.BlockAction{Value: v} }
	got, err := Parse(r, filled(form.PrivateMetadata, map[string]slack.BlockAction{
		BlockService: chosen(bottest.Web), BlockTag: typed(" v2 "), BlockMore: typed("orders v3 "), BlockEnv: chosen("prod"), BlockAt: typed(" 22:00"),
		view.BlockReason: typed(" stuck "), BlockInput + "risk": chosen("high"), BlockInput + "ticket": typed(" CHG-2 "), BlockInput + "team": typed(" "),
	}))
	want := State{
		Target: tangerine, Service: bottest.Web, Tag: "v2", More: "orders v3", Env: "prod", At: "22:00", Reason: "stuck",
		Inputs: map[string]string{"risk": "high", "ticket": "CHG-2"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := Parse(r, filled("no memo", nil)); err == nil {
		t.Error("a form without its memo is read")
	}
	if got := field.In(slack.InteractionCallback{}, BlockTag); got.Value != "" {
		t.Errorf("a form without fields holds %q", got.Value)
	}
}

// Slack takes a hundred options; with more services the search is ours. With
// procedures that differ, nothing of them is asked before a service is chosen.
func TestAFormAsksForNoMoreThanItKnows(t *testing.T) {
	t.Parallel()
	r := formRenderer()
	for i := range field.OptionsMax {
		r.Services[fmt.Sprint("service-", i)] = view.Service{Procedure: "other"}
	}
	form, err := Draw(r, State{Target: tangerine}, false, nil, bottest.TenPM)
	if err != nil {
		t.Fatal(err)
	}
	menu := form.Blocks.BlockSet[0].(*slack.InputBlock).Element.(*slack.SelectBlockElement)
	if menu.Type != slack.OptTypeExternal || len(menu.Options) > 0 {
		t.Errorf("the menu of services is %s with %d options", menu.Type, len(menu.Options))
	}
	for _, b := range form.Blocks.BlockSet {
		if strings.HasPrefix(b.ID(), BlockInput) || b.ID() == BlockAt {
			t.Errorf("it asks for %s", b.ID())
		}
	}
}

func TestWhatRunsNowIsSaidWhereItIsKnown(t *testing.T) {
	t.Parallel()
	run := &deployer.Serving{State: deployer.State{Version: "v1"}, Ready: 2, Total: 3}
	for _, c := range []struct {
		env  string
		run  *deployer.Serving
		want string
	}{
		{"", run, ""}, {"prod", run, "Runs now: `v1` · 2 of 3 ready"}, {"prod", nil, "What runs there now is not known: its system does not answer."},
	} {
		if got := RunsNow(State{Env: c.env}, c.run); got != c.want {
			t.Errorf("in %q: %q, want %q", c.env, got, c.want)
		}
	}
}

func previewOf(s deployer.Start, by deployer.Actor) preview.Preview {
	return preview.Of(s, preview.Facts{Now: bottest.TenPM, By: by})
}

func TestADryRunSaysWhatWouldHappen(t *testing.T) {
	t.Parallel()
	s := bottest.StartOf(bottest.Web, bottest.Orders)
	s.Releases[1] = deployer.Release{Service: bottest.Orders, Revision: "12"}
	s.Procedure.Steps = s.Procedure.Steps[:5]
	s.Procedure.After = []deployer.Step{
		{ID: "watch", Title: "No alert of {nobody} fires", Uses: "kubernetes.verify", Every: 15 * time.Minute, Lasts: 2 * time.Hour},
		{ID: "learned", Title: "It was talked about", Uses: deployer.KindConfirm, In: time.Hour},
	}
	got := DryRun(formRenderer(), previewOf(s, bottest.Bob), bottest.Bob)
	want := "*A rehearsal: nothing was started.*\n*decanting-service* to `24-02-05.619-hotfix.627`, *orders* to revision `12` in tangerine prod, by Standard deployment:\n" +
		"✓ Change control is followed – would ask *you*\n✓ Tech lead approves – would ask *Rosa (tech-lead)*\n✉ Deploy is starting – would post to <#CTANGERINEDEPLOYS>, <#CCHANGE>: ∗…∗ … → … is starting in … …, by ….\n" +
		"⚡ Roll out\n✓ Pods run the new version – would look\n" +
		"*After the end*\n✓ No alert of … fires – would look, every 15 min for 2 h\n✓ It was talked about – would ask *you*, 60 min after the end\nIf a step fails, there is a rollback of 2 steps."
	if got != want {
		t.Errorf("it says\n%s\nwant\n%s", got, want)
	}
}

func nothingRuns() map[string]*deployer.Serving { return nil }

// An input is asked as soon as what was filled in before makes it so.
func TestFieldsAreAskedAsTheyAreNeeded(t *testing.T) {
	t.Parallel()
	r := formRenderer()
	p := r.Procedures["deployment"]
	p.Inputs = []deployer.Input{{ID: "risk", Options: []string{"low", "high"}, Default: "low"}, {ID: "why", When: `inputs.risk == "high"`}, {ID: "who", OptionsOf: "retailers"}}
	r.Procedures["deployment"], r.Language = p, riskLanguage{}
	asks := func(risk string) string {
		form, err := Draw(r, State{Target: tangerine, Inputs: map[string]string{"risk": risk}}, false, nil, bottest.TenPM)
		if err != nil {
			t.Fatal(err)
		}
		return bottest.JSON(t, form)
	}
	if low := asks("low"); strings.Contains(low, "input/why") || !strings.Contains(low, `"dispatch_action":true,"element":{"type":"radio_buttons"`) && !strings.Contains(low, "input/risk") {
		t.Errorf("of low risk it asks %s", low)
	}
	bottest.Contains(t, asks("high"), "input/why", `"value":"plum"`)
}

// riskLanguage knows whether the risk is high, and two retailers.
type riskLanguage struct{ deployer.Language }

func (riskLanguage) Compute(_ string, as deployer.ParamType, at deployer.Moment) (deployer.Value, error) {
	if as == deployer.TypeList {
		return deployer.Value{List: []string{"lemon", "plum"}}, nil
	}
	return deployer.Value{Flag: at.Deployment.Inputs["risk"] == "high"}, nil
}

func newYork() *time.Location {
	z, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return z
}
