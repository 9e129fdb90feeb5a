package deployer

import (
	"maps"
	"slices"
	"strings"
)

// start decides whether a deployment may begin. What its words mean is found
// out afterwards.
func (c *decider) start(cmd Start, by Actor, f Facts) error {
	if !f.Child {
		if r := f.Policy.Allows(cmd, by, f.Person); r != nil {
			return r
		}
	}
	if len(cmd.Releases) == 0 {
		return Refuse("", "No service was named.").Hint("Say for example", VerbDeploy, "web", "v1.2.3")
	}
	seen := map[string]bool{}
	locks := f.Locks.Besides(func(id string) bool { return id == ParentOf(cmd.Origin) })
	for _, w := range cmd.Releases {
		if seen[w.Service] {
			return Refuse("Name it once.", "%s is named twice.", w.Service)
		}
		seen[w.Service] = true
		if err := checkRelease(w); err != nil {
			return err
		}
		if h, ok := f.Holders[Place(cmd.Site.Name, cmd.Site.Environment, w.Service)]; ok {
			return PlaceTaken(w.Service, h)
		}
		if r := locks.Forbids(w.Service, by, c.now); r != nil {
			return r
		}
	}
	if err := checkInputs(cmd.Procedure.Inputs, cmd.Inputs); err != nil {
		return err
	}
	cmd.Reason = said(cmd.Reason)
	c.add(Created{At: c.now, ID: f.ID, Store: f.Store, Start: cmd, By: by, Role: f.Policy.roleAt(cmd, f.Person)})
	return nil
}

// checkRelease refuses versions that hold what only looks like a letter, or can't
// be seen: what people read there would be the name of something else.
func checkRelease(r Release) error {
	for _, part := range []struct{ what, text string }{{"tag", r.Tag}, {"revision", r.Revision}} {
		if c, found := Foreign(part.text); found {
			return Refuse("Type it anew: it has only the letters, digits and signs of a keyboard’s English layout.", "The %s %s holds U+%04X.", part.what, part.text, c)
		}
	}
	return nil
}

func checkInputs(inputs []Input, given map[string]string) error {
	known := make([]string, 0, len(inputs))
	for _, in := range inputs {
		known = append(known, in.ID)
		v, ok := given[in.ID]
		if in.Required && Blank(v) {
			return Refuse("", "The input %s is missing.", in.ID).adding("Add for example", Flag{"input", in.ID + "=" + in.example()})
		}
		if ok && len(in.Options) > 0 && !slices.Contains(in.Options, v) {
			return Refuse("It is one of: "+strings.Join(in.Options, ", ")+".", "%q is not a value of the input %s.", v, in.ID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(known, id) {
			return Refuse("This procedure knows: "+strings.Join(known, ", ")+".", "There is no input %q.", id)
		}
	}
	return nil
}

// example is a value that the input could have.
func (in Input) example() string {
	if len(in.Options) > 0 {
		return in.Options[0]
	}
	return "VALUE"
}
