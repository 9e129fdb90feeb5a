// Package trial tries procedures without anything around them: a test says what
// people and systems do, and what has to come of it. Whatever it does not say goes
// well: people answer after a minute, machines after their estimate.
//
// A procedure is run by the same core that runs deployments, with a clock that jumps
// to whatever happens next.
package trial

import (
	"reflect"
	"time"

	"github.com/stationmaster/stationmaster/templates/strict"
	"go.yaml.in/yaml/v4"
)

// file is a *.test.yaml as it is written.
type file struct {
	Procedure strict.Text         `yaml:"procedure" required:"true" doc:"the id of the procedure that is tried"`
	Roles     map[string][]string `yaml:"roles" doc:"who holds which role; one that is not here is held by people who are called like it"`
	Start     start               `yaml:"start" doc:"how it is started, in every test that does not say otherwise"`
	Retailers []string            `yaml:"retailers" doc:"all that have the services"`
	Tests     []test              `yaml:"tests" doc:"the tests, each by itself"`
}

// Described implements strict.Described.
func (file) Described() (string, map[string]string) {
	return "a file of tests", map[string]string{"expect": "it stands in a test", "do": "it stands in a test", "test": `it is a list, and called "tests"`}
}

type start struct {
	By       string                 `yaml:"by" default:"requester" doc:"who starts it"`
	At       strict.Text            `yaml:"at" default:"2026-03-05T10:00:00Z" doc:"when it is started"`
	Planned  strict.Text            `yaml:"planned" doc:"for when, as --at says"`
	In       place                  `yaml:"in" doc:"where: {retailer, environment, channel}"`
	Services map[string]string      `yaml:"services" doc:"which, each with its tag"`
	Inputs   map[string]strict.Text `yaml:"inputs" doc:"what is given, by the ids of inputs"`
	Reason   string                 `yaml:"reason" doc:"why, as --reason says"`
	ByHand   []strict.Text          `yaml:"by_hand" doc:"systems that are not there, such as statuspage: people do what is theirs; without it all are there"`
}

// Described implements strict.Described.
func (start) Described() (string, map[string]string) {
	return "start", map[string]string{
		"retailer": "it stands in in, such as in: {retailer: NAME}", "product": "it stands in in, such as in: {retailer: NAME}",
		"environment": "it stands in in, such as in: {environment: NAME}", "channel": "it stands in in, such as in: {channel: NAME}",
		"service": "write services: {NAME: TAG}", "tag": "write services: {NAME: TAG}",
	}
}

type place struct {
	Retailer    string `yaml:"retailer" default:"retailer" doc:"at which retailer, or of which product"`
	Environment string `yaml:"environment" default:"prod" doc:"in which environment"`
	Channel     string `yaml:"channel" default:"deploys" doc:"in which channel it is typed"`
}

// Described implements strict.Described.
func (place) Described() (string, map[string]string) {
	return "in", map[string]string{"": "such as in: {retailer: NAME, environment: NAME, channel: NAME}"}
}

type test struct {
	Name   strict.Text `yaml:"name" doc:"what it shows"`
	Start  start       `yaml:"start" doc:"what is otherwise than in the start of all"`
	Do     yaml.Node   `yaml:"do" doc:"what happens, by the id of a step; failure: what is decided after each failure, such as [retry, roll-back]"`
	Kill   strict.Text `yaml:"kill" doc:"everywhere: the process is killed after everything that happens, and has to go on"`
	Expect expect      `yaml:"expect" doc:"what has to come of it"`
}

// Described implements strict.Described.
func (test) Described() (string, map[string]string) { return "a test", nil }

// expect is what has to come of it.
type expect struct {
	End        strict.Text            `yaml:"end" doc:"how it ends: complete, rolled-back, stopped, or refused"`
	NotNeeded  []strict.Text          `yaml:"not_needed" doc:"steps that were not needed"`
	Failed     []strict.Text          `yaml:"failed" doc:"steps that failed, in any try"`
	Skipped    []strict.Text          `yaml:"skipped" doc:"steps that somebody skipped"`
	Warned     []strict.Text          `yaml:"warned" doc:"words of warnings at the start"`
	Told       map[string]several     `yaml:"told" doc:"by channel: messages in their order, others may come between; []: none"`
	Direct     map[string]several     `yaml:"direct" doc:"the same by person"`
	Paged      []strict.Text          `yaml:"paged" empty:"yes" doc:"who was paged, and nobody else; []: nobody"`
	ApprovedBy []strict.Text          `yaml:"approved_by" empty:"yes" doc:"who approved, and nobody else; []: nobody"`
	At         map[string]strict.Text `yaml:"at" doc:"by step: when it was over"`
	Took       took                   `yaml:"took" doc:"how long it took: {at_most: 30m, at_least: 10m}"`
	Taps       map[string]strict.Text `yaml:"taps" doc:"by person: how often they pressed a button, or sent a form, until the deployment ended"`
	TapsAfter  map[string]strict.Text `yaml:"taps_after" doc:"likewise, after its end"`
	Run        map[string]several     `yaml:"run" doc:"by procedure: where it was run; []: nowhere"`
}

// Described implements strict.Described.
func (expect) Described() (string, map[string]string) {
	return "expect", map[string]string{"done": "all steps are, but those of not_needed, failed and skipped; when, says at"}
}

type took struct {
	AtMost  time.Duration `yaml:"at_most"`
	AtLeast time.Duration `yaml:"at_least"`
}

// Described implements strict.Described.
func (took) Described() (string, map[string]string) {
	return "took", map[string]string{"": "such as took: {at_most: 30m}"}
}

// Several are the texts of a list, which may be empty.
type several struct {
	At  strict.Start
	All []strict.Text `yaml:"-" short:"list"`
}

// happens is what may be said of a step, or of one try of it.
type happens struct {
	Fails    string `yaml:"fails" doc:"it fails so: a failure of its kind, or timeout; {fails: rejected} of an approve"`
	Always   string `yaml:"always" doc:"true: so in every further try too, also in those of retries"`
	Succeeds string `yaml:"succeeds" doc:"it goes well; also the word alone"`
	Choice   string `yaml:"choice" doc:"what is chosen; also the word alone; request-changes of an approve, which is replied to"`
	Outputs  string `yaml:"outputs" doc:"what it leaves behind, or is filled in, by name"`
	After    string `yaml:"after" doc:"how long it takes, such as 40m"`
	Nobody   string `yaml:"nobody" doc:"nobody answers for so long, such as 3d"`
}

// Forms are the structs of what stands in a file of tests, whose fields say their keys, for
// the page of the language.
func Forms() map[string]reflect.Type {
	return map[string]reflect.Type{
		"tests": reflect.TypeFor[file](), "start": reflect.TypeFor[start](), "in": reflect.TypeFor[place](),
		"a test": reflect.TypeFor[test](), "do": reflect.TypeFor[happens](), "expect": reflect.TypeFor[expect](),
	}
}

// outcomeKeys are what an outcome may say.
var outcomeKeys = func() []string {
	var out []string
	for f := range reflect.TypeFor[happens]().Fields() {
		out = append(out, f.Tag.Get("yaml"))
	}
	return out
}()
