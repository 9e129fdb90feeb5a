package strict_test

import (
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/stationmaster/stationmaster/templates/strict"
)

type config struct {
	Listen  string             `yaml:"listen"`
	Wait    time.Duration      `yaml:"wait"`
	Count   int                `yaml:"count"`
	List    []string           `yaml:"list"`
	Service map[string]service `yaml:"services"`
	Name    strict.Text        `yaml:"name"`
	With    yaml.Node          `yaml:"with"`
}

type service struct {
	Owner string `yaml:"owner"`
}

func TestDecodeReportsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	var c config
	err := strict.Decode("sm.yaml", []byte(`
lissten: x
wait: 5q
count: many
list: 3
services:
  web:
    ownr: me
    owner: {a: b}
name: [a]
`), &c)
	want := `sm.yaml:2:1: there is no key "lissten"; did you mean "listen"?
sm.yaml:3:7: "5q" is no time such as 30s, 15m, 1h30m, 2d or 1w
sm.yaml:4:8: "many" is not a whole number
sm.yaml:5:7: list must be a list, not a single text
sm.yaml:8:5: there is no key "ownr"; did you mean "owner"?
sm.yaml:9:12: owner must be a text, not a mapping with keys; words that begin with { have to be in quotes
sm.yaml:10:7: name must be a text, not a list`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// Also in a node that is decoded later, and where one of two keys is in quotes.
func TestDecodeReportsKeysThatStandTwice(t *testing.T) {
	t.Parallel()
	var c config
	err := strict.Decode("sm.yaml", []byte("listen: a\nlisten: b\nservices: {web: {owner: a}, \"web\": {owner: b, owner: c}}\nwith:\n- {role: a, count: 1, role: b}\n"), &c)
	want := `sm.yaml:2:1: there is "listen" already, at 1:1; keep one of the two
sm.yaml:3:29: there is "web" already, at 3:12; keep one of the two
sm.yaml:3:47: there is "owner" already, at 3:37; keep one of the two
sm.yaml:5:23: there is "role" already, at 5:4; keep one of the two`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// What stands for something else is refused in what strangers read, each where
// it stands; a config may have it.
func TestPlainFilesSayEverythingThemselves(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"list: &l [a]\n": `sm.yaml:1:7: &l names what follows, to say it again by *l; what is said twice is written twice, since a stranger can't read *l, and words that begin with & have to be in quotes`,
		"services: {web: &w {owner: a}, api: *w}\nlissten: x": `sm.yaml:1:17: &w names what follows, to say it again by *w; what is said twice is written twice, since a stranger can't read *w, and words that begin with & have to be in quotes
sm.yaml:1:37: what is said twice is written twice; a stranger can't read *w`,
		"services:\n  web:\n    <<: {owner: a}\n": `sm.yaml:3:5: what is said twice is written twice; a stranger can't read <<`,
		"listen: *Deploy is starting\n":           `sm.yaml:1:9: words that begin with * have to be in quotes, else YAML takes them for a reference`,
		"listen: \"*Deploy* & << is starting\"\n": ``,
	} {
		var c config
		said := ""
		if _, err := strict.DecodePlain("sm.yaml", []byte(text), &c); err != nil {
			said = err.Error()
		}
		if said != want {
			t.Errorf("%q: got\n%s\nwant\n%s", text, said, want)
		}
	}
	var c config
	if err := strict.Decode("sm.yaml", []byte("services: {web: &w {owner: a}, api: *w}\n"), &c); err != nil || c.Service["api"].Owner != "a" {
		t.Errorf("a config: %+v, %v", c, err)
	}
}

func TestDecodeReportsSyntax(t *testing.T) {
	t.Parallel()
	var c config
	err := strict.Decode("sm.yaml", []byte("list: [a\n  b: }"), &c)
	if err == nil || !strings.HasPrefix(err.Error(), "sm.yaml:1:7: the bracket or brace that begins here is not closed") {
		t.Errorf("got %v", err)
	}
}

// A key is found by its name, although a value before it is the same word.
func TestKeyIsFoundByItsName(t *testing.T) {
	t.Parallel()
	data := []byte("messages:\n  starting: complete\n  complete: done\n")
	if at := strict.Find(data, "messages", "complete"); at != (strict.Text{Value: "complete", Line: 3, Column: 3}) {
		t.Errorf("found at %+v", at)
	}
	if at := strict.Find(data, "messages", "done"); at.Value != "messages" {
		t.Errorf("what is not there is found at %+v", at)
	}
}

func TestDecodeFillsEveryField(t *testing.T) {
	t.Parallel()
	var c config
	err := strict.Decode("sm.yaml", []byte("wait: 15m\nname: abc\nservices: {web: {owner: me}}\n"), &c)
	if err != nil || c.Wait != 15*time.Minute || c.Name.Value != "abc" || c.Name.Line != 2 || c.Name.Column != 7 || c.Service["web"].Owner != "me" {
		t.Errorf("%+v, %v", c, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("listen: x\nwait: 5q\nservices: {web: {ownr: 1}}"))
	f.Add([]byte("a: &a [*a]\n<<: *a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var c config
		_ = strict.Decode("fuzz.yaml", data, &c)
		_, _ = strict.DecodePlain("fuzz.yaml", data, &c)
	})
}
