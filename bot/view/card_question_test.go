package view

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// fewNames are names of which it is known who can answer.
type fewNames struct {
	bottest.PhoneBook
	holders deployer.Holders
}

func (n fewNames) Holders(string) deployer.Holders { return n.holders }

// A question that nobody can answer says so while it waits, and why.
func TestACardSaysThatNobodyCanAnswer(t *testing.T) {
	t.Parallel()
	n := bottest.Confirmed(t)
	waiting := n.Deployment()
	two := waiting
	two.Steps = append([]deployer.StepState{}, waiting.Steps...)
	s := two.Step("approve")
	s.With = deployer.Values{"role": {Text: "tech-lead"}, "count": {Number: 2}}
	elsewhere := *s
	elsewhere.ID, elsewhere.Approvals = "first", []deployer.Approval{{By: bottest.Rosa, Subject: two.Subject().Hash()}}
	two.Steps = append(two.Steps, elsewhere)
	bob, rosa, ana := []string{bottest.Bob.ID, "UBOB2"}, []string{bottest.Rosa.ID}, []string{"UANA2", bottest.Ana.ID}
	for name, c := range map[string]struct {
		d       deployer.Deployment
		holders deployer.Holders
		want    string
	}{
		"somebody can":                {waiting, deployer.Holders{People: [][]string{bob}, Lacks: []string{"@leads is empty"}}, ""},
		"it is not known":             {waiting, deployer.Holders{Unknown: true}, ""},
		"the group is empty":          {waiting, deployer.Holders{Lacks: []string{"@leads is empty"}}, "Nobody can answer this: @leads is empty."},
		"nobody holds it":             {waiting, deployer.Holders{}, "Nobody can answer this: nobody is tech-lead."},
		"the requester alone":         {waiting, deployer.Holders{People: [][]string{ana}}, "Nobody can answer this: everybody of tech-lead has asked for it"},
		"too few":                     {two, deployer.Holders{People: [][]string{bob, ana}}, "Nobody can complete this: 2 more of tech-lead have to answer, and only 1 can."},
		"one who has approved before": {two, deployer.Holders{People: [][]string{bob, rosa}}, "Nobody can complete this: 2 more of tech-lead have to answer, and only 1 can."},
	} {
		r := plainRenderer
		r.Names = fewNames{holders: c.holders}
		_, blocks := Card(c.d, nil, r, n.Time)
		data, err := json.Marshal(blocks)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(data); strings.Contains(text, "Nobody can") != (c.want != "") || !strings.Contains(text, c.want) {
			t.Errorf("%s: it reads %s, want %q", name, text, c.want)
		}
	}
}
