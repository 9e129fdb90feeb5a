package language_test

import (
	"maps"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/language"
)

var now = time.Date(2026, 3, 5, 22, 0, 0, 0, time.UTC)

// running is a deployment of the quick procedure.
func running() *deployer.Deployment {
	p := quick()
	p.ServiceVars = map[string]map[string]string{"api": {"url": "https://api-{retailer}.example"}}
	d := &deployer.Deployment{
		ID: "tangerine-7", Requester: deployer.Actor{ID: "U1", Name: "Ana"}, Site: deployer.Site{Name: "tangerine", Environment: "prod"},
		Place:     deployer.Locale{Title: "Tangerine", Namespace: "shop", Retailers: []string{"tangerine", "lemon"}, Owners: map[string]string{"web": "Web"}},
		Procedure: p, Reason: "a fix", Created: now.Add(-time.Hour), Terms: map[string]string{"tam": "Tom"}, Warnings: []string{"Too late."},
		Inputs:   map[string]string{"risk": "high", "due": "2026-03-05T21:00:00Z", "features": "One\nTwo", "who": "U7 Wim"},
		Releases: []deployer.Release{{Service: "web", Tag: "v2"}, {Service: "api", Tag: "v3"}},
		Targets: []deployer.Target{
			{Service: "web", Before: deployer.State{Version: "v1"}, After: deployer.State{Version: "v2", Image: "r/web:v2"}},
			{Service: "api", Before: deployer.State{Version: "v2"}, After: deployer.State{Version: "v3", Image: "r/api:v3"}},
		},
		Status: deployer.Running,
	}
	for _, s := range p.Steps {
		if s.Kind == nil {
			continue
		}
		d.Steps = append(d.Steps, deployer.StepState{Step: s, Status: deployer.Pending})
	}
	roll := deployer.Procedure{Steps: []deployer.Step{{ID: "rollout", Uses: deployer.KindRollout}}}
	roll.Bind()
	d.Steps = append(d.Steps, deployer.StepState{Step: roll.Steps[0], Status: deployer.Pending})
	approve := deployer.StepState{Step: deployer.Step{ID: "approve", Title: "Approved", Uses: "approve", Kind: &deployer.Kind{Name: "approve", Work: deployer.WorkPeople, Asks: &deployer.Asks{Subject: true}}}, Status: deployer.Done}
	approve.Approvals = []deployer.Approval{{By: deployer.Actor{ID: "U2", Name: "Bob"}}, {By: deployer.Actor{ID: "U2", Name: "Bob"}}}
	d.Steps = append(d.Steps, approve)
	end(d, "ride", map[string]string{"choice": "ride", "reason": "why not"})
	end(d, "form", map[string]string{"build-id": "b7", "sure": "true"})
	image := d.Step("image")
	image.Status, image.Began, image.Finished = deployer.Done, now.Add(-5*time.Minute), now.Add(-3*time.Minute)
	for service, digest := range map[string]string{"web": "sha256:aa", "api": "sha256:bb"} {
		image.Effects = append(image.Effects, deployer.Effect{
			Key: deployer.EffectKey{Step: "image", Item: service}.String(), Item: service, Stage: deployer.Settled,
			Outcome: deployer.Outcome{Result: deployer.OK, Outputs: deployer.Values{"digest": {Text: digest}, "created": {Time: now}}},
		})
	}
	return d
}

func end(d *deployer.Deployment, id string, values map[string]string) {
	s := d.Step(id)
	s.Status, s.Began, s.Finished = deployer.Done, now.Add(-10*time.Minute), now.Add(-9*time.Minute)
	s.By = deployer.Actor{ID: "U3", Name: "Rosa"}
	s.Given = []deployer.Given{{By: s.By, Values: values}}
}

func at(item string) deployer.Moment {
	return deployer.Moment{Deployment: running(), Now: now, Step: "health", Item: item}
}

func TestCompute(t *testing.T) {
	for expression, want := range map[string]deployer.Value{
		`inputs.risk == "high"`: {Flag: true}, `values.careful`: {Flag: true}, `values.late`: {Flag: true}, `inputs.downtime`: {},
		`has(inputs.pods-wanted)`: {}, `has(inputs.due)`: {Flag: true}, `inputs.length == hours(1)`: {Flag: true}, `inputs.features.size() == 2`: {Flag: true},
		`inputs.who.name == "Wim"`: {Flag: true}, `steps.ride.choice == "ride"`: {Flag: true}, `steps.ride.done && steps.form.sure`: {Flag: true},
		`steps.form.build-id == "b7"`: {Flag: true}, `steps.ready.done || steps.ready.skipped`: {}, `steps.ride.by == steps.form.by`: {Flag: true},
		`steps.ride.by == requester`: {}, `steps.image.all.exists(i, i.digest == "sha256:bb")`: {Flag: true}, `steps.image.of["web"].digest`: {Text: "sha256:aa"},
		`steps.image.took == minutes(2)`: {Flag: true}, `service.name`: {Text: "web"}, `service.to`: {Text: "v2"}, `vars.url`: {Text: "https://web.tangerine.example"},
		`retailers.filter(r, r != retailer.name)`: {List: []string{"lemon"}}, `values.others`: {List: []string{"lemon"}}, `services`: {List: []string{"web", "api"}},
		`services.map(s, s.name)`: {List: []string{"web", "api"}}, `approvers`: {List: []string{"Bob"}}, `planned + hours(2)`: {Time: now.Add(time.Hour)},
		`what`: {Text: "web v2, api v3"}, `maintenance.open`: {}, `now`: {Time: now}, `now.getHours("UTC") == 22`: {Flag: true}, `outcome == ""`: {Flag: true},
	} {
		as := deployer.TypeCond
		switch {
		case want.Text != "":
			as = deployer.TypeText
		case want.List != nil:
			as = deployer.TypeList
		case !want.Time.IsZero():
			as = deployer.TypeTime
		}
		got, err := language.Runtime{}.Compute(expression, as, at("web"))
		if err != nil {
			t.Errorf("%s: %v", expression, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", expression, diff)
		}
	}
}

func TestWhatCanNotBeComputed(t *testing.T) {
	for expression, want := range map[string]string{
		`inputs.pods-wanted > 1`:        "inputs.pods_wanted is not there",
		`steps.image.of["x"].done`:      `there is no "x" among what is looked for`,
		`1 / (size(services) - 2) > 0`:  "nothing can be divided by 0",
		`inputs.features[7] == "x"`:     "the list has no such member",
		`days(999999999999) > hours(1)`: "days(999999999999) is more than can be told",
		`"text"`:                        "it came to a text, where yes or no belongs",
		`steps.soak.at < now`:           "steps.soak.at is not there",
		`[1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, [1,2,3,4,5,6,7,8,9].all(c, [1,2,3,4,5,6,7,8,9].all(d, [1,2,3,4,5,6,7,8,9].all(e, a + b + c + d + e > 0)))))`: "it takes too long to compute",
	} {
		_, err := language.Runtime{}.Compute(expression, deployer.TypeCond, at("web"))
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", expression, err, want)
		}
	}
}

func TestWords(t *testing.T) {
	text := "{what} {retailer} {product.title} {environment} {requester} {approvers} {tam} {inputs.risk} {inputs.due} {inputs.pods-wanted} {inputs.downtime} " +
		"{inputs.length} {inputs.features} {steps.ride.choice} {steps.ride.by} {steps.image.done_for} {vars.bridge} {values.careful} {service} {service.from} {id} {reason} {notice} " +
		"{what_before} {planned} {steps.soak.at} {{what}} {@tam} {\"a\": 1} {procedure} {skipped}"
	got, err := language.Runtime{}.Words(text, at("web"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"what": "web v2, api v3", "retailer": "tangerine", "product.title": "Tangerine", "environment": "prod", "requester": "Ana", "approvers": "Bob", "tam": "Tom",
		"inputs.risk": "high", "inputs.due": "2026-03-05T21:00:00Z", "inputs.pods-wanted": "–", "inputs.downtime": "no", "inputs.length": "1 hour", "inputs.features": "One, Two",
		"steps.ride.choice": "ride", "steps.ride.by": "Rosa", "steps.image.done_for": "web, api", "vars.bridge": "https://meet.example", "values.careful": "yes", "service": "web",
		"service.from": "v1", "id": "tangerine-7", "reason": "a fix", "notice": "Too late.", "what_before": "web v1, api v2", "planned": "2026-03-05T21:00:00Z", "steps.soak.at": "–",
		"procedure": "Quick deployment", "skipped": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, former := range []string{"{foo}", "{service} {why}"} { // the core knows what they were before the language
		if got, err := (language.Runtime{}).Words(former, at("")); err != nil || len(got) > 0 {
			t.Errorf("%s: %v, %v", former, got, err)
		}
	}
	if _, err := (language.Runtime{}).Words("{retailer.foo}", at("web")); err == nil {
		t.Error("{retailer.foo} is filled")
	}
}

// filled are the parameters of a step whose kind has one of each escape.
func filled(t *testing.T, value string, with deployer.Values, params ...deployer.Param) (deployer.Values, error) {
	t.Helper()
	m := at("web")
	m.Deployment.Inputs = maps.Clone(m.Deployment.Inputs)
	m.Deployment.Inputs["impact"] = value
	s := m.Deployment.Step("health")
	s.Kind = &deployer.Kind{Name: "x", Params: params}
	s.With = with
	return language.Runtime{}.With(m)
}

func TestWith(t *testing.T) {
	got, err := filled(t, `a "b" & c/d`, deployer.Values{
		"url": {Text: "{vars.url}/x/{inputs.impact}?q={inputs.impact}"}, "body": {Text: `{"a": "{inputs.impact}", "n": {inputs.downtime}, "b": {inputs.impact}}`},
		"checks": {Rows: []map[string]string{{"name": "{service}", "query": `up{a="{inputs.impact}", b=~"{service.to}.*{pods}"}`}}},
		"until":  {Text: "planned + hours(1)"}, "that": {Text: "values.careful"}, "items": {Items: []deployer.Item{{Title: "{what}", Link: "{vars.bridge}"}}},
		"command": {Text: `echo {inputs.impact} "{inputs.impact}" '{service}' ${HOME} {vars.bridge}`}, "output": {Text: "^{service.to}.$"}, "n": {Number: 3},
	},
		deployer.Param{Name: "url", Type: deployer.TypeURL}, deployer.Param{Name: "body", Type: deployer.TypeText, Escape: deployer.EscapeJSON},
		deployer.Param{Name: "checks", Type: deployer.TypeChecks, Escape: deployer.EscapePromQL}, deployer.Param{Name: "until", Type: deployer.TypeTime},
		deployer.Param{Name: "that", Type: deployer.TypeCond}, deployer.Param{Name: "items", Type: deployer.TypeItems}, deployer.Param{Name: "n", Type: deployer.TypeNumber},
		deployer.Param{Name: "command", Type: deployer.TypeText, Escape: deployer.EscapeShell}, deployer.Param{Name: "output", Type: deployer.TypePattern},
	)
	if err != nil {
		t.Fatal(err)
	}
	want := deployer.Values{
		"url":    {Text: "https://web.tangerine.example/x/a%20%22b%22%20&%20c%2Fd?q=a+%22b%22+%26+c%2Fd"},
		"body":   {Text: `{"a": "a \"b\" \u0026 c/d", "n": false, "b": "a \"b\" \u0026 c/d"}`},
		"checks": {Rows: []map[string]string{{"name": "web", "query": `up{a="a \"b\" & c/d", b=~"v2.*{pods}"}`}}},
		"until":  {Text: "", Time: now}, "that": {Flag: true}, "items": {Items: []deployer.Item{{Title: "web v2, api v3", Link: "https://meet.example"}}},
		"command": {
			Text:  `echo "${SM_1}" "${SM_1}" ''"${SM_2}"'' ${HOME} https://meet.example`,
			Texts: map[string]string{"SM_1": `a "b" & c/d`, "SM_2": "web"},
		},
		"output": {Text: "^v2.$"}, "n": {Number: 3},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

var command = deployer.Param{Name: "command", Type: deployer.TypeText, Escape: deployer.EscapeShell}

// sh runs a command as a Job's container would, with the variables around it.
func sh(t *testing.T, v deployer.Value) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", v.Text)
	for name, value := range v.Texts {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func TestNoValueIsReadByAShell(t *testing.T) {
	evil := "'; echo BAD; \"$(echo BAD)\" `echo BAD` $HOME * \\ \n& x"
	got, err := filled(t, evil, deployer.Values{"command": {Text: `printf '<%s>' {inputs.impact} a{inputs.impact}b "x{inputs.impact}" 'y{inputs.impact}z'`}}, command)
	if err != nil {
		t.Fatal(err)
	}
	evil = strings.TrimSpace(evil)
	want := "<" + evil + "><a" + evil + "b><x" + evil + "><y" + evil + "z>"
	if out := sh(t, got["command"]); out != want {
		t.Errorf("\ngot  %q\nwant %q", out, want)
	}
	for _, nested := range []string{`sh -c 'echo {inputs.impact}'`, `bash -ec "echo {inputs.impact}"`, `eval echo {inputs.impact}`, `x; sh -c {inputs.impact}`, `ssh host rm {inputs.impact}`, `exec /bin/sh -c "{inputs.impact}"`} {
		if _, err := filled(t, "x", deployer.Values{"command": {Text: nested}}, command); err == nil {
			t.Errorf("%s: a shell within would read the value", nested)
		}
	}
	got, err = filled(t, evil, deployer.Values{"command": {Text: `sh -c 'printf "%s" "$1"' x {inputs.impact}`}}, command)
	if err != nil {
		t.Fatal(err)
	}
	if out := sh(t, got["command"]); out != evil {
		t.Errorf("%q", out)
	}
}

func TestAnAnnouncementLeadsToItsFirstMessage(t *testing.T) {
	p := deployer.Procedure{Steps: []deployer.Step{{ID: "tell", Uses: deployer.KindAnnounce, Each: []string{"a", "b"}}}}
	p.Bind()
	d := &deployer.Deployment{Procedure: p, Steps: []deployer.StepState{{Step: p.Steps[0], Status: deployer.Done, Posts: []deployer.Post{
		{DedupKey: "tell/@a/deploys", Channel: "C1", TS: "1.0"}, {DedupKey: "tell/@b/deploys", Channel: "C1", TS: "2.0"},
	}}}}
	text := "{steps.tell.url}"
	for status, want := range map[deployer.StepStatus]string{deployer.Done: "https://slack.com/app_redirect?channel=C1&message_ts=1.0", deployer.StepFailed: ""} {
		d.Steps[0].Status = status
		got, err := language.Runtime{}.Words(text, deployer.Moment{Deployment: d, Now: now})
		if err != nil || got["steps.tell.url"] != want {
			t.Errorf("%s: %v, %v, want %q", status, got, err, want)
		}
	}
	d.Steps[0].Status = deployer.Done
	of, err := language.Runtime{}.Compute(`steps.tell.of["b"].url`, deployer.TypeText, deployer.Moment{Deployment: d, Now: now})
	if err != nil || of.Text != "https://slack.com/app_redirect?channel=C1&message_ts=2.0" {
		t.Errorf("%+v, %v", of, err)
	}
}
