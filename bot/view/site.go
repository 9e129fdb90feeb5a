package view

import (
	"maps"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Retailer is whom deployments are for.
type Retailer struct {
	TAM          string
	Zone         *time.Location           // where its people are; nil is UTC
	Links        map[string]deployer.Link // by what people read; one named like an input is that input's
	Channels     map[string]string        // name in a procedure: Slack channel, name or id
	Messages     map[string]string        // over those for all
	Environments map[string]Environment
}

// An Environment of a retailer.
type Environment struct{ Default bool }

// A Service can be deployed.
type Service struct {
	Owner     string
	Procedure string                   // id of the one it follows unless told otherwise
	Links     map[string]deployer.Link // by what people read
}

// TAMRole is a role that no config can name: the technical account manager's.
func TAMRole(retailer string) string { return "tam of " + retailer }

// DefaultEnvironment is the one that is meant where none is named.
func DefaultEnvironment(envs map[string]Environment) (string, bool) {
	for _, n := range slices.Sorted(maps.Keys(envs)) {
		if envs[n].Default || len(envs) == 1 {
			return n, true
		}
	}
	return "", false
}

// A Scope is a channel where deployments are started.
type Scope struct{ Channel, Retailer, Name string }
