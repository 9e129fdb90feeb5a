package app

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer/launch"
	"github.com/stationmaster/stationmaster/deployer/urltemplate"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// An owned line says who owns a component, and where it stands.
type owned struct {
	component, team, role, channel strict.Text
	file                           string
}

// owners are who owns each service: what the service says itself, and the rest by the
// table. Lines of what is no service are of no concern here.
func (c *checker) owners(cfg *Config) map[string]launch.Owner {
	lines := map[string]owned{}
	for _, l := range c.ownersFile() {
		lines[l.component.Value] = l
	}
	for _, o := range c.file.Owners.Table {
		if o.Component.Value == "" {
			c.wrong(cmp.Or(o.Team, o.Role, o.Channel, c.key("owners", "table")), "an owner needs a component: the name of the service that is owned")
		}
		lines[o.Component.Value] = owned{o.Component, o.Team, o.Role, o.Channel, c.path}
	}
	out := map[string]launch.Owner{}
	for name, s := range c.file.Services {
		l := lines[name]
		o := launch.Owner{Name: cmp.Or(s.Owner, l.team.Value, l.role.Value), Role: l.role.Value, Channel: l.channel.Value}
		if _, ok := cfg.Roles[o.Role]; o.Role != "" && !ok {
			c.problems = append(c.problems, l.role.At(l.file, "%s: %s", name, strict.Unknown("role", o.Role, sorted(cfg.Roles))))
		}
		for _, role := range []string{s.Owner, l.team.Value} {
			if _, ok := cfg.Roles[role]; ok && o.Role == "" {
				o.Role = role
			}
		}
		if o != (launch.Owner{}) {
			out[name] = o
		}
	}
	return out
}

// channelID is a channel of Slack by its id, which a link leads to.
var channelID = regexp.MustCompile(`^[CG][A-Z0-9]{8,}$`)

// linksOf are the links of a service on cards, its owner's channel among them, by the
// owner's name.
func (c Config) linksOf(service string) map[string]urltemplate.Link {
	out := maps.Clone(c.Services[service].Links)
	if o := c.Owners[service]; channelID.MatchString(o.Channel) {
		if out == nil {
			out = map[string]urltemplate.Link{}
		}
		out[cmp.Or(o.Name, "owner")] = urltemplate.Link("https://slack.com/app_redirect?channel=" + o.Channel)
	}
	return out
}

// unlinked are the channels of owners that no link leads to.
func (c Config) unlinked() []string {
	var out []string
	for _, service := range sorted(c.Owners) {
		if ch := c.Owners[service].Channel; ch != "" && !channelID.MatchString(ch) {
			out = append(out, fmt.Sprintf("the channel %s of who owns %s is no link on its card: write its id, such as C0123456789, which Slack shows at the end of the channel's details", ch, service))
		}
	}
	return out
}

// ownerColumns are those of the table in a file.
var ownerColumns = []string{"channel", "component", "role", "team"}

// ownersFile reads the table from a file beside the config.
func (c *checker) ownersFile() []owned {
	at := c.file.Owners.CSV
	if at.Value == "" {
		return nil
	}
	path := Beside(c.path, at.Value)
	f, err := os.Open(path)
	if err != nil {
		c.wrong(at, "the table of owners can not be read: %v", err)
		return nil
	}
	defer func() { _ = f.Close() }() // it was only read
	lines, err := readOwners(path, f)
	var problem strict.Problem
	if errors.As(err, &problem) {
		c.problems = append(c.problems, problem)
	}
	return lines
}

// readOwners reads the lines below the one with the names of the columns. An error is
// a strict.Problem.
func readOwners(path string, from io.Reader) ([]owned, error) {
	r := csv.NewReader(from)
	r.TrimLeadingSpace = true
	head, err := r.Read()
	if err != nil {
		return nil, csvProblem(path, err)
	}
	column := map[string]int{}
	for i, name := range head {
		column[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))] = i
	}
	if _, ok := column["component"]; !ok {
		return nil, strict.Problem{File: path, Line: 1, Column: 1, Why: "the first line has the names of the columns, of which component is one: " + strings.Join(ownerColumns, ", ")}
	}
	for _, name := range slices.Sorted(maps.Keys(column)) {
		if near := strict.Unknown("column", name, ownerColumns); !slices.Contains(ownerColumns, name) && strings.Contains(near, "did you mean") {
			line, col := r.FieldPos(column[name])
			return nil, strict.Problem{File: path, Line: line, Column: col, Why: near}
		}
	}
	var out []owned
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, csvProblem(path, err)
		}
		field := func(name string) strict.Text {
			i, ok := column[name]
			if !ok {
				return strict.Text{}
			}
			line, col := r.FieldPos(i)
			return strict.Text{Value: strings.TrimSpace(fields[i]), Line: line, Column: col}
		}
		out = append(out, owned{field("component"), field("team"), field("role"), field("channel"), path})
	}
}

// csvProblem is an error of a reader with its place.
func csvProblem(path string, err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return strict.Problem{File: path, Line: parse.Line, Column: max(parse.Column, 1), Why: "this is no table of commas: " + parse.Err.Error()}
	}
	if errors.Is(err, io.EOF) {
		return strict.Problem{File: path, Line: 1, Column: 1, Why: "the table of owners is empty"}
	}
	return strict.Problem{File: path, Line: 1, Column: 1, Why: err.Error()}
}
