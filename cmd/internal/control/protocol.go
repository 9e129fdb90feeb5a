package control

import (
	"strings"
	"time"
)

// A Listing is what is under way, the oldest first.
type Listing struct {
	Deployments []Summary `json:"deployments"`
	Unreadable  []string  `json:"unreadable,omitempty"` // ids of those that this program can't read
	Here        Here      `json:"here"`
}

// Here is whom the process takes the asker for, and how well it knows.
type Here struct {
	Login     string    `json:"login"`               // of the system
	Person    string    `json:"person"`              // by the name that Slack has
	ID        string    `json:"id"`                  // Slack's
	KnownAt   time.Time `json:"known_at,omitzero"`   // Slack can't be asked who they are, and said this then; zero: it was asked now
	SlackAway time.Time `json:"slack_away,omitzero"` // since when it is out of reach; zero: it is there
}

// A Summary is a deployment in a line or two.
type Summary struct {
	ID          string    `json:"id"`
	Drill       bool      `json:"drill,omitempty"`
	Title       string    `json:"title"` // of its procedure
	Services    []Change  `json:"services"`
	Retailer    string    `json:"retailer"`
	Environment string    `json:"environment"`
	State       string    `json:"state"`
	AskedBy     string    `json:"asked_by"`
	Since       time.Time `json:"since"`
	Waits       []Wait    `json:"waits"` // for people, or for what holds it
}

// A Change is what becomes of a service; "" is not known yet.
type Change struct {
	Service string `json:"service"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
}

// A Wait is something that is waited for.
type Wait struct {
	Step  string    `json:"step,omitempty"` // its id; "": it is about the whole deployment
	What  string    `json:"what"`
	Who   []string  `json:"who,omitempty"` // who can answer, by name or by role; none: no person can
	Since time.Time `json:"since,omitzero"`
}

// A Detail is all of one deployment.
type Detail struct {
	Summary
	Why     string            `json:"why,omitempty"`
	Reason  string            `json:"reason,omitempty"`
	Inputs  map[string]string `json:"inputs,omitempty"`
	Steps   []Step            `json:"steps"`
	Choices []Choice          `json:"choices"`
	Here    Here              `json:"here"`
}

// A Step is one of its steps.
type Step struct {
	ID    string   `json:"id"`
	Title string   `json:"title"`
	State string   `json:"state"` // to come, under way, waiting, telling, held, done, failed, unclear, skipped, not needed
	Why   string   `json:"why,omitempty"`
	List  []string `json:"list,omitempty"` // what has to be so, of one that is waited for
}

// A Choice is something that can be answered now, whoever may.
type Choice struct {
	Choice   string   `json:"choice"`         // the word that act takes
	Step     string   `json:"step,omitempty"` // "": it is about the whole deployment
	Item     string   `json:"item,omitempty"`
	Services []string `json:"services,omitempty"` // that go back; none: the failed ones
	What     string   `json:"what"`               // the step's title, or what the system asks
	Means    string   `json:"means,omitempty"`    // what would come of it, where that says more
	Reason   bool     `json:"reason,omitempty"`   // it needs one
	Fields   []Field  `json:"fields,omitempty"`
	Seen     string   `json:"seen"` // stands for what was shown: something else has another
}

// A Field is something that is filled in with an answer.
type Field struct {
	Name     string   `json:"name"`
	Label    string   `json:"label,omitempty"`
	Options  []string `json:"options,omitempty"`
	Value    string   `json:"value,omitempty"` // what is proposed
	Required bool     `json:"required,omitempty"`
}

// An Answer is what somebody says.
type Answer struct {
	Choice   string            `json:"choice"`
	Step     string            `json:"step,omitempty"` // "": the only one that it can be about
	Item     string            `json:"item,omitempty"`
	Services []string          `json:"services,omitempty"` // that go back; none: the failed ones
	Reason   string            `json:"reason,omitempty"`
	Fields   map[string]string `json:"fields,omitempty"`
	Seen     string            `json:"seen,omitempty"` // what was shown; only an approval needs it
	Nonce    string            `json:"nonce"`          // the same one is carried out once
}

// Done is what came of an answer.
type Done struct {
	Did        Choice `json:"did"`
	Deployment Detail `json:"deployment"`
}

// Refused is a no in words, and what to do instead.
type Refused struct {
	Why     string   `json:"why"`
	Instead []string `json:"instead,omitempty"`
}

// Error is all of it.
func (r *Refused) Error() string {
	return strings.TrimSpace(r.Why + "\n" + strings.Join(r.Instead, "\n"))
}

// The bounds of what travels.
const (
	requestMax = 256 << 10 // bytes
	replyMax   = 4 << 20
	fieldsMax  = 100
	reasonMax  = 500 // characters, as in the form of a click
	nonceMax   = 100
)

// The bounds of time.
const (
	readWithin   = 5 * time.Second  // a request has come as a whole
	answerWithin = 20 * time.Second // it is answered
	askWithin    = 30 * time.Second // a client waits
)
