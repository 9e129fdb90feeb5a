package deployer_test

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// What clients must not read is refused, with the word and why.
func TestClientsReadNoInternals(t *testing.T) {
	t.Parallel()
	d := deployer.Deployment{
		ID: "tangerine-142", Releases: []deployer.Release{{Service: "decanting-service", Tag: "24-02-05.619"}, {Service: "web", Tag: "15"}},
		Targets: []deployer.Target{{Service: "web", Before: deployer.State{Version: "v1"}, After: deployer.State{Version: "15"}}},
		Inputs:  map[string]string{"ticket": "chg 7"},
	}
	for words, want := range map[string]string{
		"We are back in 15 minutes. Thank you.":        "",
		"Our webshop and the cobwebs are fine.":        "",
		"  \n ":                                        "There are no words.",
		"Decanting-Service is slow.":                   "“Decanting-Service” is the name of a service.",
		"The web, again.":                              "“web” is the name of a service.",
		"We bring 24-02-05.619 tonight.":               "“24-02-05.619” is a tag.",
		"v1 goes.":                                     "“v1” is a version.",
		"Ask for tangerine-142.":                       "“tangerine-142” is the id of this deployment.",
		"See CHG-12.":                                  "“CHG-12” looks like a ticket.",
		"See Chg 7.":                                   "“Chg 7” is the answer to the input ticket.",
		"It ends at {end}.":                            "{end} was not filled in.",
		strings.Repeat("é", deployer.ClientWordsMax):   "",
		strings.Repeat("é", deployer.ClientWordsMax+1): "These are 2001 characters; 2000 are the most.",
		"Die Wartung endet um 22:15 Uhr. – ご不便をおかけします。": "",
	} {
		got := ""
		if err := d.CheckClientWords(strings.TrimSpace(words)); err != nil {
			got, _, _ = strings.Cut(err.Error(), "\n")
		}
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%.40q: %q, want %q", words, got, want)
		}
	}
}
