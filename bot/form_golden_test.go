package bot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// goldenView compares a view with the file that people have read. Slack's own
// types are held against the files too.
func goldenView(t *testing.T, name string, view slack.ModalViewRequest, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(view); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "form", name+".json")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), buf.String()); diff != "" {
		t.Errorf("%s (-file +now; go test -run %s -update if that is what it should say):\n%s", path, t.Name(), diff)
	}
}

// The forms as they read.
func TestForms(t *testing.T) {
	r := newRig(t, func(s *setup) {
		p := sop()
		p.Inputs = []deployer.Input{
			{ID: "risk", Label: "Risk", Options: []string{"low", "high"}, Default: "low"},
			{ID: "team", Label: "Team", Options: []string{"a", "b", "c", "d", "e"}, Required: true}, {ID: "ticket"},
		}
		s.bot.Procedures["deployment"] = p
		s.cluster.tags = []string{"v2", "v1"}
	})
	r.eventually("the tags are known", func() bool { return len(r.bot.tags.list("web").tags) > 0 })
	at := formTarget{r.ChannelID(deploys), "tangerine"}
	view, err := r.bot.form(at)
	goldenView(t, "empty", view, err)

	s := formState{formTarget: at, Service: "web", Tag: "v3", Env: "prod", Reason: "orders <!here> & more", Inputs: map[string]string{"team": "a"}}
	view, err = r.bot.guide.draw(s, true, r.bot.look(r.ctx(), s, "UANA"))
	goldenView(t, "unknown-tag", view, err)

	s.Tag = "v2"
	order, err := r.bot.requestOf(r.ctx(), s)
	r.must(err)
	start, err := r.bot.start(r.ctx(), scope{channel: at.Channel, retailer: at.Retailer}, order)
	r.must(err)
	view, err = r.bot.guide.confirm(confirmation{formState: s, Form: "V1"}, start, ana, r.bot.quickRuns(r.ctx(), s, start), "")
	goldenView(t, "confirm", view, err)
}

// Whatever people and procedures say, Slack takes the forms: one that it
// refuses leaves somebody without an answer.
func TestMonstersFitIntoAForm(t *testing.T) {
	for i, words := range nasty {
		t.Run(fmt.Sprint(i), func(t *testing.T) { fitsIntoAForm(t, words) })
	}
}

func fitsIntoAForm(t *testing.T, words string) {
	r := newRig(t, func(s *setup) {
		p := standard()
		p.Title = words
		for n := range 40 {
			p.Steps = append(p.Steps, deployer.Step{ID: fmt.Sprint("x", n), Title: words, Uses: deployer.KindApprove, Role: words, Count: 3})
		}
		p.Inputs = append(p.Inputs, deployer.Input{ID: "odd", Label: words, Options: []string{words, "b"}}, deployer.Input{ID: "text", Label: words})
		s.bot.Procedures["deployment"] = p
	})
	r.fills("ana", "web", "v2")
	contains(t, r.form("ana"), "Start this?")
	if invalid := r.sends("ana", nil); len(invalid) > 0 {
		t.Errorf("it says %v", invalid)
	}
	r.only()
}
