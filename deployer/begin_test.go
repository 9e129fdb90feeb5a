package deployer_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// A spoken deployment is driven with a language, by a clock that is set.
type spoken struct {
	t        testing.TB
	d        deployer.Deployment
	now      time.Time
	language deployer.Language
	events   []deployer.Event
	messages []deployer.Message
}

// speaks begins a procedure for some services, with values for what it names.
func speaks(t testing.TB, p deployer.Procedure, names map[string]string, services ...string) *spoken {
	t.Helper()
	s := &spoken{t: t, now: dawn, language: deployertest.Language{Names: names}}
	p.ID, p.Unapproved = "p", "x"
	start := deployer.Start{Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p, Channels: map[string]string{"deploys": "C1", "change": "C2", "clients": "C3"}}
	var targets []deployer.Target
	for _, name := range services {
		start.Releases = append(start.Releases, deployer.Release{Service: name, Tag: "v2"})
		targets = append(targets, deployer.Target{Service: name, Runner: "kubernetes", Before: runsV1, After: runsV2})
	}
	return s.does(ana, start).does(engine, deployer.Resolve{Targets: targets})
}

func (s *spoken) decide(by deployer.Actor, c deployer.Command) error {
	events, messages, err := telling.Decide(s.d, deployer.Order{By: by, Command: c}, deployer.Facts{
		Now: s.now, ID: "tangerine-1", Person: deployer.Person{Roles: roles[by.ID]}, Language: s.language,
	})
	if err == nil {
		s.d, s.events, s.messages = deployer.Fold(s.d, events...), append(s.events, events...), append(s.messages, messages...)
	}
	return err
}

// does gives an order, and folds again without a language what has come of all.
func (s *spoken) does(by deployer.Actor, c deployer.Command) *spoken {
	s.t.Helper()
	if err := s.decide(by, c); err != nil {
		s.t.Fatalf("%T: %v", c, err)
	}
	if again := deployer.Fold(deployer.Deployment{}, s.events...); !reflect.DeepEqual(again, s.d) {
		s.t.Fatal("folding again gives something else")
	}
	return s
}

// refuses gives an order that is not taken, and says so in these words.
func (s *spoken) refuses(by deployer.Actor, c deployer.Command, part string) {
	s.t.Helper()
	if err := s.decide(by, c); err == nil || !strings.Contains(err.Error(), part) {
		s.t.Errorf("%+v is answered with %v, want %q", c, err, part)
	}
}

// rolls has effects begin and end.
func (s *spoken) rolls(result deployer.Result, keys ...string) *spoken {
	s.t.Helper()
	for _, key := range keys {
		s.does(engine, look(key, deployer.ObservedAbsent, runsV1))
	}
	for _, key := range keys {
		s.does(engine, deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: result, Why: "so", Outputs: deployer.Values{"number": {Number: 7}}}})
	}
	return s
}

// is checks where steps stand, as ID=status.
func (s *spoken) is(want ...string) *spoken {
	s.t.Helper()
	for _, w := range want {
		id, status, _ := strings.Cut(w, "=")
		if got := s.d.Step(id); string(got.Status) != status {
			s.t.Errorf("%s is %s because %q, want %s", id, got.Status, got.Why, status)
		}
	}
	return s
}

func (s *spoken) wanted() []string {
	var keys []string
	for _, w := range deployer.Next(s.d, s.now).Effects {
		keys = append(keys, w.Key)
	}
	return keys
}

func (s *spoken) saw(of string) deployer.ConditionSeen {
	for _, e := range s.events {
		if e, ok := e.(deployer.ConditionSeen); ok && (e.Step == of || e.Phase == of) {
			return e
		}
	}
	return deployer.ConditionSeen{}
}

func presses(step string) deployer.Answer {
	return deployer.Answer{Step: step, Attempt: 1, Choice: deployer.ChoiceDone}
}

// confirms is a step that somebody confirms.
func confirms(id string, change ...func(*deployer.Step)) deployer.Step {
	s := deployer.Step{ID: id, Title: id, Uses: deployer.KindConfirm}
	for _, c := range change {
		c(&s)
	}
	return s
}

func TestPhasesOfOneTitleAreTwo(t *testing.T) {
	t.Parallel()
	in := func(phase string) func(*deployer.Step) { return func(s *deployer.Step) { s.Phase = phase } }
	speaks(t, deployer.Procedure{
		Phases: []deployer.Phase{{ID: "one", Title: "Checked", When: "inputs.risk"}, {ID: "two", Title: "Checked", When: "!inputs.risk"}},
		Steps:  []deployer.Step{confirms("a", in("one")), confirms("b", in("two"))},
	}, map[string]string{"inputs.risk": "false"}, "web").is("a=not-needed", "b=active")
}

func TestAPhaseIsAskedOnceWhetherItIsNeeded(t *testing.T) {
	t.Parallel()
	in := func(phase string) func(*deployer.Step) { return func(s *deployer.Step) { s.Phase = phase } }
	after := func(id string) func(*deployer.Step) {
		return func(s *deployer.Step) { s.Needs = []string{id} }
	}
	p := deployer.Procedure{
		Phases: []deployer.Phase{{ID: "one", Title: "One", When: "inputs.risk", Else: "Low risk for {service.name}"}, {ID: "two", Title: "Two", When: "!inputs.risk"}},
		Steps: []deployer.Step{
			confirms("a", in("one")), confirms("b", in("one"), after("a"), func(s *deployer.Step) { s.When = "fail it is never asked" }), confirms("c", in("two"), after("b")),
		},
	}
	s := speaks(t, p, map[string]string{"inputs.risk": "false", "service.name": "web"}, "web").is("a=not-needed", "b=not-needed", "c=active")
	if why := s.d.Step("b").Why; why != "Low risk for web" {
		t.Errorf("it is not needed because %q", why)
	}
	if seen := s.saw("one"); seen.Is != deployer.Fails || !maps.Equal(seen.Saw, map[string]string{"inputs.risk": "false"}) {
		t.Errorf("it saw %+v", seen)
	}
	n := 0
	for _, e := range s.events {
		if _, ok := e.(deployer.ConditionSeen); ok {
			n++
		}
	}
	if n != 2 || s.d.Phases["two"] != deployer.Holds {
		t.Errorf("%d conditions were asked, and the phases are %v", n, s.d.Phases)
	}

	// One that can't be told is decided at its first step, for all of them.
	s = speaks(t, p, map[string]string{"inputs.risk": "fail risk is not known"}, "web").is("a=interrupted", "b=pending")
	if why := s.d.Step("a").Why; !strings.Contains(why, "risk is not known") {
		t.Errorf("it is interrupted because %q", why)
	}
	s.does(ana, deployer.Answer{Step: "a", Attempt: 1, Choice: deployer.ChoiceRetry}).is("a=active")
}

func TestWhatAStepComesToIsKept(t *testing.T) {
	t.Parallel()
	probe := deployer.Kind{
		Name: "probe.http", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads,
		Params: []deployer.Param{{Name: "url", Type: deployer.TypeURL}, {Name: "output", Type: deployer.TypePattern}},
	}
	p := deployer.Procedure{Kinds: []deployer.Kind{probe}, Steps: []deployer.Step{
		{
			ID: "health", Title: "{what} is well", Expect: "Well in {retailer.name}, since {now}", How: "curl {{url}} {\"a\": 1}", Uses: "probe.http", EachOf: deployer.EachService,
			Links: []deployer.Item{{Title: "Dashboard", Link: "https://x/{what}"}}, With: deployer.Values{"url": {Text: "https://{service}.example"}, "output": {Text: "a{2}"}},
		},
		confirms("plain", func(s *deployer.Step) { s.Needs = []string{"health"} }),
	}}
	s := speaks(t, p, map[string]string{"retailer.name": "Tangerine"}, "web", "api")
	h := s.d.Step("health")
	if h.Title != "web v2, api v2 is well" || h.Expect != "Well in Tangerine, since 21 Nov 02:00 UTC" || h.How != `curl {url} {"a": 1}` || h.Links[0].Link != "https://x/web v2, api v2" {
		t.Errorf("people read %q, %q, %q, %v", h.Title, h.Expect, h.How, h.Links)
	}
	var urls []string
	for _, w := range deployer.Next(s.d, dawn).Effects {
		urls = append(urls, w.Key+" "+w.Intent.With["url"].Text+" "+w.Intent.Service)
	}
	if want := []string{"health/web https://web.example web", "health/api https://api.example api"}; !slices.Equal(urls, want) {
		t.Errorf("it looks at %v, want %v", urls, want)
	}
	s.rolls(deployer.OK, "health/web", "health/api").is("plain=active")
	if seen := s.d.Step("plain").Seen; !reflect.DeepEqual(seen, deployer.Seen{}) {
		t.Errorf("what is plain is kept as %+v", seen)
	}
	if p := s.d.Procedure.Steps[0]; p.Title != "{what} is well" || p.Links[0].Link != "https://x/{what}" {
		t.Errorf("the procedure has %q now", p.Title)
	}
}

func TestWhatCanNotBeToldInterruptsItsStep(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*deployer.Step){
		"whether it is needed": func(s *deployer.Step) { s.When = "fail hm" },
		"when":                 func(s *deployer.Step) { s.Deadline = "fail hm" },
		"for whom":             func(s *deployer.Step) { s.EachOf = "fail hm" },
		"title":                func(s *deployer.Step) { s.Title = "{fail hm}" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := speaks(t, deployer.Procedure{Steps: []deployer.Step{confirms("a", change)}}, nil, "web").is("a=interrupted")
			if why := s.d.Step("a").Why; !strings.HasSuffix(why, "can't be told: hm") || len(s.messages) == 0 {
				t.Errorf("it is interrupted because %q", why)
			}
			s.language = nil
			s.does(ana, deployer.Answer{Step: "a", Attempt: 1, Choice: deployer.ChoiceRetry})
			if a := s.d.Step("a"); name != "whether it is needed" && !strings.HasSuffix(a.Why, "this process knows no language") {
				t.Errorf("without a language it is %s because %q", a.Status, a.Why)
			}
		})
	}
	long := confirms("a", func(s *deployer.Step) { s.Title = "{long}" })
	s := speaks(t, deployer.Procedure{Steps: []deployer.Step{long}}, map[string]string{"long": strings.Repeat("x", 70_000)}, "web").is("a=interrupted")
	if why := s.d.Step("a").Why; why != "What it says can't be told: it comes to 70005 bytes; 65536 are the most" {
		t.Errorf("it is interrupted because %q", why)
	}
}

func TestMembersStayAndAreAskedOneByOne(t *testing.T) {
	t.Parallel()
	ask := confirms("told", func(s *deployer.Step) { s.EachOf, s.Timeout = "inputs.retailers", time.Minute })
	names := map[string]string{"inputs.retailers": "lemon, plum, lemon"}
	s := speaks(t, deployer.Procedure{Steps: []deployer.Step{ask}}, names, "web")
	lemon, plum := presses("told"), presses("told")
	lemon.Item, plum.Item = "lemon", "plum"
	other := presses("told")
	other.Item = "cherry"
	s.refuses(ana, other, "does not ask for cherry")
	s.does(ana, lemon).is("told=active")
	s.refuses(ana, lemon, "done already for lemon, by Ana")
	if open := deployer.Unanswered(s.d, *s.d.Step("told")); !slices.Equal(open, []string{"plum"}) || !deployer.DoneFor(s.d, *s.d.Step("told"), "lemon") {
		t.Errorf("asked for is %v", open)
	}
	s.now = dawn.Add(time.Minute)
	s.does(engine, deployer.Expire{Step: "told", Attempt: 1}).is("told=failed")
	names["inputs.retailers"] = "cherry"
	s.does(ana, deployer.Answer{Step: "told", Attempt: 1, Choice: deployer.ChoiceRetry}).is("told=active")
	if m := s.d.Step("told").Seen.Members; !slices.Equal(m, []string{"lemon", "plum"}) {
		t.Errorf("in the next attempt it is for %v", m)
	}
	plum.Attempt = 2
	s.does(ana, plum).is("told=done")

	s = speaks(t, deployer.Procedure{Steps: []deployer.Step{ask, confirms("next", func(s *deployer.Step) { s.Needs = []string{"told"} })}}, map[string]string{"inputs.retailers": ","}, "web").is("told=not-needed", "next=active")
	if why := s.d.Step("told").Why; why != "There is nothing to do it for." {
		t.Errorf("for nobody it is not needed because %q", why)
	}
	all := presses("told")
	speaks(t, deployer.Procedure{Steps: []deployer.Step{ask}}, map[string]string{"inputs.retailers": "lemon, plum"}, "web").does(ana, all).is("told=done")
}

func TestWavesComeOneAfterTheOther(t *testing.T) {
	t.Parallel()
	services := []string{"a", "b", "c", "d", "e"}
	p := deployer.Procedure{Steps: []deployer.Step{{ID: "r", Title: "R", Uses: deployer.KindRollout, Order: deployer.Waves{1, 2, deployer.WaveRest}}}}
	s := speaks(t, p, nil, services...)
	wants := func(want ...string) {
		t.Helper()
		if got := s.wanted(); !slices.Equal(got, want) {
			t.Fatalf("wanted are %v, want %v", got, want)
		}
	}
	wants("r/a")
	s.rolls(deployer.OK, "r/a")
	wants("r/b", "r/c")
	s.does(engine, look("r/b", deployer.ObservedAbsent, runsV1))
	s.does(engine, deployer.Settle{Key: "r/b", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "it crashes"}}).is("r=active")
	wants("r/c")
	s.rolls(deployer.OK, "r/c").is("r=failed")
	if why := s.d.Step("r").Why; why != "b: it crashes" {
		t.Errorf("it failed because %q", why)
	}
	wants()
	s.does(ana, deployer.Answer{Step: "r", Attempt: 1, Choice: deployer.ChoiceRetry})
	wants("r/b")
	s.rolls(deployer.OK, "r/b")
	wants("r/d", "r/e")
	s.rolls(deployer.OK, "r/d", "r/e").is("r=done")

	mail := mails
	mail.Scope = deployer.ScopeOnce
	each := deployer.Procedure{Kinds: []deployer.Kind{mail}, Steps: []deployer.Step{{ID: "m", Title: "M", Uses: mail.Name, EachOf: "who", Order: deployer.InTurn}}}
	s = speaks(t, each, map[string]string{"who": "x, y/z"}, "web")
	wants("m/x")
	s.rolls(deployer.OK, "m/x")
	wants("m/y%2Fz")
	s.rolls(deployer.OK, "m/y%2Fz").is("m=done")
	if got := deployer.Outputs(s.d, *s.d.Step("m"), "y/z")["number"].Number; got != 7 {
		t.Errorf("it left %d behind", got)
	}
}

func TestACheckIsOverAtOnce(t *testing.T) {
	t.Parallel()
	check := func(that, expect string) deployer.Procedure {
		return deployer.Procedure{Steps: []deployer.Step{{ID: "c", Title: "C", Uses: deployer.KindCheck, Expect: expect, With: deployer.Values{"that": {Text: that}}}}}
	}
	if s := speaks(t, check("inputs.ok", ""), map[string]string{"inputs.ok": "true"}, "web").is("c=done"); s.d.Status != deployer.Complete {
		t.Errorf("it is %s", s.d.Status)
	}
	for expect, want := range map[string]string{"": "That is not so: inputs.ok.", "All of {what} is ready": "All of web v2 is ready."} {
		s := speaks(t, check("inputs.ok", expect), map[string]string{"inputs.ok": "false"}, "web").is("c=failed")
		if why := s.d.Step("c").Why; why != want {
			t.Errorf("it failed because %q, want %q", why, want)
		}
	}
	speaks(t, check("fail hm", ""), nil, "web").is("c=interrupted")
}

func TestWhatIsWaitedForAndWhenTimeIsOver(t *testing.T) {
	t.Parallel()
	wait := deployer.Step{ID: "w", Title: "W", Uses: deployer.KindWait, With: deployer.Values{"until": {Text: "now + 5m"}}}
	s := speaks(t, deployer.Procedure{Steps: []deployer.Step{wait}}, nil, "web")
	if p := deployer.Next(s.d, dawn); !p.Wake.Equal(dawn.Add(5 * time.Minute)) {
		t.Errorf("it waits until %s", p.Wake)
	}
	wait.Deadline = "now + 1m"
	s = speaks(t, deployer.Procedure{Steps: []deployer.Step{wait}}, nil, "web")
	s.now = dawn.Add(time.Minute)
	s.does(engine, deployer.Elapse{Step: "w", Attempt: 1}).is("w=done")

	late := confirms("c", func(s *deployer.Step) { s.Deadline, s.Timeout = "now + 1m", time.Hour })
	s = speaks(t, deployer.Procedure{Steps: []deployer.Step{late}}, nil, "web")
	s.now = dawn.Add(time.Minute)
	s.does(engine, deployer.Expire{Step: "c", Attempt: 1}).is("c=failed")
	if why := s.d.Step("c").Why; why != "It was not done by 21 Nov 02:01 UTC." {
		t.Errorf("it failed because %q", why)
	}
}

// A step that could not be told to be needed was for nobody when it was tried again,
// and the deployment waited for a decision about nothing.
func TestAStepThatIsTriedAgainForNobodyIsOver(t *testing.T) {
	t.Parallel()
	names := map[string]string{"who": "fail hm"}
	s := speaks(t, deployer.Procedure{Steps: []deployer.Step{confirms("a", func(s *deployer.Step) { s.EachOf = "who" })}}, names, "web").is("a=interrupted")
	names["who"] = ","
	s.does(ana, deployer.Answer{Step: "a", Attempt: 1, Choice: deployer.ChoiceRetry}).is("a=not-needed")
	if s.d.Status != deployer.Complete {
		t.Errorf("it is %s", s.d.Status)
	}
}

// A step that can't begin once more, since nothing can be told by then, keeps what it came
// to before: whoever looks again at what was begun looks by that.
func TestWhatWasSeenStaysWhereAStepCanNotBeginAgain(t *testing.T) {
	t.Parallel()
	names := map[string]string{"vars.name": "lemon", "night": "2027-01-01T00:00:00Z"}
	kind := builds
	kind.Params = append(slices.Clone(kind.Params), deployer.Param{Name: "job", Type: deployer.TypeText})
	build := deployer.Step{ID: "build", Title: "Built", Uses: builds.Name, With: deployer.Values{"job": {Text: "{vars.name}"}}, Deadline: "night"}
	s := speaks(t, deployer.Procedure{Kinds: []deployer.Kind{kind}, Steps: []deployer.Step{build}}, names, "web").rolls(deployer.Interrupted, "build").is("build=interrupted")
	names["night"] = "fail hm"
	s.does(ana, deployer.Answer{Step: "build", Attempt: 1, Choice: deployer.ChoiceRetry}).is("build=interrupted")
	s.does(ana, deployer.Answer{Step: "build", Attempt: 2, Choice: deployer.ChoiceCheck}).is("build=active")
	if got := s.d.Step("build").WithOf("")["job"].Text; got != "lemon" {
		t.Errorf("it is looked for as %q", got)
	}
}

// What is done again after the end is done for those of then, also where the first try
// of a round could not begin.
func TestARoundIsForThoseOfItsTime(t *testing.T) {
	t.Parallel()
	names := map[string]string{"who": "lemon", "night": "2027-01-01T00:00:00Z"}
	watch := deployer.Step{ID: "watch", Title: "Watched", Uses: deployer.KindConfirm, EachOf: "who", Deadline: "night", Every: time.Hour, Lasts: 4 * time.Hour}
	s := speaks(t, deployer.Procedure{Steps: []deployer.Step{confirms("a")}, After: []deployer.Step{watch}}, names, "web").does(ana, presses("a"))
	s.now = s.now.Add(time.Hour)
	s.does(engine, deployer.Advance{}).does(ana, presses("watch")).is("watch=pending")
	s.now, names["who"], names["night"] = s.now.Add(time.Hour), "plum", "fail hm"
	s.does(engine, deployer.Advance{}).is("watch=interrupted")
	names["night"] = "2027-01-01T00:00:00Z"
	s.does(ana, deployer.Answer{Step: "watch", Attempt: 2, Choice: deployer.ChoiceRetry}).is("watch=active")
	if got := s.d.Step("watch").Seen.Members; !slices.Equal(got, []string{"plum"}) {
		t.Errorf("the second round is for %v", got)
	}
}

// The card has a step once, and names all that it is done for where its texts name one.
func TestTextsNameAllThatAStepIsDoneFor(t *testing.T) {
	t.Parallel()
	each := confirms("each", func(s *deployer.Step) { s.EachOf, s.Title, s.How = "who", "{each} is told", "Call {each}, by {now}" })
	look := deployer.Step{ID: "look", Title: "Pods of {service} run", Uses: proves.Name, Expect: "{service} and {service.to}"}
	s := speaks(t, deployer.Procedure{Kinds: []deployer.Kind{proves}, Steps: []deployer.Step{each, look}}, map[string]string{"who": "lemon, plum", "service.to": "v2"}, "web", "api")
	for _, c := range [][2]string{
		{s.d.Step("each").Title, "lemon, plum is told"},
		{s.d.Step("each").How, "Call lemon, plum, by 21 Nov 02:00 UTC"},
		{s.d.Step("look").Title, "Pods of web, api run"},
		{s.d.Step("look").Expect, "web, api and v2"},
	} {
		if c[0] != c[1] {
			t.Errorf("the card reads %q, want %q", c[0], c[1])
		}
	}
}

// A crash between two posts loses none and posts none twice.
func TestWhatIsAnnouncedForEachIsToldOnceForEach(t *testing.T) {
	t.Parallel()
	tell := deployer.Step{ID: "tell", Title: "Told", Uses: deployer.KindAnnounce, EachOf: "who", With: deployer.Values{
		"message": {Text: "hello"}, "to": {List: []string{"deploys", "change"}},
	}}
	p := deployer.Procedure{Messages: map[string]string{"hello": "Dear {each}"}, Steps: []deployer.Step{tell}}
	s := speaks(t, p, map[string]string{"who": "x, y/z"}, "web")
	var sent []deployer.Message
	for _, m := range s.messages {
		if m.Receipt && !m.IsCard() {
			sent = append(sent, m)
		}
	}
	var got []string
	for _, m := range sent {
		got = append(got, m.DedupKey+" "+m.ChannelName()+" "+m.Args["each"])
		if step, channel, ok := deployer.ParseAnnouncementKey(m.DedupKey); step != "tell" || channel != m.ChannelName() || !ok {
			t.Errorf("%s is of %s in %s", m.DedupKey, step, channel)
		}
	}
	if want := []string{"tell/@x/deploys deploys x", "tell/@x/change change x", "tell/@y%2Fz/deploys deploys y/z", "tell/@y%2Fz/change change y/z"}; !slices.Equal(got, want) {
		t.Fatalf("posted is %q, want %q", got, want)
	}
	for i, m := range sent[:3] {
		s.does(engine, deployer.Deliver{Kind: m.Kind, Post: deployer.Post{DedupKey: m.DedupKey, Channel: m.Channel, TS: m.DedupKey}}).is("tell=active")
		if done := deployer.DoneFor(s.d, *s.d.Step("tell"), "x"); done != (i > 0) {
			t.Errorf("after %d posts x is told: %t", i+1, done)
		}
	}
	s.does(engine, deployer.GiveUp{DedupKey: sent[3].DedupKey, Why: "It is archived."}).is("tell=failed")
	before := len(s.messages)
	s.does(ana, deployer.Answer{Step: "tell", Attempt: 1, Choice: deployer.ChoiceRetry})
	again := slices.DeleteFunc(slices.Clone(s.messages[before:]), func(m deployer.Message) bool { return !m.Receipt || m.IsCard() })
	if len(again) != 1 || again[0].DedupKey != sent[3].DedupKey || again[0].Args["each"] != "y/z" {
		t.Fatalf("it is posted again: %+v", again)
	}
	s.does(engine, deployer.Deliver{Kind: "hello", Post: deployer.Post{DedupKey: again[0].DedupKey, Channel: "C2", TS: "9"}}).is("tell=done")
	if first := s.d.Step("tell").FirstPost("y/z"); first.TS != "tell/@y%2Fz/deploys" || s.d.Step("tell").FirstPost("").TS != "tell/@x/deploys" {
		t.Errorf("the first post is %+v", first)
	}
}

// A form and a start ask the same of the same inputs.
func TestAnInputIsAskedAsItsExpressionsSay(t *testing.T) {
	t.Parallel()
	language := deployertest.Language{Names: map[string]string{"who": "x, y", "never": "false"}}
	at := deployer.Moment{Deployment: &deployer.Deployment{}, Now: dawn}
	for name, c := range map[string]struct {
		l       deployer.Language
		in      deployer.Input
		asked   bool
		options []string
		fails   bool
	}{
		"plain":                     {language, deployer.Input{Options: []string{"a"}}, true, []string{"a"}, false},
		"not now":                   {language, deployer.Input{When: "never", OptionsOf: "who"}, false, nil, false},
		"it can't be told whether":  {language, deployer.Input{When: "fail hm", OptionsOf: "who"}, true, []string{"x", "y"}, false},
		"it can't be told of which": {language, deployer.Input{When: "!never", OptionsOf: "fail hm"}, true, nil, true},
		"without a language":        {nil, deployer.Input{When: "never", OptionsOf: "who"}, true, nil, false},
	} {
		in, asked, err := deployer.InputAt(c.l, c.in, at)
		if asked != c.asked || !slices.Equal(in.Options, c.options) || (err != nil) != c.fails {
			t.Errorf("%s: %+v, %t, %v", name, in, asked, err)
		}
	}
}

// Where it could not be told whether a phase is needed, its first step may still say by
// itself that it is not: to try it again is not to do it then.
func TestWhatIsTriedAgainIsAskedWhetherItIsNeeded(t *testing.T) {
	t.Parallel()
	for when, want := range map[string]string{"false": "a=not-needed", "true": "a=active", "": "a=active", "fail so": "a=active"} {
		s := speaks(t, deployer.Procedure{
			Phases: []deployer.Phase{{ID: "one", Title: "One", When: "fail hm"}},
			Steps:  []deployer.Step{confirms("a", func(s *deployer.Step) { s.Phase, s.When, s.Else = "one", when, "no" })},
		}, nil, "web").is("a=interrupted")
		s.does(ana, deployer.Answer{Step: "a", Attempt: 1, Choice: deployer.ChoiceRetry}).is(want)
	}
}
