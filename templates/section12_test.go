package templates_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/templates"
)

// spoil is quick.yaml with words that were replaced once.
func spoil(t *testing.T, edits ...string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/section12/quick.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for i := 0; i < len(edits); i += 2 {
		if strings.Count(text, edits[i]) != 1 {
			t.Fatalf("%q stands %d times in quick.yaml", edits[i], strings.Count(text, edits[i]))
		}
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	return []byte(text)
}

// What the page of the language says that mistakes say, letter by letter.
func TestMistakesSayWhatThePageSays(t *testing.T) {
	t.Parallel()
	known := templates.Known{Kinds: kinds(t), Roles: []string{"tech-lead"}, Channels: []string{"deploys"}}
	const condition, message = `when: inputs.risk == "high"`, `"*Deploy is starting:* {what} in {retailer}."`
	for name, test := range map[string]struct {
		edits []string
		want  string
	}{
		"a mistyped key":         {[]string{"estimate: 5m", "estimat: 5m"}, `13:9: there is no key "estimat" in a step; did you mean "estimate"?`},
		"GitHub's name":          {[]string{"title: Ready to go", "name: Ready to go"}, `11:9: there is no key "name" in a step; here it is called "title"`},
		"GitHub's if":            {[]string{"title: Ready to go", "if: Ready to go"}, `11:9: there is no key "if" in a step; here it is called "when"`},
		"GitHub's jobs":          {[]string{"phases:", "jobs:"}, `6:1: there is no key "jobs" in a procedure; here it is called "phases"`},
		"GitHub's run":           {[]string{"uses: confirm", "run: make"}, `12:9: there is no key "run" in a step; here it is uses: job.run`},
		"continue-on-error":      {[]string{"estimate: 5m", "continue-on-error: true"}, `13:9: there is no key "continue-on-error" in a step; here it is on_failure: continue`},
		"GitHub's env":           {[]string{"title: Quick deployment", "title: Quick deployment\nenv: {a: b}"}, `3:1: there is no key "env" in a procedure; here it is called "vars"`},
		"a mistyped kind":        {[]string{"uses: confirm", "uses: confrim"}, `12:15: there is no step kind "confrim"; did you mean "confirm"?`},
		"no kind":                {[]string{"        uses: confirm\n", ""}, `10:9: the step "ready" does not say what it does; add for example uses: confirm`},
		"a mistyped parameter":   {[]string{"{items:", "{itms:"}, `14:16: confirm has no parameter "itms"; did you mean "items"?`},
		"approve without with":   {[]string{", with: {role: tech-lead}", ""}, `15:50: approve needs role or roles: who may approve; add with: {role: tech-lead}`},
		"a mistyped role":        {[]string{"role: tech-lead", "role: tech-laed"}, `15:78: the config has no role "tech-laed"; did you mean "tech-lead"?`},
		"an id twice":            {[]string{"id: starting", "id: approve"}, `16:14: there is a step "approve" already, in line 15; give this one another id`},
		"no unit":                {[]string{"timeout: 15m", "timeout: 15"}, `17:64: 15 has no unit; write 15s, 15m or 15h`},
		"a comma":                {[]string{"title: It soaks", "title: It soaks, briefly"}, `18:37: there is no key "briefly" in a step; if it belongs to the words before the comma, put them in quotes`},
		"a mistyped input":       {[]string{condition, `when: inputs.rsik == "high"`}, `18:50: there is no input "rsik"; did you mean "risk"?`},
		"a mistyped option":      {[]string{condition, `when: inputs.risk == "hihg"`}, `18:58: risk is never "hihg"; it is "low" or "high"`},
		"no condition":           {[]string{condition, `when: inputs.risk + 1`}, `18:43: a condition is yes or no, and a text can't be added to a number; compare it, such as inputs.risk == "high"`},
		"an exclamation mark":    {[]string{condition, `when: !inputs.risk`}, `18:43: a condition that begins with ! has to be in quotes, else YAML takes it for a tag: when: "!inputs.risk"`},
		"a colon":                {[]string{"messages:", "values:\n  starts: inputs.now ? now : planned\nmessages:"}, `21:11: a condition with " : " in it has to be in quotes, else YAML takes it for a mapping`},
		"a colon in braces":      {[]string{condition, `when: inputs.now ? now : planned`}, `18:43: a condition with " : " in it has to be in quotes, else YAML takes it for a mapping`},
		"what may be left empty": {[]string{condition, `when: inputs.due < now`}, `18:43: due may be left empty; ask has(inputs.due) && … first, or give it required: true`},
		"what is not over":       {[]string{condition, `when: steps.health.done`}, `18:43: "health" (line 19) is not over when "soak" begins; move it up, or add needs: [health]`},
		"service without each":   {[]string{"each: services, ", ""}, `19:80: this step is done once for all services, so there is no {service}; add each: services`},
		"a bare input":           {[]string{message, `"*Deploy is starting:* {risk}"`}, `21:36: there is no {risk}; did you mean {inputs.risk}?`},
		"GitHub's expression":    {[]string{message, `"*Deploy is starting:* ${{ what }}"`}, `21:36: ${{ … }} is GitHub's; here a value is written {what}`},
		"an asterisk":            {[]string{message, `*Deploy is starting`}, `21:13: words that begin with * have to be in quotes, else YAML takes them for a reference`},
		"a brace":                {[]string{message, `{what} is starting`}, `21:13: words that begin with { have to be in quotes, else YAML takes them for a mapping`},
		"an ampersand":           {[]string{message, `& so it is starting`}, `21:13: words that begin with & have to be in quotes, else YAML takes them for a name of what follows`},
		"an at sign":             {[]string{message, `@here it is starting`}, `21:13: words that begin with @ have to be in quotes, else YAML can't read them`},
		"a percent sign":         {[]string{message, `%5 is starting`}, `21:13: words that begin with % have to be in quotes, else YAML can't read them`},
		"a back-tick":            {[]string{message, "`make` is starting"}, "21:13: words that begin with ` have to be in quotes, else YAML can't read them"},
		"a circle":               {[]string{"        uses: confirm\n", "        needs: [approve]\n        uses: confirm\n"}, `12:17: "ready" waits for "approve", which waits for "ready": neither could begin; remove one`},
		"a tab":                  {[]string{"    title: Rollout", "\ttitle: Rollout"}, `8:1: a tab; YAML indents with spaces`},
		"for and until":          {[]string{"{for: 5m}", "{for: 5m, until: planned}"}, `18:94: wait has for already; keep one of for and until`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := templates.Parse(known, "procedures/quick.yaml", spoil(t, test.edits...))
			if want := "procedures/quick.yaml:" + test.want; err == nil || err.Error() != want {
				t.Errorf("got\n%v\nwant\n%s", err, want)
			}
		})
	}
	if _, err := templates.Parse(known, "procedures/quick.yaml", spoil(t)); err != nil {
		t.Errorf("unspoiled: %v", err)
	}
}
