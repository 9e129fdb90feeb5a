package deployer_test

import (
	"slices"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// Whoever does a step for one of several tells the thread for which.
func TestTheThreadSaysForWhomAStepWasDone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		each    deployer.Step
		members string
		answers []string
		want    []string
	}{
		"by an expression": {confirms("c", func(s *deployer.Step) { s.EachOf = "who" }), "olga, piet", []string{"olga", "piet"}, []string{"olga", "piet"}},
		"by a list":        {confirms("c", func(s *deployer.Step) { s.Each = []string{"olga", "piet"} }), "", []string{"olga", "piet"}, []string{"olga", "piet"}},
		"of one":           {confirms("c", func(s *deployer.Step) { s.EachOf = "who" }), "lemon", []string{""}, []string{"lemon"}},
		"all at once":      {confirms("c", func(s *deployer.Step) { s.EachOf = "who" }), "olga, piet", []string{""}, []string{""}},
		"a service":        {confirms("c", func(s *deployer.Step) { s.EachOf = deployer.EachService }), "", []string{""}, []string{""}},
	} {
		s := speaks(t, deployer.Procedure{Steps: []deployer.Step{test.each}}, map[string]string{"who": test.members}, "web")
		for _, item := range test.answers {
			s.does(ana, deployer.Answer{Step: "c", Attempt: 1, Item: item, Choice: deployer.ChoiceDone})
		}
		s.is("c=done")
		var got []string
		for _, m := range s.messages {
			if m.Note.Kind == deployer.NoteConfirmed {
				got = append(got, m.Note.Detail)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: the thread reads of %q, want %q", name, got, test.want)
		}
	}
}
