package view

import (
	"encoding/json"
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
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/preview"
)

// formRenderer knows two services that follow one procedure, with an input of
// every kind and a planned start.
func formRenderer() Renderer {
	p := bottest.Procedure()
	p.Inputs = []deployer.Input{
		{ID: "risk", Label: "Risk", Options: []string{"low", "high"}, Default: "low"},
		{ID: "team", Label: "Team", Options: []string{"a", "b", "c", "d", "e"}, Required: true, Default: "b"},
		{ID: "ticket", Default: "CHG-1"},
		{ID: "long", Label: "Long", Options: []string{strings.Repeat("x", field.OptionValueMax+1), "y"}},
	}
	p.Steps = slices.Insert(p.Steps, 2, deployer.Step{ID: "planned-start", Title: "The planned start", Uses: deployer.KindWait, With: deployer.Values{"until": {Text: deployer.UntilPlanned}}})
	return Renderer{
		Names: bottest.PhoneBook{}, Command: "/deploy",
		Retailers:  map[string]Retailer{"tangerine": {Zone: newYork(), Environments: map[string]Environment{"prod": {Default: true}, "staging": {}}}},
		Services:   map[string]Service{bottest.Web: {Procedure: "deployment"}, bottest.Orders: {Procedure: "deployment"}},
		Procedures: map[string]deployer.Procedure{"deployment": p},
	}
}

var tangerine = FormTarget{Channel: bottest.DeploysID, Retailer: "tangerine"}

func TestFormsReadAsInTheirFiles(t *testing.T) {
	t.Parallel()
	r := formRenderer()
	form, err := r.Form(FormState{FormTarget: tangerine}, false, FieldNotes{BlockEnv: "Runs now: `v1`"}, bottest.TenPM)
	bottest.GoldenView(t, "deploy", form, err)
	form, err = r.Form(FormState{FormTarget: tangerine, Service: bottest.Web, Tag: "v2"}, true, nil, bottest.TenPM)
	bottest.GoldenView(t, "deploy-listed-tags", form, err)
	r.Procedures["train"] = deployer.Procedure{ID: "train", Title: "Release train", Services: deployer.ServicesNone, Inputs: []deployer.Input{
		{ID: "client", Label: "For clients", Kind: deployer.InputBoolean, Default: "true", Help: "They are told."}, {ID: "when", Kind: deployer.InputTime, When: "inputs.client"},
	}}
	form, err = r.Form(FormState{FormTarget: tangerine, Procedure: "train"}, false, nil, bottest.TenPM)
	bottest.GoldenView(t, "without-services", form, err)
	bottest.GoldenView(t, "where", r.WhereForm([]Scope{{Channel: bottest.DeploysID, Retailer: "tangerine", Name: "tangerine-deploys"}}), nil)
	bottest.GoldenView(t, "notice", Notice("Not there", "That deployment is *gone*."), nil)
}

// asks is a form that asks for these services to be confirmed.
func asks(services ...string) (Confirmation, deployer.Start) {
	s := bottest.StartOf(services...)
	s.Planned = bottest.TenPM.Add(26 * time.Hour)
	s.Procedure.Steps = slices.Insert(s.Procedure.Steps, 2, deployer.Step{ID: "planned-start", Title: "The planned start", Uses: deployer.KindWait, With: deployer.Values{"until": {Text: deployer.UntilPlanned}}})
	c := Confirmation{FormState: FormState{FormTarget: tangerine, Service: services[0], Tag: s.Releases[0].Tag, Env: "prod"}, Form: "V1"}
	return c, s
}

func TestConfirmationsReadAsInTheirFiles(t *testing.T) {
	t.Parallel()
	r := formRenderer()
	c, s := asks(bottest.Web)
	runs := map[string]*deployer.Serving{bottest.Web: {State: deployer.State{Version: "24-02-01.602"}}}
	form, err := r.ConfirmForm(c, previewOf(s, bottest.Ana), bottest.Ana, func() map[string]*deployer.Serving { return runs }, "")
	bottest.GoldenView(t, "start", form, err)

	c, s = asks(bottest.Web, bottest.Orders)
	runs[bottest.Web].State.Version = c.Tag // web runs it already; which version of orders runs is not known
	s.Procedure.Steps[1].With = deployer.Values{"role": {Text: "sre"}, "count": {Number: 2}}
	s.Procedure.Steps[0].With = s.Procedure.Steps[0].With.Set("role", deployer.Value{Text: "nobody"})
	form, err = r.ConfirmForm(c, previewOf(s, bottest.Ana), bottest.Ana, func() map[string]*deployer.Serving { return runs }, "*Not started.* Slack was silent.")
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
		form, err := formRenderer().ConfirmForm(c, previewOf(s, bottest.Ana), bottest.Ana, nothingRuns, strings.Repeat(mrkdwn.Escape(words, 900), 9))
		if err != nil {
			t.Fatal(err)
		}
		if said := bottest.JSON(t, form); len(said) > mrkdwn.AckMax || strings.Contains(said, "<!channel") {
			t.Errorf("%.20q makes %d bytes", words, len(said))
		}
	}
	c.Inputs = map[string]string{"ticket": strings.Repeat("x", memoMax)}
	if _, err := formRenderer().ConfirmForm(c, previewOf(s, bottest.Ana), bottest.Ana, func() map[string]*deployer.Serving {
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
	for block, field := range fields {
		c.View.State.Values[block] = map[string]slack.BlockAction{"any": field}
	}
	return c
}

func TestWhatAFormHoldsIsReadBack(t *testing.T) {
	t.Parallel()
	r := formRenderer()
	form, err := r.Form(FormState{FormTarget: tangerine, Service: bottest.Web}, false, nil, bottest.TenPM)
	if err != nil {
		t.Fatal(err)
	}
	chosen := func(v string) slack.BlockAction {
		return slack.BlockAction{SelectedOption: slack.OptionBlockObject{Value: v}}
	}
	typed := func(v string) slack.BlockAction { return slack.BlockAction{Value: v} }
	got, err := r.ParseForm(filled(form.PrivateMetadata, map[string]slack.BlockAction{
		BlockService: chosen(bottest.Web), BlockTag: typed(" v2 "), BlockMore: typed("orders v3 "), BlockEnv: chosen("prod"), BlockAt: typed(" 22:00"),
		BlockReason: typed(" stuck "), BlockInput + "risk": chosen("high"), BlockInput + "ticket": typed(" CHG-2 "), BlockInput + "team": typed(" "),
	}))
	want := FormState{
		FormTarget: tangerine, Service: bottest.Web, Tag: "v2", More: "orders v3", Env: "prod", At: "22:00", Reason: "stuck",
		Inputs: map[string]string{"risk": "high", "ticket": "CHG-2"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := r.ParseForm(filled("no memo", nil)); err == nil {
		t.Error("a form without its memo is read")
	}
	if got := FieldOf(slack.InteractionCallback{}, BlockTag); got.Value != "" {
		t.Errorf("a form without fields holds %q", got.Value)
	}
}

// Slack takes a hundred options; with more services the search is ours. With
// procedures that differ, nothing of them is asked before a service is chosen.
func TestAFormAsksForNoMoreThanItKnows(t *testing.T) {
	t.Parallel()
	r := formRenderer()
	for i := range field.OptionsMax {
		r.Services[fmt.Sprint("service-", i)] = Service{Procedure: "other"}
	}
	form, err := r.Form(FormState{FormTarget: tangerine}, false, nil, bottest.TenPM)
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

func TestTheEnvironmentThatIsMeantIsTheDefaultOrTheOnlyOne(t *testing.T) {
	t.Parallel()
	for want, envs := range map[string]map[string]Environment{
		"prod": {"prod": {Default: true}, "a": {}}, "only": {"only": {}}, "": {"a": {}, "b": {}},
	} {
		if got, ok := DefaultEnvironment(envs); got != want || ok != (want != "") {
			t.Errorf("of %v it is %q, %t", envs, got, ok)
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
		if got := RunsNow(FormState{Env: c.env}, c.run); got != c.want {
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
	got := formRenderer().DryRun(previewOf(s, bottest.Bob), bottest.Bob)
	want := "*A rehearsal: nothing was started.*\n*decanting-service* to `24-02-05.619-hotfix.627`, *orders* to revision `12` in tangerine prod, by Standard deployment:\n" +
		"✓ Change control is followed – would ask *you*\n✓ Tech lead approves – would ask *Rosa (tech-lead)*\n✉ Deploy is starting – would post to <#CTANGERINEDEPLOYS>, <#CCHANGE>: ∗…∗ … → … is starting in … …, by ….\n" +
		"⚡ Roll out\n✓ Pods run the new version – would look\n" +
		"*After the end*\n✓ No alert of … fires – would look, every 15 min for 2 h\n✓ It was talked about – would ask *you*, 60 min after the end\nIf a step fails, there is a rollback of 2 steps."
	if got != want {
		t.Errorf("it says\n%s\nwant\n%s", got, want)
	}
}

func TestButtonsThatNeedAReasonSaySo(t *testing.T) {
	t.Parallel()
	for verb, want := range map[string]string{ActionReject: "Say in a few words what is wrong.", ActionSkip: "Say in a few words why it can be done without.", ActionStop: ""} {
		if got, needed := ReasonNeeded(verb); got != want || needed != (want != "") {
			t.Errorf("%s needs one: %t, %q", verb, needed, got)
		}
	}
	d := bottest.Confirmed(t).Deployment()
	bottest.Contains(t, plainRenderer.ReasonAbout(ActionReject, d, *d.Step("approve")), "*Ana* asks to deploy", "Rejecting ends it. Nothing was rolled out yet")
	d.Part = deployer.PartRollback
	bottest.Contains(t, plainRenderer.ReasonAbout(ActionReject, d, *d.Step("approve")), "Rejecting ends the rollback where it is now.")
}

func TestSuggestionsTravelAsAList(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(field.Suggestions(field.TagOptions("v1", []string{"v1.0", "v2", "v1.1"})))
	if want := `"value":"v1.0"`; err != nil || !strings.Contains(string(got), want) || strings.Contains(string(got), `"v2"`) {
		t.Errorf("%v: %s", err, got)
	}
	bottest.Contains(t, bottest.JSON(t, field.Suggestions(field.TagOptions("v2.1", []string{"v2.0"}))), "v2.0 · did you mean this?", "v2.1 · as typed")
}

func nothingRuns() map[string]*deployer.Serving { return nil }
