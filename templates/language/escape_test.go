package language_test

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/deployer"
)

// values are what somebody might type to have it read as more than a value.
func values() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringN(0, 20, 60), rapid.SampledFrom([]string{"", ".", "..", "../x", "a/b", `"`, `\`, `\"`, "'", "`", "$(x)", "\n", "{what}", "{secrets.x}", `","b":"`, "%2e%2e", "#", "?a=b", "@host", "..\\", "~", "x\" or up"}),
		rapid.StringMatching("[\"'`\\\\${}()\\[\\]./?#&%@: \\n-]{1,12}"),
	)
}

// fillOne fills one parameter with a value; ok: that can stand there.
func fillOne(t *testing.T, value string, p deployer.Param, v deployer.Value) (deployer.Value, bool) {
	got, err := filled(t, value, deployer.Values{p.Name: v}, p)
	return got[p.Name], err == nil
}

func TestAValueStaysOneInJSON(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		v := values().Draw(r, "value")
		got, ok := fillOne(t, v, deployer.Param{Name: "body", Type: deployer.TypeText, Escape: deployer.EscapeJSON}, deployer.Value{Text: `{"a": "x{inputs.impact}y", "b": {inputs.impact}}`})
		if !ok {
			return
		}
		var read map[string]string
		if err := json.Unmarshal([]byte(got.Text), &read); err != nil {
			r.Fatalf("%q: %v", got.Text, err)
		}
		if v = strings.ToValidUTF8(strings.TrimSpace(v), "\uFFFD"); len(read) != 2 || read["a"] != "x"+v+"y" || read["b"] != v {
			r.Fatalf("%q became %q", v, read)
		}
	})
}

func TestAValueStaysInItsPartOfAURL(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		v := values().Draw(r, "value")
		p := deployer.Param{Name: "url", Type: deployer.TypeURL, Escape: deployer.EscapeURL}
		got, ok := fillOne(t, v, p, deployer.Value{Text: "https://h.example/a/{inputs.impact}/.{inputs.impact}/b?q={inputs.impact}&r=1#{inputs.impact}"})
		if !ok {
			return
		}
		u, err := url.Parse(got.Text)
		if err != nil {
			r.Fatal(err)
		}
		v = strings.TrimSpace(v)
		parts := strings.Split(u.EscapedPath(), "/")
		query := u.Query()
		if u.Host != "h.example" || u.User != nil || len(parts) != 5 || query.Get("q") != v || query.Get("r") != "1" || len(query) != 2 || u.Fragment != v {
			r.Fatalf("%q became %q", v, got.Text)
		}
		if base, err := url.Parse("https://h.example/"); err != nil || !strings.HasPrefix(base.ResolveReference(u).Path, "/a/") || strings.Contains(u.Path, "/../") {
			r.Fatalf("%q leaves its path: %q", v, got.Text)
		}
		if host, ok := fillOne(t, v, p, deployer.Value{Text: "https://{inputs.impact}.h.example/"}); ok {
			if u, err := url.Parse(host.Text); err != nil || u.Host != v+".h.example" || strings.ContainsAny(v, "./@:#?") {
				r.Fatalf("%q became %q", v, host.Text)
			}
		}
	})
}

func TestAValueStaysInItsStringOfPromQL(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		v := values().Draw(r, "value")
		mark := rapid.SampledFrom([]string{`"`, "`"}).Draw(r, "mark")
		checks := deployer.Param{Name: "checks", Type: deployer.TypeChecks, Escape: deployer.EscapePromQL}
		got, ok := fillOne(t, v, checks, deployer.Value{Rows: []map[string]string{{"query": "up{a=" + mark + "{inputs.impact}" + mark + "}"}}})
		if !ok {
			return
		}
		inner := strings.TrimSuffix(strings.TrimPrefix(got.Rows[0]["query"], "up{a="), "}")
		read, err := strconv.Unquote(inner)
		if err != nil && !strings.ContainsAny(v, "\r") || err == nil && read != strings.ToValidUTF8(strings.TrimSpace(v), "\uFFFD") && !strings.Contains(v, "\r") {
			r.Fatalf("%q became %s: %q %v", v, inner, read, err)
		}
	})
}

func TestAValueStaysAVariableOfAShell(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		v := values().Draw(r, "value")
		text := rapid.SampledFrom([]string{`echo {inputs.impact}`, `echo "a {inputs.impact}"`, `echo 'a {inputs.impact}' {inputs.impact}`}).Draw(r, "command")
		got, ok := fillOne(t, v, command, deployer.Value{Text: text})
		other, _ := fillOne(t, "other", command, deployer.Value{Text: text})
		if ok && (got.Text != other.Text || len(got.Texts) != 1 || got.Texts["SM_1"] != strings.TrimSpace(v)) {
			r.Fatalf("%q is in the command: %q %q", v, got.Text, got.Texts)
		}
	})
}

func TestNoValueIsTakenForASecret(t *testing.T) {
	headers := deployer.Param{Name: "headers", Type: deployer.TypeTexts}
	if got, ok := fillOne(t, "{secrets.token}", headers, deployer.Value{Texts: map[string]string{"A": "{inputs.impact}"}}); ok {
		t.Errorf("a runner would fill it in: %q", got.Texts)
	}
	got, ok := fillOne(t, "x", headers, deployer.Value{Texts: map[string]string{"A": "Bearer {secrets.token} {inputs.impact}"}})
	if !ok || got.Texts["A"] != "Bearer {secrets.token} x" {
		t.Errorf("%q", got.Texts)
	}
}
