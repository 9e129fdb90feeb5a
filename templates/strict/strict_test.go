package strict_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/templates/strict"
)

type config struct {
	Listen  string             `yaml:"listen"`
	Wait    time.Duration      `yaml:"wait"`
	Count   int                `yaml:"count"`
	List    []string           `yaml:"list"`
	Service map[string]service `yaml:"services"`
	Name    strict.Text        `yaml:"name"`
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
sm.yaml:3:7: "5q" is not a time such as 15m or 2h
sm.yaml:4:8: "many" is not a whole number
sm.yaml:5:7: "3" is not a list
sm.yaml:8:5: there is no key "ownr"; did you mean "owner"?
sm.yaml:9:12: this must be a text
sm.yaml:10:7: this must be a text`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestDecodeReportsKeysThatStandTwice(t *testing.T) {
	t.Parallel()
	var c config
	err := strict.Decode("sm.yaml", []byte("listen: a\nlisten: b\n"), &c)
	if want := `sm.yaml:2:1: mapping key "listen" already defined at line 1`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestDecodeReportsSyntax(t *testing.T) {
	t.Parallel()
	var c config
	err := strict.Decode("sm.yaml", []byte("list: [a\n  b: }"), &c)
	if err == nil || !strings.HasPrefix(err.Error(), "sm.yaml:2:4: this is not YAML: ") {
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
	if err != nil || c.Wait != 15*time.Minute || c.Name != (strict.Text{Value: "abc", Line: 2, Column: 7}) || c.Service["web"].Owner != "me" {
		t.Errorf("%+v, %v", c, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("listen: x\nwait: 5q\nservices: {web: {ownr: 1}}"))
	f.Add([]byte("a: &a [*a]\n<<: *a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var c config
		_ = strict.Decode("fuzz.yaml", data, &c)
	})
}
