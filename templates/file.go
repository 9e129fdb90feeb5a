package templates

import (
	"time"

	"github.com/stationmaster/stationmaster/templates/strict"
	"go.yaml.in/yaml/v4"
)

// file is a procedure as it is written.
type file struct {
	ID         strict.Text            `yaml:"id"`
	Title      strict.Text            `yaml:"title"`
	Owner      strict.Text            `yaml:"owner"`
	Unapproved strict.Text            `yaml:"unapproved"` // why nothing that it deploys needs an approval
	Inputs     []input                `yaml:"inputs"`
	Phases     []phase                `yaml:"phases"`
	Failure    failure                `yaml:"failure"`
	Rollback   rollback               `yaml:"rollback"`
	Messages   map[string]strict.Text `yaml:"messages"`
}

type input struct {
	ID       strict.Text   `yaml:"id"`
	Label    string        `yaml:"label"`
	Kind     strict.Text   `yaml:"kind"`
	Options  []strict.Text `yaml:"options"`
	Default  strict.Text   `yaml:"default"`
	Required bool          `yaml:"required"`
}

type phase struct {
	ID    strict.Text `yaml:"id"`
	Title string      `yaml:"title"`
	Steps []step      `yaml:"steps"`
}

type step struct {
	ID              strict.Text   `yaml:"id"`
	Title           strict.Text   `yaml:"title"`
	Uses            strict.Text   `yaml:"uses"`
	Needs           []strict.Text `yaml:"needs"`
	Each            yaml.Node     `yaml:"each"` // a list, or services
	With            yaml.Node     `yaml:"with"`
	Expect          string        `yaml:"expect"`
	Troubleshooting string        `yaml:"troubleshooting"`
	Estimate        time.Duration `yaml:"estimate"`
	Timeout         time.Duration `yaml:"timeout"`
	Remind          []strict.Text `yaml:"remind"`
}

// has reports whether a parameter was written.
func (s step) has(param string) bool {
	for i := 0; i+1 < len(s.With.Content); i += 2 {
		if s.With.Content[i].Value == param {
			return true
		}
	}
	return false
}

type failure struct {
	Decide  strict.Text   `yaml:"decide"`
	Message strict.Text   `yaml:"message"`
	Over    strict.Text   `yaml:"over"`    // told when what failed is done after all
	Stopped strict.Text   `yaml:"stopped"` // told also where a start was announced
	To      []strict.Text `yaml:"to"`      // the channels of message, over and stopped
	Held    strict.Text   `yaml:"held"`    // told where a start was announced, when its approval is asked again
	Resumed strict.Text   `yaml:"resumed"` // and when it was given again
}

type rollback struct {
	Steps []step `yaml:"steps"`
}

// item is a line of a checklist: a text, or a title with a link.
type item struct {
	Title string `yaml:"title"`
	Link  string `yaml:"link"`
}
