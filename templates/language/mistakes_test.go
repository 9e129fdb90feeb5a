package language_test

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/language"
)

// What people get wrong in conditions, each with what is said of it. The first are those
// of the language's own page; none of CEL's words are among them.
func TestMistakesInConditions(t *testing.T) {
	for _, c := range []struct {
		expression string
		at         int
		want       string
	}{
		{`inputs.rsik == "high"`, 7, `there is no input "rsik"; did you mean "risk"?`},
		{`inputs.risk == "hihg"`, 15, `risk is never "hihg"; it is "low" or "high"`},
		{`inputs.risk + 1`, 0, `a condition is yes or no, and a text can't be added to a number; compare it, such as inputs.risk == "high"`},
		{`inputs.due < now`, 0, `due may be left empty; ask has(inputs.due) && … first, or give it required: true`},
		{`steps.health.done`, 0, `"health" (line 19) is not over when "soak" begins; move it up, or add needs: [health]`},

		{`inputs.risk = "high"`, 12, `= is never written alone; to compare, write ==`},
		{`inputs.risk == high`, 15, `there is no high; a text stands in quotes: "high"`},
		{`inputs.risk == "high" and inputs.downtime`, 22, `and is nothing here; write &&`},
		{`inputs.risk == 'high`, 15, `a quote is not closed`},
		{`(inputs.downtime`, 0, `a ( is not closed`},
		{`inputs.downtime)`, 15, `) closes nothing`},
		{`(inputs.downtime]`, 16, `] does not close the ( before it`},
		{`inputs.downtime == "yes"`, 0, `yes or no can't be compared with a text; write inputs.downtime or !inputs.downtime alone`},
		{`inputs.risk`, 0, `a condition is yes or no, and this is a text; compare it, such as inputs.risk == "high"`},
		{`!inputs.risk`, 0, `! turns yes or no around, and this is a text; compare it, such as inputs.risk == "high"`},
		{`inputs.risk && inputs.downtime`, 0, `yes or no belongs here, and this is a text; compare it, such as inputs.risk == "high"`},
		{`inputs.downtime && 1`, 19, `yes or no belongs here, and this is a number; compare it, such as inputs.risk == "high"`},
		{`size(inputs.risk)`, 0, `a condition is yes or no, and this is a number; compare it, such as inputs.risk == "high"`},
		{`sizee(services)`, 0, `there is no function "sizee"; did you mean "size"?`},
		{`services.length() > 1`, 9, `there is no function "length"; how many there are is asked with size(services)`},
		{`service.name == "web"`, 0, `this step is done once for all services, so there is no service; add each: services`},
		{`each == "x"`, 0, `this is done once, so there is no each; a step with each: is done for each member of a list`},
		{`failure.step == ""`, 0, `nothing has failed where this is read, so there is no failure; it stands in failure, rollback, after and their words`},
		{`outcome == "complete"`, 0, `it has not ended where this is read, so there is no outcome; it stands in after`},
		{`duration > hours(1)`, 0, `duration stands in texts alone; in a condition it is end - start`},
		{`retailer == "tangerine"`, 0, `a retailer can't be compared with a text; it has a name: retailer.name`},
		{`requester == "ana"`, 0, `a person can't be compared with a text; it has a name: requester.name`},
		{`requester.id == "U1"`, 10, `a person has no "id"; it has: name`},
		{`planned - now > 3`, 0, `a length of time can't be compared with a number; a length of time is written such as hours(3) or minutes(15)`},
		{`planned + 3 > now`, 0, `a moment can't be added to a number; a length of time is written such as hours(3)`},
		{`planned > "2026"`, 0, `a moment can't be compared with a text; a moment is written such as now + hours(3) or timestamp("2026-03-05T22:00:00Z")`},
		{`planned + now > now`, 0, `a moment can't be added to a moment; one moment can be taken from another, such as end - start`},
		{`inputs.length > 60`, 0, `a length of time can't be compared with a number; a length of time is written such as hours(3) or minutes(15)`},
		{`days("2") > hours(1)`, 0, `days can't take what it is given here; it is written such as days(2)`},
		{`duration("2d") > hours(1)`, 9, `"2d" is no length of time here; write it such as duration("1h30m"), days(2) or hours(3)`},
		{`timestamp("x") < now`, 10, `"x" is no moment; write it such as timestamp("2026-03-05T22:00:00Z")`},
		{`inputs.risk.matches("(")`, 20, `"(" is no regular expression; signs such as ( and + have a \ before them where they are meant as they are`},
		{`steps.ride.choice == "rid"`, 21, `steps.ride.choice is never "rid"; it is "ride" or "alone"`},
		{`steps.ride.chioce == "ride"`, 11, `the step "ride" leaves no "chioce" behind; did you mean "choice"?`},
		{`steps.rdie.done`, 6, `there is no step "rdie"; did you mean "ride"?`},
		{`steps.ride`, 0, `a condition is yes or no, and this is a step; ask what became of it, such as steps.ride.done`},
		{`steps.health.url == ""`, 13, `the step "health" leaves no "url" behind; it leaves of, all, done_for, not_done_for, done, skipped, failed, by, …`},
		{`steps.image.digest == ""`, 12, `the step "image" is done for several, so there is no one "digest"; write steps.image.of["…"].digest, or go through steps.image.all`},
		{`steps.image.of["web"].digst == ""`, 22, `the step "image" leaves no "digst" behind; did you mean "digest"?`},
		{`steps.form.build-idd == ""`, 11, `the step "form" leaves no "build-idd" behind; did you mean "build-id"?`},
		{`inputs.pods-wanted > 1`, 0, `pods-wanted may be left empty; ask has(inputs.pods-wanted) && … first, or give it required: true`},
		{`has(inputs.pods-wnted)`, 11, `there is no input "pods-wnted"; did you mean "pods-wanted"?`},
		{`inputs.due == null`, 14, `nothing is null here; ask has(…) whether something is there, such as has(inputs.due)`},
		{`has(due)`, 4, `has(…) is asked of a path; such as has(inputs.due)`},
		{`risk == "high"`, 0, `there is no risk; did you mean inputs.risk?`},
		{`downtime`, 0, `there is no downtime; did you mean inputs.downtime?`},
		{`values.soaked`, 0, `in values.soaked, "soak" is not over when it begins itself`},
		{`values.mine == "web"`, 0, `in values.mine, this step is done once for all services, so there is no service; add each: services`},
		{`values.carefu`, 7, `there is no value "carefu"; did you mean "careful"?`},
		{`inputs.due < now || !has(inputs.due)`, 0, `due may be left empty; ask has(inputs.due) && … first, or give it required: true`},
		{`"high" in inputs.risk`, 0, `in looks for one of a list, and this is a text in a text; a piece of a text is found with inputs.risk.contains("…")`},
		{`inputs.risk in ["low", "hgih"]`, 23, `risk is never "hgih"; it is "low" or "high"`},
		{`inputs.features == "x"`, 0, `a list can't be compared with a text; whether a list holds it is asked with "…" in inputs.features`},
		{`inputs.features["x"] == "x"`, 0, `a list has nothing at […] that is asked for with a text; a list is asked with a number, steps.ID.of with a text`},
		{`services.all(s, s.ownr == "")`, 18, `a service has no "ownr"; did you mean "owner"?`},
		{`services.all(s.owner == "")`, 9, `all can't take what it is given here; it is written such as services.all(s, s.owner != "")`},
		{`services.exists(s, s.owner)`, 19, `yes or no belongs here, and this is a text; compare it, such as s.owner != ""`},
		{`services.all(inputs.risk, true)`, 19, `the first word in the brackets is a name for each member; such as services.all(s, s.owner != "")`},
		{`inputs.risk.all(s, true)`, 0, `a list belongs here, and this is a text`},
		{`inputs.risk.foo`, 12, `a text has no .foo`},
		{`services.name == "web"`, 9, `a list has no .name; ask its members, such as services.exists(x, x.name == …)`},
		{`inputs.risk == `, 12, `something is missing behind ==`},
		{`== "high"`, 0, `something is missing before ==`},
		{`inputs.risk "high"`, 12, `something is missing between risk and "high"; such as == or &&`},
		{`inputs.risk == "high" &&`, 22, `something is missing behind &&`},
		{`{inputs.risk} == "high"`, 0, `braces are for texts; in a condition a name stands bare, such as inputs.risk`},
		{`${{ inputs.risk }} == "high"`, 0, `${{ … }} is GitHub's; in a condition a name stands bare, such as inputs.risk`},
		{``, 0, `a condition is missing; it is written such as inputs.risk == "high"`},
		{`inputs.risk == “high”`, 15, `these quotes are for reading; here a text stands in straight ones: "…"`},
		{`if inputs.downtime then true`, 0, `if is nothing here; a choice is written condition ? this : that`},
		{`inputs.downtime ? "a" : 1`, 0, `this is either a text or a number; both sides of : have to be the same`},
		{`inputs.risk ? true : false`, 0, `before ? stands yes or no, and this is a text; compare it, such as inputs.risk == "high"`},
		{`1 + 2.5 > 3.0`, 0, `a number can't be added to a fraction; write both as fractions, such as 2.0, or both as whole numbers`},
		{`inputs.risk + true == ""`, 0, `a text can't be added to yes or no; string(…) makes a text of it`},
		{`-inputs.risk == ""`, 0, `a text has no minus`},
		{`15m > hours(1)`, 0, `15m is no number; a length of time is written such as minutes(15), a text in quotes`},
		{`now.getHours() > "10"`, 0, `a number can't be compared with a text`},
		{`inputs.risk.startsWith(1)`, 0, `startsWith can't take what it is given here; it is written such as reason.startsWith("fix")`},
		{`type(inputs.risk) == string`, 0, `there is no function "type"`},
		{`dyn(1) == 1`, 0, `there is no function "dyn"`},
		{`b"x" == b"x"`, 0, `a text is written in quotes alone; leave out the b`},
		{`inputs`, 0, `a condition is yes or no, and this is all inputs; write which of them, such as inputs.NAME`},
		{`inputs == 1`, 0, `all inputs can't be compared with a number`},
		{`steps.soak.done`, 0, `"soak" is not over when it begins itself`},
		{`vars.url == ""`, 0, `in vars.url, this step is done once for all services, so there is no {service}; add each: services`},
		{`inputs.risk == "high" & inputs.downtime`, 22, `& is never written alone; write &&`},
		{`inputs.in == ""`, 7, `what is called in can't be named in a condition; call it something else`},
		{`a.b.c`, 0, `there is no a; a text stands in quotes: "a"`},
		{`step.ride.done`, 0, `there is no step; did you mean steps?`},
		{`Inputs.risk == "high"`, 0, `there is no Inputs; did you mean inputs?`},
		{`inputs.risk > "low"`, 0, `risk is one of low, high; compare it with ==`},
		{`"low" <= inputs.risk`, 9, `risk is one of low, high; compare it with ==`},
		{`inputs.risk > 2`, 0, `risk is one of low, high; compare it with ==`},
		{`inputs.risk == low`, 15, `there is no low; a text stands in quotes: "low"`},
		{`inputs.risk == 2`, 0, `a text can't be compared with a number; it is "low" or "high"`},
		{`foo`, 0, `there is no foo; a text stands in quotes: "foo"`},
		{`inputs.risk == "x\q"`, 15, `a \ in quotes makes something else of what is behind it; where it is meant itself, write \\`},
		{`99999999999999999999 > 1`, 0, `this number is too large`},
		{`steps.image.all.digest == ""`, 16, `a list has no .digest; ask its members, such as steps.image.all.exists(x, x.digest == …)`},
		{`inputs.who == "ana"`, 0, `a person can't be compared with a text; it has a name: inputs.who.name`},
		{`maintenance`, 0, `a condition is yes or no, and this is a maintenance; compare it, such as inputs.risk == "high"`},
		{`maintenance.opn`, 12, `a maintenance has no "opn"; did you mean "open"?`},
		{`{"a": 1}.a == 1`, 0, `braces are for texts; in a condition a name stands bare, such as inputs.risk`},
		{"inputs.risk ==\n\"hihg\"", 15, `risk is never "hihg"; it is "low" or "high"`},
		{`inputs.risk == ""`, 15, `risk is never ""; it is "low" or "high"`},
		{`ü == 1`, 0, `ü is nothing in a condition`},
		{`"ü" == inputs.rsik`, 14, `there is no input "rsik"; did you mean "risk"?`},
		{`services.exists(s, s.name == "web" && inputs.rsik == "")`, 45, `there is no input "rsik"; did you mean "risk"?`},
		{`next-update < now`, 0, `there is no next-update; it is called next_update now`},
		{`inputs.downtime ? now < planned`, 16, `? has no : behind it; a choice is written condition ? this : that`},
		{`inputs.downtime : now < planned`, 16, `: has no ? before it; a choice is written condition ? this : that`},
		{`inputs.downtime, values.careful`, 15, `, stands in brackets alone; two conditions are joined by && or ||`},
		{`inputs.risk-1 > 0`, 7, `there is no input "risk-1"; a minus wants a space on both sides`},
		{`now < planned < end`, 0, `yes or no can't be compared with a moment; compare two at a time, such as start < now && now < end`},
		{`services.filter(s, s.owner) == services`, 15, `yes or no belongs here, and this is a text; compare it, such as s.owner != ""`},
		{`size(steps) > 1`, 0, `size can't take what it is given here; it is written such as size(services)`},
		{`environment == "prod"`, 0, `an environment can't be compared with a text; it has a name: environment.name`},
		{`!(inputs.downtime || values.careful) && service.to == ""`, 40, `this step is done once for all services, so there is no service; add each: services`},
		{`inputs.pods-wanted == "3"`, 0, `a number can't be compared with a text; write the number without quotes`},
		{`inputs.impact == 3`, 0, `a text can't be compared with a number; write the number in quotes: "3"`},
		{`inputs.downtime == "true" ? true : false`, 0, `yes or no can't be compared with a text; write inputs.downtime or !inputs.downtime alone`},
	} {
		t.Run(c.expression, func(t *testing.T) {
			wrong(t, names().CheckExpression(c.expression, deployer.TypeCond, soak), c.at, c.want)
		})
	}
}

func TestConditionsWithoutMistakes(t *testing.T) {
	for _, x := range []string{
		`steps.odd.foo`,
		`steps.form.build-id == ""`,
		`has(inputs.pods-wanted) && inputs.pods-wanted > 1`,
		`values.careful`,
		`values.late`,
		`values.dated && inputs.due < now`,
		`!has(inputs.due) || inputs.due < now`,
		`has(inputs.due) ? inputs.due < now : false`,
		`inputs.features[0] == "x"`,
		`now.getHours("Europe/Berlin") > 10`,
		`vars.bridge == ""`,
		`values.in-time && !values.in-time`,
		`has(inputs.who) && inputs.who.name == "ana"`,
		`inputs.way == ""`,
		`inputs.risk.size() > 1`,
		`steps.ride.by == requester`,
		`inputs.downtime < true`,
		`services.map(s, s.name) == retailers`,
		`inputs.risk.split(",")[0] == "x"`,
	} {
		if got := names().CheckExpression(x, deployer.TypeCond, soak); len(got) > 0 {
			t.Errorf("%s: %q", x, got)
		}
	}
}

func TestMistakesInTexts(t *testing.T) {
	for _, c := range []struct {
		text string
		at   int
		want string
	}{
		{`{risk}`, 0, `there is no {risk}; did you mean {inputs.risk}?`},
		{`${{ what }}`, 0, `${{ … }} is GitHub's; here a value is written {what}`},
		{`${{ inputs.risk == 1 }}`, 0, `${{ … }} is GitHub's; here a value is written {inputs.NAME}`},
		{`${what}`, 0, `${what} is the shell's; here a value is written {what}`},
		{`{@tech-laed}`, 0, `the config has no role "tech-laed"; did you mean "tech-lead"?`},
		{`{@role:tech-laed}`, 0, `the config has no role "tech-laed"; did you mean "tech-lead"?`},
		{`{@role:sre}`, 0, `{@role:sre} is written {@sre} now`},
		{`{step}`, 0, `there is no {step}; it is called {failure.step} now`},
		{`{why}`, 0, `there is no {why}; it is called {failure.why} now`},
		{`{next-update}`, 0, `there is no {next-update}; it is called {next_update} now`},
		{`{downtime}`, 0, `there is no {downtime}; did you mean {inputs.downtime}?`},
		{`{impact}`, 0, `there is no {impact}; did you mean {inputs.impact}?`},
		{`{from}`, 0, `there is no {from}; it is called {what_before} now`},
		{`{to}`, 0, `there is no {to}; it is called {what} now`},
		{`{stays}`, 0, `there is no {stays}; it is called {what_stays} now`},
		{`{service}`, 0, `this step is done once for all services, so there is no {service}; add each: services`},
		{`{service.to}`, 0, `this step is done once for all services, so there is no {service}; add each: services`},
		{`{each}`, 0, `this is done once, so there is no {each}; a step with each: is done for each member of a list`},
		{`{secrets.x}`, 0, `a secret can't stand here; {secrets.NAME} stands in headers and body of probe.http alone`},
		{`{inputs.rsik}`, 0, `there is no input "rsik"; did you mean "risk"?`},
		{`{steps.health.done}`, 0, `"health" (line 19) is not over when "soak" begins; move it up, or add needs: [health]`},
		{`{steps.ride}`, 0, `{steps.ride} is a whole step; write what of it, such as {steps.ride.why}`},
		{`{steps.image.of}`, 0, `{steps.image.of} has no words of its own; write what of it`},
		{`{steps.image.digest}`, 0, `the step "image" is done for several, so there is no one "digest"; write steps.image.of["…"].digest, or go through steps.image.all`},
		{`{values.soaked}`, 0, `in values.soaked, "soak" is not over when it begins itself`},
		{`{inputs}`, 0, `{inputs} is not one of them; write which, such as {inputs.NAME}`},
		{`{vars.url}`, 0, `in vars.url, this step is done once for all services, so there is no {service}; add each: services`},
		{`{failure.step}`, 0, `nothing has failed where this is read, so there is no {failure}; it stands in failure, rollback, after and their words`},
		{`{outcome}`, 0, `it has not ended where this is read, so there is no {outcome}; it stands in after`},
		{`{Service}`, 0, `there is no {Service}; did you mean {service}?`},
		{`{input.risk}`, 0, `there is no {input.risk}; did you mean {inputs.risk}?`},
		{`{Inputs.risk}`, 0, `there is no {Inputs.risk}; did you mean {inputs.risk}?`},
		{`{input.rsik}`, 0, `there is no {input.rsik}; did you mean {inputs.risk}?`},
		{`{step.ride.choice}`, 0, `there is no {step.ride.choice}; did you mean {steps.ride.choice}?`},
		{`{var.url}`, 0, `there is no {var.url}; did you mean {vars.url}?`},
		{`{value.careful}`, 0, `there is no {value.careful}; did you mean {values.careful}?`},
		{`{Service.to}`, 0, `there is no {Service.to}; did you mean {service.to}?`},
		{`{user.x}`, 0, `there is no {user.x}; where the braces themselves are meant, write {{user.x}}`},
		{`{print}`, 0, `there is no {print}; where the braces themselves are meant, write {{print}}`},
		{`{maintenance}`, 0, `{maintenance} has no words of its own; write what of it`},
		{`{retailer.nam}`, 0, `a retailer has no "nam"; did you mean "name"?`},
		{`{what}{what.x}`, 6, `a text has no .x`},
		{`ü {rsik}`, 2, `there is no {rsik}; did you mean {inputs.risk}?`},
		{`{planed}`, 0, `there is no {planed}; did you mean {planned}?`},
		{`{pods}`, 0, `there is no {pods}; did you mean {inputs.pods-wanted}?`},
	} {
		t.Run(c.text, func(t *testing.T) { wrong(t, names().CheckText(c.text, soak), c.at, c.want) })
	}
}

// What looks like a value and prints as it stands is doubted, and other programs' braces are not.
func TestDoubtsInTexts(t *testing.T) {
	for _, c := range []struct {
		text string
		at   int
		want string
	}{
		{`{{inputs.risk}}`, 0, `{{inputs.risk}} prints {inputs.risk} as it is written; for its value write {inputs.risk}`},
		{`ü {{ inputs.risk }}`, 2, `this looks like {inputs.risk} and prints as it stands; for its value write {inputs.risk}`},
		{`{ inputs.risk }`, 0, `this looks like {inputs.risk} and prints as it stands; for its value write {inputs.risk}`},
		{`$inputs.risk.`, 0, `this looks like {inputs.risk} and prints as it stands; for its value write {inputs.risk}`},
		{`$(inputs.risk)`, 0, `this looks like {inputs.risk} and prints as it stands; for its value write {inputs.risk}`},
		{`%(inputs.risk)s`, 0, `this looks like {inputs.risk} and prints as it stands; for its value write {inputs.risk}`},
		{`{inputs.risk | upper}`, 0, `this looks like {inputs.risk} and prints as it stands; for its value write {inputs.risk}`},
		{`{inputs.risk.upper()}`, 0, `this looks like {inputs.risk} and prints as it stands; for its value write {inputs.risk}`},
		{`{inputs.risk == "high"}`, 0, `this looks like {inputs.risk} and prints as it stands; for its value write {inputs.risk}`},
		{`Risk {inputs.risk .`, 5, `this looks like {inputs.risk} and prints as it stands; for its value write {inputs.risk}`},
		{`Risk inputs.risk}.`, 5, `this looks like {inputs.risk} and prints as it stands; for its value write {inputs.risk}`},
		{`{{ vars.bridge }}`, 0, `this looks like {vars.bridge} and prints as it stands; for its value write {vars.bridge}`},
		{`{ values.careful }`, 0, `this looks like {values.careful} and prints as it stands; for its value write {values.careful}`},
		{`{{ steps.form.build-id }}`, 0, `this looks like {steps.form.build-id} and prints as it stands; for its value write {steps.form.build-id}`},
		{`{{ what }}`, 0, `this looks like {what} and prints as it stands; for its value write {what}`},
		{`{retailer.title | upper}`, 0, `this looks like {retailer.title} and prints as it stands; for its value write {retailer.title}`},
	} {
		t.Run(c.text, func(t *testing.T) {
			if got := names().Doubts(c.text, soak); len(got) != 1 {
				t.Errorf("said is %q", got)
			} else {
				wrong(t, got, c.at, c.want)
			}
		})
	}
	for _, x := range []string{`{inputs.risk}`, `{{what}} {{ other }} {{ .Values.what }} {{ $what }}`, `$what %(what)s {what`, `{status=~"5.."} {"a": 1}`, `{{ inputs.parameters.x }}`, `{ inputs.rsik }`} {
		if got := names().Doubts(x, soak); len(got) > 0 {
			t.Errorf("%s: %q", x, got)
		}
	}
	command := language.Place{Command: true}
	if got := names().Doubts("docker ps --format '{{ range . }}{{ end }}' ${what}", command); len(got) > 0 {
		t.Errorf("a command: %q", got)
	}
	wrong(t, names().Doubts("echo ${inputs.risk}", command), 6, `this looks like {inputs.risk} and prints as it stands; for its value write {inputs.risk}`)
}

func TestTextsWithoutMistakes(t *testing.T) {
	for _, x := range []string{
		`{what} in {retailer}`,
		`{{what}}`,
		`{"a": 1}`,
		`{status=~"5.."}`,
		`{.items[*]}`,
		`{{ .Values.x }}`,
		`{@tam} {@tech-lead}`,
		`{next_update}`,
		`{steps.ride.choice}`,
		`{steps.image.done_for}`,
		`{inputs.due}`,
		`{approvers}`,
		`{maintenance.url}`,
		`{duration}`,
		`{steps.form.build-id} {steps.form.build_id}`,
	} {
		if got := names().CheckText(x, soak); len(got) > 0 {
			t.Errorf("%s: %q", x, got)
		}
	}
}
