package source

import "github.com/stationmaster/stationmaster/templates/strict"

// An Input is asked when a procedure starts, or in a form.
type Input struct {
	At       strict.Start
	ID       strict.Text `yaml:"id" is:"id" required:"true" doc:"its name, as in inputs.ID"`
	Label    strict.Text `yaml:"label" default:"the id" doc:"what people read"`
	Kind     strict.Text `yaml:"kind" enum:"text,choice,boolean,number,time,duration,link,person" default:"text" doc:"what it is; a number is whole"`
	Options  Names       `yaml:"options" is:"names" doc:"of a choice: a list, or CEL that comes to one, such as retailers"`
	Default  strict.Text `yaml:"default" doc:"what it is where nothing is said"`
	Required strict.Text `yaml:"required" is:"flag" default:"false" doc:"it has to be given"`
	Many     strict.Text `yaml:"many" is:"flag" default:"false" doc:"a list: one a line, or several of the options"`
	When     strict.Text `yaml:"when" is:"cond" doc:"a condition over the inputs before it; where it does not hold it is not asked"`
	Help     strict.Text `yaml:"help" doc:"a sentence below the field"`
	Pattern  strict.Text `yaml:"pattern" is:"pattern" doc:"a regular expression that it has to match"`
	Clients  strict.Text `yaml:"clients" is:"flag" default:"false" doc:"words for clients may hold it"`
}

// Described implements strict.Described.
func (Input) Described() (string, map[string]string) {
	return "an input", map[string]string{
		"type": `here it is called "kind"`, "description": `here it is called "help", and what people read is "label"`,
		"name": `here it is called "id", and what people read is "label"`, "title": `here it is called "label"`, "if": `here it is called "when"`,
	}
}

// A Phase is a barrier: it begins when the one before is done.
type Phase struct {
	At       strict.Start
	ID       strict.Text `yaml:"id" is:"id" required:"true" doc:"unique among phases and steps"`
	Title    strict.Text `yaml:"title" default:"from the id" doc:"what it is called"`
	Parallel strict.Text `yaml:"parallel" is:"flag" default:"false" doc:"its steps go side by side; without it from top to bottom"`
	When     strict.Text `yaml:"when" is:"cond" doc:"a condition, asked once when it begins; where it does not hold, none of its steps is needed"`
	Else     strict.Text `yaml:"else" is:"words" doc:"why it is not needed then"`
	Steps    []Step      `yaml:"steps" doc:"its steps"`
	Include  strict.Text `yaml:"include" is:"id" doc:"alone: the phases of another procedure stand here"`
}

// Described implements strict.Described.
func (Phase) Described() (string, map[string]string) {
	return "a phase", map[string]string{
		"name": `here it is called "title"`, "if": `here it is called "when"`, "needs": "phases come one after the other; needs stands at a step",
		"uses": `it stands at a step, below "steps"`,
	}
}

// A Step is one thing that is done.
type Step struct {
	At              strict.Start
	ID              strict.Text            `yaml:"id" is:"id" required:"true" doc:"its name, as in steps.ID"`
	Title           strict.Text            `yaml:"title" is:"words" default:"from the id" doc:"what is so when it is done"`
	Uses            strict.Text            `yaml:"uses" required:"true" doc:"the step kind"`
	With            strict.Node            `yaml:"with" doc:"the parameters of its kind"`
	When            strict.Text            `yaml:"when" is:"cond" doc:"a condition, asked once; where it does not hold, the step is not needed"`
	Else            strict.Text            `yaml:"else" is:"words" doc:"why it is not needed, shown in its place"`
	Needs           []strict.Text          `yaml:"needs" empty:"yes" is:"step" default:"all above it in its phase" doc:"the steps of the same part that have to be done first"`
	Each            Names                  `yaml:"each" is:"names" doc:"once for each of a list, of a CEL list, or of services; in it {each} or {service}"`
	Order           Names                  `yaml:"order" default:"together" doc:"together, in-turn, or waves such as [1, 5, rest]"`
	Expect          strict.Text            `yaml:"expect" is:"words" default:"the kind's" doc:"what one sees when it went well"`
	How             strict.Text            `yaml:"how" is:"words" doc:"how it is done, for people and for when a machine is away"`
	Estimate        strict.Text            `yaml:"estimate" is:"duration" doc:"against which it is late"`
	Timeout         strict.Text            `yaml:"timeout" is:"duration" doc:"when it fails, or takes its default"`
	Deadline        strict.Text            `yaml:"deadline" is:"time" doc:"a moment, when it fails or takes its default"`
	Retries         Retries                `yaml:"retries" default:"0" doc:"how many more tries, at once or each after a pause: {times: 5, every: 10s}; only of kinds that do not act"`
	Remind          []strict.Text          `yaml:"remind" empty:"yes" is:"duration" default:"those of defaults" doc:"when those who are awaited are called again, since it began"`
	Escalate        Escalate               `yaml:"escalate" default:"that of defaults" doc:"what happens where they don't come; {}: nothing"`
	OnFailure       strict.Text            `yaml:"on_failure" enum:"decide,continue,stop,roll-back" default:"decide" doc:"what comes of it when it fails"`
	MaySkip         strict.Text            `yaml:"may_skip" is:"role" default:"whoever decides" doc:"the role that may skip it, or nobody"`
	Background      strict.Text            `yaml:"background" is:"flag" default:"false" doc:"nothing waits for it, not even the end"`
	Links           map[string]strict.Text `yaml:"links" is:"words" doc:"process documents and dashboards, by their labels"`
	Troubleshooting Troubles               `yaml:"troubleshooting" doc:"a text, or a list of what may go wrong"`
	In              strict.Text            `yaml:"in" is:"duration" doc:"of after: how long since the end"`
	Every           strict.Text            `yaml:"every" is:"duration" doc:"of after: again and again"`
	For             strict.Text            `yaml:"for" is:"duration" doc:"of after, with every: for how long"`
	Include         strict.Text            `yaml:"include" is:"id" doc:"alone: the steps of another procedure stand here"`
}

// Described implements strict.Described.
func (Step) Described() (string, map[string]string) {
	return "a step", map[string]string{
		"name": `here it is called "title"`, "if": `here it is called "when"`, "run": "here it is uses: job.run", "jobs": `here it is called "phases"`,
		"continue-on-error": "here it is on_failure: continue", "env": `here it is called "vars"`, "timeout-minutes": `here it is called "timeout"`,
		"failure": `here it is called "on_failure"`, "parallel": "it stands at the phase, whose steps all go side by side then",
		"optional": "here it is on_failure: continue", "skip": `here it is called "may_skip"`, "by_hand": `here it is called "how"`,
		"depends_on": `here it is called "needs"`, "after": `here it is called "needs"`, "on_error": `here it is called "on_failure"`,
		"retry": `here it is called "retries"`, "condition": `here it is called "when"`, "type": `here it is called "uses"`, "kind": `here it is called "uses"`,
		"for_each": `here it is called "each"`, "foreach": `here it is called "each"`, "matrix": `here it is called "each"`, "loop": `here it is called "each"`,
		"params": `here it is called "with"`, "args": `here it is called "with"`,
		"role": "it stands in with: {role: …}", "roles": "it stands in with: {roles: …}", "items": "it stands in with: {items: …}", "to": "it stands in with: {to: …}",
		"message": "it stands in with: {message: …}", "url": "it stands in with: {url: …}", "command": "it stands in with: {command: …}", "text": "it stands in with: {text: …}",
	}
}

// Retries say how often a step that failed is tried again: a number, or more.
type Retries struct {
	Times strict.Text `yaml:"times" short:"scalar" is:"number" required:"true" doc:"how many more tries"`
	Every strict.Text `yaml:"every" is:"duration" default:"at once" doc:"the pause before each"`
}

// Described implements strict.Described.
func (Retries) Described() (string, map[string]string) { return "retries", nil }

// Troubles are what may go wrong with a step: a text, or a list.
type Troubles struct {
	Text strict.Text `yaml:"-" short:"scalar" is:"words"`
	List []Trouble   `yaml:"-" short:"list"`
}

// A Trouble is one thing that may go wrong.
type Trouble struct {
	At        strict.Start
	Failure   strict.Text   `yaml:"failure" default:"any" doc:"a name of the kind's failures, or timeout; the entry is shown only then"`
	Symptom   strict.Text   `yaml:"symptom" is:"words" doc:"what one sees"`
	Diagnosis strict.Text   `yaml:"diagnosis" is:"words" doc:"where to look"`
	Causes    []strict.Text `yaml:"causes" is:"words" doc:"a list of what may be behind it"`
	Fix       strict.Text   `yaml:"fix" is:"words" doc:"what to do"`
}

// Described implements strict.Described.
func (Trouble) Described() (string, map[string]string) { return "an entry of troubleshooting", nil }

// Failure says what happens when a step fails.
type Failure struct {
	At       strict.Start
	Decide   Names         `yaml:"decide" is:"role" doc:"the role or roles that decide; the requester alone may check again, retry and stop"`
	Experts  []strict.Text `yaml:"experts" is:"role" doc:"roles that are called in; to decide without their views takes a reason"`
	Prefer   strict.Text   `yaml:"prefer" enum:"check-again,retry,skip,patch-forward,roll-back,extend,stop" doc:"the first button; roll back is otherwise the last"`
	Timeout  strict.Text   `yaml:"timeout" is:"duration" doc:"when default is taken"`
	Default  strict.Text   `yaml:"default" enum:"roll-back,skip,stop" doc:"what is taken when nobody has decided in time"`
	Message  strict.Text   `yaml:"message" is:"message" default:"failed" doc:"told where a step fails"`
	Over     strict.Text   `yaml:"over" is:"message" default:"over" doc:"told when what failed is done after all"`
	Stopped  strict.Text   `yaml:"stopped" is:"message" default:"stopped" doc:"told when it was stopped"`
	Held     strict.Text   `yaml:"held" is:"message" default:"held" doc:"told when its approval is asked again"`
	Resumed  strict.Text   `yaml:"resumed" is:"message" default:"resumed" doc:"told when it goes on"`
	To       []strict.Text `yaml:"to" is:"channel" doc:"the channels that are told"`
	People   []strict.Text `yaml:"people" is:"role" doc:"roles that are told by direct messages"`
	Remind   []strict.Text `yaml:"remind" empty:"yes" is:"duration" default:"those of defaults" doc:"when those who decide are called again"`
	Escalate Escalate      `yaml:"escalate" default:"that of defaults" doc:"what happens where they don't come"`
	Steps    []Step        `yaml:"steps" doc:"what is done at once, side by side"`
}

// Described implements strict.Described.
func (Failure) Described() (string, map[string]string) {
	return "failure", map[string]string{"roles": `here it is called "decide"`, "channels": `here it is called "to"`}
}

// Rollback is the way back.
type Rollback struct {
	At    strict.Start
	Steps []Step `yaml:"steps" short:"list" doc:"from top to bottom"`
}

// Described implements strict.Described.
func (Rollback) Described() (string, map[string]string) { return "rollback", nil }

// An Item is a line of a checklist: a text, or more.
type Item struct {
	At       strict.Start
	Title    strict.Text `yaml:"title" short:"scalar" is:"words" required:"true" doc:"what is confirmed"`
	Link     strict.Text `yaml:"link" is:"words" doc:"where to look"`
	Evidence strict.Text `yaml:"evidence" enum:"text,link" doc:"what has to be given with it"`
}

// Described implements strict.Described.
func (Item) Described() (string, map[string]string) { return "an item", nil }

// A Choice is one way to decide.
type Choice struct {
	At     strict.Start
	ID     strict.Text `yaml:"id" is:"id" required:"true" doc:"its name"`
	Label  strict.Text `yaml:"label" is:"words" default:"the id" doc:"what people read"`
	Reason strict.Text `yaml:"reason" is:"flag" default:"false" doc:"it takes a reason"`
}

// Described implements strict.Described.
func (Choice) Described() (string, map[string]string) { return "a choice", nil }

// A Check is a figure with its limits.
type Check struct {
	At       strict.Start
	Name     strict.Text `yaml:"name" required:"true" doc:"what it is called"`
	Query    strict.Text `yaml:"query" is:"words" default:"the config's of that name" doc:"in PromQL"`
	Below    strict.Text `yaml:"below" doc:"it is less than that"`
	Above    strict.Text `yaml:"above" doc:"it is more than that"`
	Before   strict.Text `yaml:"before" doc:"at most so many times what it was before the first mutating step"`
	Baseline strict.Text `yaml:"baseline" doc:"at most so many times what the old pods show now; the query holds {pods}"`
	Critical strict.Text `yaml:"critical" is:"flag" default:"false" doc:"one bad sample is enough"`
}

// Described implements strict.Described.
func (Check) Described() (string, map[string]string) { return "a check", nil }
