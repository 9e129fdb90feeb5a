// Package trial tries procedures without anything around them: a test says what
// people and systems do, and what has to come of it. Whatever it does not say goes
// well: people answer after a minute, machines after their estimate.
//
// A procedure is run by the same core that runs deployments, with a clock that jumps
// to whatever happens next.
package trial

import (
	"time"

	"github.com/stationmaster/stationmaster/templates/strict"
	"go.yaml.in/yaml/v4"
)

// file is a *.test.yaml as it is written.
type file struct {
	Procedure strict.Text         `yaml:"procedure" doc:"the id of the procedure that is tried"`
	Roles     map[string][]string `yaml:"roles" doc:"who holds which role; one that is not here is held by people who are called like it"`
	Start     start               `yaml:"start" doc:"how it is started, in every test that does not say otherwise"`
	Retailers []string            `yaml:"retailers" doc:"all that have the services"`
	Tests     []test              `yaml:"tests"`
}

type start struct {
	By       string            `yaml:"by"`
	At       strict.Text       `yaml:"at"`
	Planned  strict.Text       `yaml:"planned"`
	In       place             `yaml:"in"`
	Services map[string]string `yaml:"services"`
	Inputs   map[string]string `yaml:"inputs"`
	Reason   string            `yaml:"reason"`
}

type place struct {
	Retailer    string `yaml:"retailer"`
	Environment string `yaml:"environment"`
	Channel     string `yaml:"channel"`
}

type test struct {
	Name   strict.Text `yaml:"name"`
	Start  start       `yaml:"start"`
	Do     yaml.Node   `yaml:"do"`
	Kill   strict.Text `yaml:"kill"`
	Expect expect      `yaml:"expect"`
}

// expect is what has to come of it.
type expect struct {
	End        strict.Text              `yaml:"end"`
	NotNeeded  []strict.Text            `yaml:"not_needed"`
	Failed     []strict.Text            `yaml:"failed"`
	Skipped    []strict.Text            `yaml:"skipped"`
	Warned     []strict.Text            `yaml:"warned"`
	Told       map[string][]strict.Text `yaml:"told"`
	Direct     map[string][]strict.Text `yaml:"direct"`
	Paged      []strict.Text            `yaml:"paged"`
	ApprovedBy []strict.Text            `yaml:"approved_by"`
	At         map[string]strict.Text   `yaml:"at"`
	Took       struct {
		AtMost  time.Duration `yaml:"at_most"`
		AtLeast time.Duration `yaml:"at_least"`
	} `yaml:"took"`
	Taps map[string]int           `yaml:"taps"`
	Run  map[string][]strict.Text `yaml:"run"`
}
