// Package source holds procedures as they are written: a struct for every
// mapping of a file, with a sentence on every key. What is written is checked and
// understood elsewhere; the JSON Schema and the manual come from here.
//
// The tags of a field: yaml is its key; doc says what it is; is says what its text
// is, see the constants; enum lists what it may be; default says what it is where it
// is not written; required that it has to be. A field without a key and with a tag
// short holds the form of the mapping that is a scalar or a list. A list with the tag
// empty may be empty.
package source

import "github.com/stationmaster/stationmaster/templates/strict"

// What a text is, as the tag is of a field says. Without the tag it is a literal.
const (
	IsID       = "id"       // small letters, digits, - and _
	IsWords    = "words"    // for people, with {values}
	IsLiteral  = ""         // as it stands
	IsCond     = "cond"     // CEL, yes or no
	IsTime     = "time"     // CEL, a moment
	IsList     = "names"    // CEL, a list of texts
	IsAny      = "value"    // CEL, anything
	IsDuration = "duration" // 30s 15m 1h30m 2d 1w
	IsFlag     = "flag"     // true or false
	IsNumber   = "number"   // a whole number
	IsRole     = "role"     // a role of the config, or a built-in one
	IsChannel  = "channel"  // a channel of the config
	IsMessage  = "message"  // a name under messages
	IsStep     = "step"     // the id of a step
	IsClock    = "clock"    // a time of the day, such as 18:00
	IsPattern  = "pattern"  // a regular expression of Go's
)

// A File is one procedure.
type File struct {
	At              strict.Start
	ID              strict.Text            `yaml:"id" is:"id" required:"true" doc:"unique among all procedures; the file may be called anything"`
	Title           strict.Text            `yaml:"title" required:"true" doc:"what it is called"`
	Owner           strict.Text            `yaml:"owner" doc:"the role or team that keeps it right"`
	About           strict.Text            `yaml:"about" doc:"when to use it, in a sentence or two of Markdown"`
	Abstract        strict.Text            `yaml:"abstract" is:"flag" default:"false" doc:"true: it only serves others, and can't be started; what extends or includes it is checked"`
	Services        strict.Text            `yaml:"services" enum:"many,one,none" default:"many" doc:"many (one or more, each with a tag), one, or none"`
	Environments    []strict.Text          `yaml:"environments" default:"all" doc:"where it may be used; a start elsewhere is refused"`
	Unapproved      strict.Text            `yaml:"unapproved" doc:"why nothing that it deploys needs an approval; without it a step that deploys needs an approve before it"`
	Extends         strict.Text            `yaml:"extends" is:"id" doc:"all of another procedure, with what stands here laid over it"`
	Change          []Change               `yaml:"change" doc:"with extends: steps or phases that come before or after one of the other procedure, replace it, or remove it"`
	Inputs          []Input                `yaml:"inputs" doc:"what is asked when it starts"`
	Vars            map[string]strict.Text `yaml:"vars" is:"words" doc:"texts that the config may set, for all, a group, a retailer, an environment, a service; one that is empty has to be set there"`
	Values          map[string]strict.Text `yaml:"values" is:"value" doc:"named conditions and computed values, in CEL"`
	Windows         []Window               `yaml:"windows" doc:"how a time of the week is for it; the first that fits counts"`
	Defaults        Defaults               `yaml:"defaults" doc:"what steps are reminded and escalated by where they don't say it"`
	Phases          []Phase                `yaml:"phases" doc:"one after the other, each as a whole"`
	Failure         Failure                `yaml:"failure" doc:"what happens at once when a step fails: who decides, who is told, what is done"`
	Rollback        Rollback               `yaml:"rollback" doc:"the way back"`
	After           []Step                 `yaml:"after" doc:"what begins with the end; its places are free by then"`
	Messages        map[string]Message     `yaml:"messages" doc:"the words that are told, by name"`
	Troubleshooting []Trouble              `yaml:"troubleshooting" doc:"a list of what may go wrong, and what to do then"`
}

// Described implements strict.Described.
func (File) Described() (string, map[string]string) {
	return "a procedure", map[string]string{
		"name": `here it is called "title"`, "jobs": `here it is called "phases"`, "steps": `steps stand in "phases"`,
		"env": `here it is called "vars"`, "description": `here it is called "about"`, "include": `it stands where a phase or a step stands`,
		"on": "what starts a procedure is a person, or the config", "on_failure": `here it is called "failure"`, "if": `a phase or a step has "when"`,
	}
}

// A Change lays something over the steps or phases of the procedure that is extended.
type Change struct {
	At      strict.Start
	Before  strict.Text `yaml:"before" is:"step" doc:"the step or phase before which it comes"`
	After   strict.Text `yaml:"after" is:"step" doc:"the step or phase behind which it comes"`
	Replace strict.Text `yaml:"replace" is:"step" doc:"the step or phase in whose place it comes"`
	Remove  strict.Text `yaml:"remove" is:"step" doc:"the step or phase that goes"`
	Steps   []Step      `yaml:"steps" doc:"what comes, where it is about a step"`
	Phases  []Phase     `yaml:"phases" doc:"what comes, where it is about a phase"`
}

// Described implements strict.Described.
func (Change) Described() (string, map[string]string) { return "a change", nil }

// Defaults are those of the steps.
type Defaults struct {
	Remind   []strict.Text `yaml:"remind" empty:"yes" is:"duration" doc:"when those who are awaited are called again, since they were asked"`
	Escalate Escalate      `yaml:"escalate" doc:"what happens where they don't come"`
}

// Described implements strict.Described.
func (Defaults) Described() (string, map[string]string) { return "defaults", nil }

// Escalate says when somebody else is asked.
type Escalate struct {
	At         strict.Start
	Deputies   strict.Text `yaml:"deputies" is:"duration" doc:"when the role's deputies may answer too"`
	Page       strict.Text `yaml:"page" is:"duration" doc:"when they are paged"`
	BreakGlass strict.Text `yaml:"break_glass" is:"duration" doc:"when whoever is on call may answer, with a reason that is announced and reviewed"`
}

// Described implements strict.Described.
func (Escalate) Described() (string, map[string]string) { return "escalate", nil }

// A Window says how a time of the week is for what a procedure does.
type Window struct {
	At           strict.Start
	When         strict.Text   `yaml:"when" is:"cond" doc:"a condition over the inputs"`
	Environments []strict.Text `yaml:"environments" default:"all" doc:"where it counts"`
	Days         []strict.Text `yaml:"days" enum:"mon,tue,wed,thu,fri,sat,sun,weekday,weekend,holiday,before-holiday" default:"all" doc:"on which days"`
	From         strict.Text   `yaml:"from" is:"clock" default:"the whole day" doc:"from when"`
	To           strict.Text   `yaml:"to" is:"clock" doc:"until when; before from: over midnight"`
	Zone         strict.Text   `yaml:"zone" default:"the retailer's" doc:"the time zone, such as Europe/Berlin"`
	Is           strict.Text   `yaml:"is" enum:"fine,warn,refuse" required:"true" doc:"fine, warn (one tap more, and it stands on the card) or refuse"`
	Why          strict.Text   `yaml:"why" is:"words" doc:"why"`
	Override     strict.Text   `yaml:"override" is:"role" doc:"the role that may go on where it is refused, or over, with a reason"`
	Ends         strict.Text   `yaml:"ends" enum:"finish,hold,ask" doc:"what comes of what has begun in it, and has more to change, when it is over: it goes on, is held until it is fine again, or those who decide are asked. Where nothing is said, what refuses then asks, and what does not lets it go on"`
}

// Described implements strict.Described.
func (Window) Described() (string, map[string]string) { return "a window", nil }

// A Message is the words of something that is told: a text, or a title and a text.
type Message struct {
	At    strict.Start
	Title strict.Text `yaml:"title" is:"words" doc:"for pages, mails and releases"`
	Text  strict.Text `yaml:"text" short:"scalar" is:"words" required:"true" doc:"the words"`
}

// Described implements strict.Described.
func (Message) Described() (string, map[string]string) { return "a message", nil }

// Names are one or several.
type Names struct {
	One  strict.Text   `yaml:"-" short:"scalar"`
	Many []strict.Text `yaml:"-" short:"list"`
}

// All are all of them.
func (n Names) All() []strict.Text {
	if n.One.Written() {
		return []strict.Text{n.One}
	}
	return n.Many
}

// Written reports whether there are any.
func (n Names) Written() bool { return n.One.Written() || n.Many != nil }
