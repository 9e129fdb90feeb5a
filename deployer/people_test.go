package deployer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/catalog"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// asking is a procedure of one step of a kind of the catalog.
func asking(uses string, with deployer.Values, change ...func(*deployer.Step)) deployer.Procedure {
	s := deployer.Step{ID: "s", Title: "S", Uses: uses, With: with}
	for _, c := range change {
		c(&s)
	}
	return deployer.Procedure{Kinds: catalog.Kinds(), Steps: []deployer.Step{s}}
}

func fills(values map[string]string) deployer.Answer {
	a := presses("s")
	a.Values = values
	return a
}

func TestWhatIsFilledInIsChecked(t *testing.T) {
	t.Parallel()
	in := func(i deployer.Input) deployer.Input {
		i.ID, i.Label = "x", "The X"
		return i
	}
	for _, c := range []struct {
		in      deployer.Input
		value   string
		refused string
	}{
		{in(deployer.Input{Required: true}), " ", "“The X” is missing."},
		{in(deployer.Input{}), "", ""},
		{in(deployer.Input{Kind: deployer.InputNumber}), "1.5", "“The X” is a whole number; “1.5” is none."},
		{in(deployer.Input{Kind: deployer.InputNumber}), "-12", ""},
		{in(deployer.Input{Kind: deployer.InputBoolean}), "maybe", "is yes or no"},
		{in(deployer.Input{Kind: deployer.InputTime}), "tomorrow", "is a time such as"},
		{in(deployer.Input{Kind: deployer.InputTime}), "2026-11-21T02:00:00Z", ""},
		{in(deployer.Input{Kind: deployer.InputDuration}), "90", "is a duration such as 1h30m"},
		{in(deployer.Input{Kind: deployer.InputLink}), "javascript:alert(1)", "is a link that begins with"},
		{in(deployer.Input{Kind: deployer.InputLink}), "https://a:b@c.example", "without a password"},
		{in(deployer.Input{Kind: deployer.InputLink}), "https://c.example/x", ""},
		{in(deployer.Input{Kind: deployer.InputChoice, Options: []string{"a", "b"}}), "c", "is not a value of “The X”. It is one of: a, b."},
		{in(deployer.Input{Options: []string{"a", "b"}, Many: true}), "a\nb", ""},
		{in(deployer.Input{Options: []string{"a", "b"}, Many: true}), "a\nc", `"c" is not a value`},
		{in(deployer.Input{Pattern: "^[A-Z]+-[0-9]+$"}), "cc1", "“The X” can't be “cc1”. It has to match ^[A-Z]+-[0-9]+$"},
	} {
		s := speaks(t, asking("ask", deployer.Values{"inputs": {Inputs: []deployer.Input{c.in}}}), nil, "web")
		if fields := deployer.FieldsOf(*s.d.Step("s"), ""); len(fields) != 1 || fields[0].Label != "The X" {
			t.Fatalf("asked are %+v", fields)
		}
		if c.refused != "" {
			s.refuses(ana, fills(map[string]string{"x": c.value}), c.refused)
			continue
		}
		s.does(ana, fills(map[string]string{"x": c.value, "unasked": "y"})).is("s=done")
		if _, kept := s.d.Step("s").Values["unasked"]; kept {
			t.Error("what nobody asked for is kept")
		}
	}
}

func TestWhatPeopleFilledInIsLeftBehind(t *testing.T) {
	t.Parallel()
	ask := asking("ask", deployer.Values{"inputs": {Inputs: []deployer.Input{
		{ID: "n", Kind: deployer.InputNumber}, {ID: "b", Kind: deployer.InputBoolean}, {ID: "t", Kind: deployer.InputTime}, {ID: "d", Kind: deployer.InputDuration, Default: "1h"}, {ID: "l", Many: true}, {ID: "x"},
	}}}, func(s *deployer.Step) { s.Timeout = time.Minute })
	s := speaks(t, ask, nil, "web").does(ana, fills(map[string]string{"n": "3", "b": "true", "t": "2026-11-21T02:00:00Z", "l": "a\n\n b"}))
	out := deployer.Outputs(s.d, *s.d.Step("s"), "")
	if out["n"].Number != 3 || !out["b"].Flag || !out["t"].Time.Equal(dawn) || !slices.Equal(out["l"].List, []string{"a", "b"}) || len(out) != 4 {
		t.Errorf("left behind is %+v", out)
	}
	// Nobody comes: the defaults are taken, where there is one for all that it has to have.
	s = speaks(t, ask, nil, "web")
	s.now = dawn.Add(time.Minute)
	s.does(engine, deployer.Expire{Step: "s", Attempt: 1}).is("s=done")
	if out := deployer.Outputs(s.d, *s.d.Step("s"), ""); out["d"].Duration != time.Hour || len(out) != 1 {
		t.Errorf("by default left behind is %+v", out)
	}
	required := asking("ask", deployer.Values{"inputs": {Inputs: []deployer.Input{{ID: "n", Required: true}}}}, func(s *deployer.Step) { s.Timeout = time.Minute })
	s = speaks(t, required, nil, "web")
	s.now = dawn.Add(time.Minute)
	s.does(engine, deployer.Expire{Step: "s", Attempt: 1}).is("s=failed")
}

func TestAChoiceMayWantAReason(t *testing.T) {
	t.Parallel()
	rows := []map[string]string{{"id": "train", "label": "Next train"}, {"id": "no", "label": "Not needed", "reason": "true"}}
	p := asking("decide", deployer.Values{"choices": {Rows: rows}, "default": {Text: "train"}}, func(s *deployer.Step) { s.EachOf, s.Deadline = "who", "now + 1m" })
	s := speaks(t, p, map[string]string{"who": "lemon, plum"}, "web")
	lemon := fills(map[string]string{"choice": "no"})
	lemon.Item = "lemon"
	s.refuses(ana, lemon, "“Not needed” needs a reason.")
	s.refuses(ana, fills(map[string]string{"choice": "hm"}), `"hm" is not a value of “Choice”`)
	s.refuses(eve, lemon, "Only")
	lemon.Values["reason"] = "It has it."
	s.does(ana, lemon).is("s=active")
	s.now = dawn.Add(time.Minute)
	s.does(engine, deployer.Expire{Step: "s", Attempt: 1}).is("s=done")
	for item, want := range map[string]string{"lemon": "no It has it.", "plum": "train "} {
		out := deployer.Outputs(s.d, *s.d.Step("s"), item)
		if got := out["choice"].Text + " " + out["reason"].Text; got != want {
			t.Errorf("%s: %q, want %q", item, got, want)
		}
	}
}

func TestSomebodyOfEachRoleHasToBeThere(t *testing.T) {
	t.Parallel()
	s := speaks(t, asking("call", deployer.Values{"roles": {List: []string{"tech-lead", "sre"}}}), nil, "web")
	asks := 0
	keys := map[string]bool{}
	for _, m := range s.messages {
		if m.Kind == deployer.MessageAsk {
			asks, keys[m.DedupKey] = asks+1, true
		}
	}
	if asks != 2 || len(keys) != 2 {
		t.Errorf("%d are called, by %v", asks, keys)
	}
	s.refuses(eve, presses("s"), "“S” waits for tech-lead and sre.")
	s.does(bob, presses("s")).is("s=active")
	if out := deployer.Outputs(s.d, *s.d.Step("s"), ""); !slices.Equal(out["present"].List, []string{"Bob"}) || !slices.Equal(out["missing"].List, []string{"sre"}) {
		t.Errorf("there is %+v", out)
	}
	s.refuses(tina, presses("s"), "“S” waits for sre.")
	s.does(rosa, presses("s")).is("s=done")
	s = speaks(t, asking("call", deployer.Values{"roles": {List: []string{"tech-lead", "sre"}}}), nil, "web").does(rosa, presses("s")).is("s=done")
	if out := deployer.Outputs(s.d, *s.d.Step("s"), ""); !slices.Equal(out["present"].List, []string{"Rosa"}) {
		t.Errorf("there is %+v", out)
	}
}

// Whoever holds both roles was counted for the first of them, and the other one was
// awaited for ever.
func TestEachOfSeveralRolesApproves(t *testing.T) {
	t.Parallel()
	p := asking(deployer.KindApprove, deployer.Values{"roles": {Counts: map[string]int{"sre": 1, "tech-lead": 1}}})
	yes := func(s *spoken) deployer.Answer {
		return deployer.Answer{Step: "s", Attempt: 1, Choice: deployer.ChoiceApprove, Subject: s.d.Subject().Hash()}
	}
	for _, order := range [][]deployer.Actor{{rosa, bob}, {bob, rosa}} {
		s := speaks(t, p, nil, "web")
		s.refuses(eve, yes(s), "Only sre or tech-lead can decide")
		s.does(order[0], yes(s)).is("s=active")
		s.refuses(order[0], yes(s), "You have approved already.")
		s.does(order[1], yes(s)).is("s=done")
	}
	s := speaks(t, p, nil, "web")
	s.does(bob, yes(s))
	if missing := deployer.MissingApprovals(s.d, *s.d.Step("s")); !slices.Equal(missing, []string{"sre"}) {
		t.Errorf("missing is %v", missing)
	}
	s.does(tina, yes(s)).is("s=active") // two tech leads are no sre
}

func TestASystemThatIsNotThereIsDoneByHand(t *testing.T) {
	t.Parallel()
	hand := func(s *deployer.Step) {
		s.Hand, s.Fields = true, []deployer.Input{{ID: "key", Label: "Key", Required: true}}
	}
	p := asking("jira.ticket", deployer.Values{"project": {Text: "CC"}, "summary": {Text: "{what}"}}, hand)
	s := speaks(t, p, nil, "web")
	if len(s.wanted()) > 0 || !s.d.AwaitsPerson(*s.d.Step("s")) {
		t.Fatal("nobody is asked")
	}
	s.refuses(ana, presses("s"), "“Key” is missing.")
	s.refuses(eve, fills(map[string]string{"key": "CC-1"}), "Only Ana")
	s.does(ana, fills(map[string]string{"key": "CC-1"})).is("s=done")
	if out := deployer.Outputs(s.d, *s.d.Step("s"), ""); out["key"].Text != "CC-1" {
		t.Errorf("left behind is %+v", out)
	}
	optional := asking("jira.ticket", nil, hand, func(s *deployer.Step) { s.OnFailure = deployer.FailureContinue })
	s = speaks(t, optional, nil, "web").is("s=not-needed")
	if why := s.d.Step("s").Why; why != "jira.ticket is not configured, and it can be done without." {
		t.Errorf("it is not needed because %q", why)
	}
	if why, left := deployer.LeftOut(deployer.Step{Uses: "grafana.check", Hand: true, Every: 15 * time.Minute}); !left || why != "grafana.check is not configured, and nobody is asked every 15m." {
		t.Errorf("what is looked at again and again is not left out: %q", why)
	}
	if _, left := deployer.LeftOut(deployer.Step{Uses: "grafana.check", Every: 15 * time.Minute}); left {
		t.Error("what a system looks at is left out")
	}
	// What leaves something behind for each service is asked for each.
	each := asking("registry.check", nil, func(s *deployer.Step) { s.Hand, s.Fields = true, []deployer.Input{{ID: "digest"}} })
	s = speaks(t, each, nil, "web", "api")
	if asked := deployer.AskedOf(s.d, *s.d.Step("s")); !slices.Equal(asked, []string{"web", "api"}) {
		t.Errorf("asked for is %v", asked)
	}
	speaks(t, asking("registry.check", nil, func(s *deployer.Step) { s.Hand = true }), nil, "web", "api").does(ana, presses("s")).is("s=done")
}

func TestEvidenceIsGiven(t *testing.T) {
	t.Parallel()
	p := asking(deployer.KindConfirm, deployer.Values{"evidence": {Text: "link"}, "items": {Items: []deployer.Item{{Title: "Logs of {what}", Evidence: "text"}, {Title: "Other"}}}})
	s := speaks(t, p, nil, "web")
	if fields := deployer.FieldsOf(*s.d.Step("s"), ""); len(fields) != 2 || fields[1].Label != "Logs of web v2" {
		t.Fatalf("asked are %+v", fields)
	}
	s.refuses(ana, fills(map[string]string{"evidence": "https://x.example"}), "nobody has ticked “Other”.")
	s.refuses(ana, fills(map[string]string{"evidence": "https://x.example", "tick-2": "true"}), "“Logs of web v2” is missing.")
	s.does(ana, fills(map[string]string{"evidence": "https://x.example", "evidence-1": "clean", "tick-2": "true"})).is("s=done")
	if out := deployer.Outputs(s.d, *s.d.Step("s"), ""); out["evidence"].Text != "https://x.example\nclean" {
		t.Errorf("left behind is %+v", out)
	}
}

// Of several that a step is done for, each is asked for its own evidence.
func TestEvidenceIsOfEachMember(t *testing.T) {
	t.Parallel()
	p := asking(deployer.KindConfirm, deployer.Values{"items": {Items: []deployer.Item{{Title: "Logs of {each}", Evidence: "text"}}}}, func(s *deployer.Step) { s.Each = []string{"lemon", "plum"} })
	s := speaks(t, p, nil, "web")
	plum := fills(nil)
	plum.Item = "plum"
	if fields := deployer.FieldsOf(*s.d.Step("s"), "plum"); len(fields) != 1 || fields[0].Label != "Logs of plum" {
		t.Errorf("asked are %+v", fields)
	}
	s.refuses(ana, plum, "“Logs of plum” is missing.")
}

func TestWordsAreReadFirstAndGoOutWhenTheirTimeIsOver(t *testing.T) {
	t.Parallel()
	announce := func(to string) deployer.Procedure {
		p := asking(deployer.KindAnnounce, deployer.Values{"message": {Text: "m"}, "to": {List: []string{to}}, "review": {Text: "sre"}}, func(s *deployer.Step) { s.Deadline = "now + 1m" })
		p.Messages = map[string]string{"m": "{what} to {channel.name}"}
		return p
	}
	names := map[string]string{"channel.name": "all"}
	s := speaks(t, announce("change"), names, "web").is("s=active")
	if words, args := telling.Proposal(s.d, *s.d.Step("s")); words != "{what} to {channel.name}" || args["channel.name"] != "all" || args["what"] != "web v2" {
		t.Errorf("proposed is %q with %v", words, args)
	}
	send := deployer.Answer{Step: "s", Attempt: 1, Choice: deployer.ChoiceSend, Values: deployer.ClientWords("Hello *all*")}
	s.refuses(bob, send, "Only sre can say what is told.")
	if tells(s.messages, "m") {
		t.Error("it went out unread")
	}
	early := speaks(t, announce("change"), names, "web").does(rosa, send)
	if m := told(early.messages, "m"); !m.Plain || m.Words != "Hello *all*" {
		t.Errorf("told is %+v", m)
	}
	s.now = dawn.Add(time.Minute)
	s.does(engine, deployer.Expire{Step: "s", Attempt: 1}).is("s=active")
	if m := told(s.messages, "m"); m.Plain || !strings.HasPrefix(m.Words, "{what} to {channel.name}") || m.Args["channel.name"] != "all" {
		t.Errorf("told is %+v", m)
	}
	s.does(engine, deployer.Deliver{Kind: "m", Post: deployer.Post{DedupKey: "s/change", Channel: "C2", TS: "1"}}).is("s=done")

	clients := speaks(t, announce(deployer.ChannelClients), names, "web")
	clients.now = dawn.Add(time.Minute)
	clients.does(engine, deployer.Expire{Step: "s", Attempt: 1}).is("s=failed")
	if tells(clients.messages, "m") {
		t.Error("clients read what nobody has read before")
	}
}

// told is the last message of a kind.
func told(all []deployer.Message, kind string) deployer.Message {
	for _, m := range slices.Backward(all) {
		if m.Kind == kind {
			return m
		}
	}
	return deployer.Message{}
}

func TestWhatIsToldOfAFailureIsReadByTheLanguage(t *testing.T) {
	t.Parallel()
	p := asking(deployer.KindCheck, deployer.Values{"that": {Text: "false"}})
	p.Failure = deployer.Failure{Message: "failed", To: []string{"change"}}
	p.Messages = map[string]string{"failed": "{step}: {inputs.cause}"}
	s := speaks(t, p, map[string]string{"inputs.cause": "disk"}, "web")
	if m := told(s.messages, deployer.MessageFailed); m.Args["inputs.cause"] != "disk" || m.Args["step"] != "S" {
		t.Errorf("told is %+v", m)
	}
	p.Messages = map[string]string{"failed": "{step} {fail hm}"}
	if m := told(speaks(t, p, nil, "web").messages, deployer.MessageFailed); m.Args["step"] != "S" {
		t.Errorf("told is %+v", m)
	}
}

// What was given at the start is held against the options of each input: of several, each
// by itself; of what may be left empty, nothing.
func TestInputsAreOneOfTheirOptions(t *testing.T) {
	t.Parallel()
	one, many := deployer.Input{ID: "x", Options: []string{"a", "b"}}, deployer.Input{ID: "x", Options: []string{"a", "b"}, Many: true}
	must := one
	must.Required = true
	for _, c := range []struct {
		in    deployer.Input
		given string
		no    string // what is said instead
	}{
		{one, "a", ""},
		{one, "", ""},
		{one, "c", `"c" is not a value of the input x.`},
		{one, "a\nb", `"a\nb" is not a value of the input x.`},
		{must, " ", "The input x is missing."},
		{many, "a", ""},
		{many, "a\nb", ""},
		{many, "a\nc", `"c" is not a value of the input x.`},
	} {
		_, _, err := telling.Decide(deployer.Deployment{}, deployer.Order{By: ana, Command: deployer.Start{
			Procedure: deployer.Procedure{ID: "p", Inputs: []deployer.Input{c.in}}, Releases: []deployer.Release{{Service: "web", Tag: "v2"}}, Inputs: map[string]string{"x": c.given},
		}}, deployer.Facts{Now: dawn, ID: "tangerine-1"})
		if said := fmt.Sprint(err); c.no == "" && err != nil || !strings.Contains(said, c.no) {
			t.Errorf("%q is answered with %s, want %q", c.given, said, c.no)
		}
	}
}
