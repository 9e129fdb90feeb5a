package language_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/language"
)

// celWords are what CEL, Go and YAML say, and nobody who writes a procedure.
var celWords = []string{"overload", "undeclared", "syntax error", "token", "mismatched", "protobuf", "timestamp'", "int'", "string'", "dyn", "(id:", "nil", "panic", "%!", "runtime", "extraneous", "#step", "#member", "@result"}

func FuzzExpression(f *testing.F) {
	for _, x := range []string{
		`inputs.risk == "high"`, `has(inputs.due) && inputs.due < now`, `steps.image.all.exists(i, i.digest == "x")`, `values.late ? planned : now + hours(3)`,
		`retailers.filter(r, r != retailer.name)`, `!inputs.downtime || size(services) > 1`, `steps.form.build-id.split(",")[0]`, `inputs.risk in ["low"]`, `"ü" + 'x`, `a ? b : c`, ",", "]",
	} {
		f.Add(x)
	}
	n := names()
	f.Fuzz(func(t *testing.T, x string) {
		for _, as := range []deployer.ParamType{deployer.TypeCond, deployer.TypeList, deployer.TypeTime, deployer.TypeText} {
			said(t, x, x, n.CheckExpression(x, as, soak))
			got, err := language.Runtime{}.Compute(x, as, at("web"))
			again, same := language.Runtime{}.Compute(x, as, at("web"))
			if (err == nil) != (same == nil) || got.Text != again.Text || got.Flag != again.Flag || !got.Time.Equal(again.Time) {
				t.Errorf("%q comes to %v and then to %v", x, got, again)
			}
			if err != nil {
				said(t, x, x, []language.Mistake{{Why: err.Error()}})
			}
		}
	})
}

func FuzzText(f *testing.F) {
	for _, x := range []string{`{what} in {retailer}`, `{inputs.rsik} ${{ x }} ${y} {{z}}`, `{@tam}{@x:y}`, `{"a": {inputs.risk}}`, `{steps.image.of.web}`, "{{{a}}}", "sh -c '{what}' x {what}"} {
		f.Add(x)
	}
	n := names()
	f.Fuzz(func(t *testing.T, x string) {
		place := soak
		for _, place.Command = range []bool{false, true} {
			wrong := n.CheckText(x, place)
			said(t, x, x, wrong)
			if _, err := (language.Runtime{}).Words(x, at("web")); err != nil && len(wrong) == 0 {
				t.Errorf("%q is taken, and can't be filled: %v", x, err)
			}
		}
		for _, escape := range []deployer.Escape{deployer.EscapeNone, deployer.EscapeJSON, deployer.EscapePromQL, deployer.EscapeShell, deployer.EscapeURL} {
			p := deployer.Param{Name: "x", Type: deployer.TypeText, Escape: escape}
			if _, err := filled(t, x, deployer.Values{"x": {Text: x}}, p); err != nil {
				said(t, x, x, []language.Mistake{{Why: err.Error()}})
			}
		}
	})
}

// said looks whether mistakes are said as people speak, and within what is wrong. Words
// that the writer has used may be in them.
func said(t *testing.T, of, source string, wrong []language.Mistake) {
	t.Helper()
	for _, m := range wrong {
		if m.At < 0 || m.At > utf8.RuneCountInString(source) || m.Why == "" {
			t.Errorf("%q: at %d: %s", of, m.At, m)
		}
		for _, word := range celWords {
			if strings.Contains(strings.ToLower(m.String()), word) && !strings.Contains(strings.ToLower(source), strings.Trim(word, "'")) {
				t.Errorf("%q: nobody says %q: %s", of, word, m)
			}
		}
	}
}

// pieces are what conditions and texts are made of, and what people take for it.
var pieces = []string{
	"inputs.risk", "inputs.due", "inputs.rsik", "inputs.pods-wanted", "values.late", "values.nothing", "steps.image.all", "steps.ride.choice", `steps.image.of["web"]`, "services", "retailers",
	"service", "each", "failure", "now", "planned", "duration", "null", "true", "1", "2.5", `"high"`, `'x'`, `"`, "r", "==", "!=", "<", ">=", "&&", "||", "!", "-", "+", "*", "/", "%", "?", ":", "(", ")", "[", "]", "{", "}", ",", ".",
	"in", "has(", "size(", "hours(", "days(", ".exists(s, ", ".all(", ".filter(r, ", ".map(x, x)", ".name", ".matches(", ".split(", "and", "if", "=", "ü", "“", "\n", "\\", "${{ ", "}}", "{what}", "{inputs.risk}", "{@tam}", "x-y", "duration(", "timestamp(",
}

// TestWhateverIsWrittenIsAnswered does what the fuzzing does, with more sense and fewer
// tries: whatever stands in a condition or a text is answered in people's words, and what
// is taken can be computed, or it can be said why not.
func TestWhateverIsWrittenIsAnswered(t *testing.T) {
	n := names()
	rapid.Check(t, func(r *rapid.T) {
		x := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 9).Draw(r, "pieces"), rapid.SampledFrom([]string{"", " "}).Draw(r, "between"))
		wrong := n.CheckExpression(x, deployer.TypeCond, everywhere)
		said(t, x, x, wrong)
		if _, err := (language.Runtime{}).Compute(x, deployer.TypeCond, at("web")); err != nil {
			said(t, x, x, []language.Mistake{{Why: err.Error()}})
			if len(wrong) == 0 && strings.Contains(err.Error(), "not of the kind") {
				r.Fatalf("%q is taken, and can't be computed: %v", x, err)
			}
		}
		said(t, x, x, n.CheckText(x, everywhere))
	})
}
