package language_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/language"
)

// everywhere is a place in which everything may be named.
var everywhere = language.Place{Step: "image", Service: true, Failure: true, Outcome: true}

// TestNames holds the table of names: each with an expression that only its type allows,
// and which the runtime computes.
func TestNames(t *testing.T) {
	const isText, isFlag, isNumber, isTime, isSpan = `%s.contains("")`, `%s || !%[1]s`, `%s + 1 > 0`, `%s <= %[1]s + hours(1)`, `%s + %[1]s >= %[1]s || true`
	table := map[string][]string{
		isText: {
			"inputs.risk", "inputs.impact", "inputs.who.name", "vars.url", "vars.bridge", "service.name", "service.owner", "service.from", "service.to", "service.image",
			"retailer.name", "retailer.title", "retailer.zone", "product.name", "product.title", "environment.name", "environment.namespace", "requester.name", "tam.name",
			"services[0].name", "retailers[0]", "approvers[0].name", "maintenance.id", "maintenance.url", "id", "card", "procedure", "reason", "notice", "what", "what_before",
			"what_stays", "what_back", "skipped", "failure.step", "failure.why", "failure.kind", "outcome", "steps.ride.why", "steps.ride.by.name", "steps.ride.choice", "steps.ride.reason",
			"steps.form.build-id", "steps.data.output", "steps.data.file", `steps.image.of["web"].digest`, "steps.image.all[0].name", "steps.image.done_for[0]",
		},
		isFlag: {
			"inputs.downtime", "values.careful", "maintenance.open", "maintenance.begun", "maintenance.own", "steps.ride.done", "steps.ride.skipped", "steps.ride.failed",
			"steps.form.sure", `steps.image.of["api"].done`, `("x" in retailer.groups)`, `("x" in steps.image.not_done_for)`,
		},
		isNumber: {"size(services)", "size(retailers)", "size(inputs.features)", "size(values.others)", "size(approvers)", "size(steps.image.all)", "size(steps.image.not_done_for)"},
		isTime:   {"now", "planned", "start", "end", "next_update", "steps.ride.at", `steps.image.of["web"].created`},
		isSpan:   {"inputs.length", "steps.ride.took", "end - start", "days(1)", "hours(1)", "minutes(1)"},
	}
	for format, paths := range table {
		for _, path := range paths {
			x := fmt.Sprintf(format, path)
			if wrong := names().CheckExpression(x, deployer.TypeCond, everywhere); len(wrong) > 0 && !strings.Contains(wrong[0].Why, "may be left empty") {
				t.Errorf("%s: %s", x, wrong[0])
			}
			if _, err := (language.Runtime{}).Compute(x, deployer.TypeCond, at("web")); err != nil {
				t.Errorf("%s: %v", x, err)
			}
		}
	}
}

func TestPlaces(t *testing.T) {
	none, one := quick(), quick()
	none.Services, one.Services = deployer.ServicesNone, deployer.ServicesOne
	for _, c := range []struct {
		text  string
		at    language.Place
		names *language.Names
		want  string
	}{
		{"{service}", language.Place{Step: "ready"}, language.NewNames(none), "this procedure is about no service, so there is no {service}"},
		{"{service}", language.Place{Step: "ready"}, language.NewNames(one), ""},
		{"{steps.image.digest}", language.Place{}, language.NewNames(one), ""},
		{"{service}", language.Place{}, nil, "this is read once for all services, so there is no {service}; {what} and {services} name them all"},
		{"{service}", language.Place{Each: true}, nil, "this step is done for each member of a list, so there is no {service}; {each} is the member"},
		{"{each}", language.Place{Service: true}, nil, "this step is done for each service, so there is no {each}; write {service.name}"},
		{"{each} {failure.why} {outcome} {secrets.x}", language.Place{Each: true, Failure: true, Outcome: true, Secrets: true}, nil, ""},
		{"{steps.soak.why}", language.Place{Inputs: true}, nil, "only inputs are known when this is asked, and no step has begun"},
		{"{approvers}", language.Place{Inputs: true}, nil, "only inputs are known when this is asked, so there is no {approvers}"},
		{"{inputs.risk} {values.careful} {retailer} {planned}", language.Place{Inputs: true}, nil, ""},
		{"{inputs.downtime}", language.Place{Input: "due"}, nil, `"downtime" is not asked before "due"; move it up`},
		{"{service} {retailer} {product.title} {environment}", language.Place{Var: true}, nil, ""},
		{"{what}", language.Place{Var: true}, nil, "a var holds {service}, {retailer}, {product} and {environment} alone"},
		{"{inputs.risk}", language.Place{Var: true}, nil, "a var holds {service}, {retailer}, {product} and {environment} alone"},
		{"${HOME} {what}", language.Place{Command: true}, nil, ""},
		{`sh -c "echo {what}"`, language.Place{Command: true}, nil, "a shell within the command would read {what}; give it as an argument, such as sh -c 'echo \"$1\"' x {what}"},
		{"sum(up{a=\"{pods}\"})", language.Place{Query: true}, nil, ""},
		{"{start} {end} {duration} {next_update} {retailer.title} {inputs.impact}", language.Place{Clients: true}, nil, ""},
		{"{what}", language.Place{Clients: true}, nil, "{what} is nothing for clients; they may read {start}, {end}, {duration}, {next_update}, {retailer.title} and inputs with clients: true"},
		{"{inputs.risk}", language.Place{Clients: true}, nil, `the input "risk" is nothing for clients; give it clients: true if they may read it`},
		{"{@tam}", language.Place{Clients: true}, nil, "{@tam} is nothing for clients; words for clients call nobody"},
		{"{values.careful}", language.Place{Clients: true}, nil, `in values.careful, the input "risk" is nothing for clients; give it clients: true if they may read it`},
		{strings.Repeat("x", language.TextMax+1), language.Place{}, nil, "a text has at most 10000 characters, and this has 10001"},
	} {
		n := c.names
		if n == nil {
			n = names()
		}
		got := n.CheckText(c.text, c.at)
		if said := fmt.Sprint(got); c.want == "" && len(got) > 0 || c.want != "" && said != "["+c.want+"]" {
			t.Errorf("%.40s:\ngot  %s\nwant %s", c.text, said, c.want)
		}
	}
}

func TestTypes(t *testing.T) {
	for _, c := range []struct {
		expression string
		as         deployer.ParamType
		want       string
	}{
		{`planned + hours(1)`, deployer.TypeTime, ""},
		{`inputs.length`, deployer.TypeTime, "a moment belongs here, and this is a length of time; write for example planned + inputs.length"},
		{`"22:00"`, deployer.TypeTime, "a moment belongs here, and this is a text; write for example planned + hours(1)"},
		{`services`, deployer.TypeList, ""}, {`inputs.features`, deployer.TypeList, ""}, {`values.others`, deployer.TypeList, ""},
		{`inputs.risk`, deployer.TypeList, `a list of texts belongs here, and this is a text; write for example retailers, or ["a", "b"]`},
		{`[1]`, deployer.TypeList, `a list of texts belongs here, and this is a list; write for example retailers, or ["a", "b"]`},
		{`inputs.risk`, deployer.TypeText, ""}, {`inputs.downtime`, deployer.TypeText, "a text belongs here, and this is yes or no"},
		{strings.Repeat("x", language.ExpressionMax+1), deployer.TypeCond, "an expression has at most 1000 characters, and this has 1001"},
		{strings.Repeat("(", 300) + "true" + strings.Repeat(")", 300), deployer.TypeCond, "too much stands within something else; give parts of it a name under values"},
	} {
		got := names().CheckExpression(c.expression, c.as, everywhere)
		if said := fmt.Sprint(got); c.want == "" && len(got) > 0 || c.want != "" && said != "["+c.want+"]" {
			t.Errorf("%.40s: %s, want %s", c.expression, said, c.want)
		}
	}
}

func TestValues(t *testing.T) {
	p := quick()
	p.Values = map[string]string{
		"a": "values.b", "b": "values.c && true", "c": "!values.a", "self": "values.self", "fine": `inputs.risk == "high"`, "on-it": "values.fine",
		"wrong": "inputs.rsik", "of-wrong": "values.wrong + 1 > 2", "empty": "inputs.due", "nested": "[[1]]", "all": "maintenance",
	}
	got := language.NewNames(p).CheckValues()
	want := map[string]string{
		"a":     "values.a is made of values.b, which is made of values.c, which is made of values.a; none of them could be computed",
		"self":  "values.self is made of values.self; none of them could be computed",
		"wrong": `there is no input "rsik"; did you mean "risk"?`, "empty": "due may be left empty; ask has(inputs.due) && … first, or give it required: true",
		"nested": "a list of lists can't be a value",
	}
	for name, wrong := range got {
		if len(wrong) != 1 || wrong[0].String() != want[name] {
			t.Errorf("%s: %q, want %q", name, wrong, want[name])
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("nothing is said of %v", want)
	}
	d := running()
	d.Procedure.Values = p.Values
	if _, err := (language.Runtime{}).Compute("values.self", deployer.TypeCond, deployer.Moment{Deployment: d, Now: now}); err == nil || err.Error() != "values.self is made of itself" {
		t.Error(err)
	}
}

func TestUnused(t *testing.T) {
	n := names()
	n.CheckValues()
	n.CheckText("{values.late} {vars.url}", language.Place{Service: true})
	n.CheckExpression("has(inputs.pods-wanted)", deployer.TypeCond, language.Place{})
	got := n.Unused()
	want := []string{"inputs.risk", "inputs.downtime", "inputs.length", "inputs.impact", "inputs.who", "inputs.features", "inputs.way", "vars.bridge", "values.careful", "values.dated", "values.in-time", "values.mine", "values.others", "values.soaked"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
