package bottest

import (
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// PhoneBook is a table of names.
type PhoneBook struct{}

// Role knows two tech leads and one of the SREs.
func (PhoneBook) Role(role string) []deployer.Actor {
	return map[string][]deployer.Actor{"tech-lead": {Bob, Rosa}, "sre": {{ID: "UOLGA", Name: "Olga"}}, deployer.DeputyRole("tech-lead"): {Dora}}[role]
}

// Mention calls the tech leads.
func (PhoneBook) Mention(role string) string {
	return map[string]string{"tech-lead": "<!subteam^S1>", deployer.DeputyRole("tech-lead"): "<@" + Dora.ID + ">"}[role]
}

// Call calls those tech leads who are not left out.
func (b PhoneBook) Call(role string, but []string) string {
	if role != "tech-lead" || len(but) == 0 {
		return b.Mention(role)
	}
	var out []string
	for _, p := range []deployer.Actor{Bob, Rosa} {
		if !slices.Contains(but, p.ID) {
			out = append(out, "<@"+p.ID+">")
		}
	}
	return strings.Join(out, " ")
}

// Holders are known of the tech leads alone.
func (PhoneBook) Holders(role string) deployer.Holders {
	if role != "tech-lead" {
		return deployer.Holders{Unknown: true}
	}
	return deployer.Holders{People: [][]string{{Bob.ID}, {Rosa.ID}, {"UOTHER"}}}
}

// Person is called by their name.
func (PhoneBook) Person(p deployer.Actor) string { return p.Name }

// Renamed: nobody is called otherwise than when it was written down.
func (PhoneBook) Renamed(deployer.Actor) string { return "" }
