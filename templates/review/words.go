package review

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/source"
)

// expectations: what is done by a job or a person says what one sees then.
func (r *reviewer) expectations() {
	for _, s := range r.all() {
		job := s.Work() == deployer.WorkSystem && s.Mutates() && !s.Deploys() && !child(s)
		if (job || confirmed(s)) && s.Expect == "" && s.Kind.Expect == "" && s.How == "" && len(s.Items()) == 0 {
			r.at(s, "does not say what one sees when it is done; add expect, items or how")
		}
	}
}

// hows: what a system does, a person can do.
func (r *reviewer) hows() {
	for _, s := range r.all() {
		acts := s.Work() == deployer.WorkSystem && s.Kind.Repeat != deployer.RepeatReads
		if acts && strings.Contains(s.Uses, ".") && s.How == "" {
			r.at(s, "does not say how a person does it")
		}
	}
}

// troubles: what changes something is known to troubleshooting.
func (r *reviewer) troubles() {
	for _, s := range slices.Concat(deeds(r.p.Steps), deeds(r.p.Rollback)) {
		about := func(t deployer.Trouble) bool { return t.Failure == "" || slices.Contains(s.Kind.Fails, t.Failure) }
		if s.Troubleshooting == "" && len(s.Troubles) == 0 && !slices.ContainsFunc(r.p.Troubles, about) {
			r.at(s, "is nothing that troubleshooting knows")
		}
	}
}

// prerequisites: something is looked at or asked before something is changed.
func (r *reviewer) prerequisites() {
	before, deed := r.before()
	if deed == nil {
		return
	}
	for _, s := range before {
		if s.Proves() || s.Confirms() || s.Work() == deployer.WorkFact {
			return
		}
	}
	r.at(*deed, "changes something, and nothing is looked at or asked before")
}

// watched: it is watched for a while when it has ended.
func (r *reviewer) watched() {
	watches := func(s deployer.Step) bool { return s.Every > 0 }
	own := slices.DeleteFunc(deeds(r.p.Steps), child)
	if len(own) > 0 && !slices.ContainsFunc(r.p.After, watches) {
		r.say(r.file.ID, "nothing is watched after the end; add a step with every and for under after")
	}
}

// reviewed: somebody looks back at it.
func (r *reviewer) reviewed() {
	if len(deeds(r.p.Steps)) > 0 && !slices.ContainsFunc(r.p.After, deployer.Step.Confirms) {
		r.say(r.file.ID, "nobody looks back at it; add a confirm or an ask under after")
	}
}

var (
	migrates = regexp.MustCompile(`(?i)migrat|alembic|prisma|flyway|liquibase|alter table`)
	backsUp  = regexp.MustCompile(`(?i)back(ed)?[ -]?up|dump|snapshot`)
	undoes   = regexp.MustCompile(`(?i)migrat|schema|database|restore|downgrade`)
)

// migration: what changes a database is backed up before, and known to the rollback.
func (r *reviewer) migration() {
	backup := false
	for _, s := range r.p.Steps {
		backup = backup || backsUp.MatchString(said(s))
		if !s.Mutates() || s.Deploys() || !migrates.MatchString(said(s)) {
			continue
		}
		if !backup {
			r.at(s, "changes a database, and nothing says that it was backed up before")
		}
		if !slices.ContainsFunc(r.p.Rollback, func(b deployer.Step) bool { return undoes.MatchString(said(b)) }) {
			r.at(s, "changes a database, and the rollback says nothing of it")
		}
		return
	}
}

// said is all that a step says.
func said(s deployer.Step) string {
	s.Kind = nil
	data, err := json.Marshal(s)
	if err != nil {
		return s.ID + " " + s.Title
	}
	return string(data)
}

var siteName = regexp.MustCompile(`\b(retailer|product|service)(\.name)?\s*(==|!=)\s*["']|\b(retailer|product|service)(\.name)?\s+in\s+\[|["']\s*(==|!=)\s*(retailer|product|service)(\.name)?\b`)

// named: no condition is about one retailer or service by its name.
func (r *reviewer) named() {
	steps := func(steps []source.Step) {
		for _, s := range steps {
			if siteName.MatchString(s.When.Value) {
				r.say(s.When, "the condition names a retailer or a service")
			}
		}
	}
	for _, ph := range r.file.Phases {
		if siteName.MatchString(ph.When.Value) {
			r.say(ph.When, "the condition names a retailer or a service")
		}
		steps(ph.Steps)
	}
	steps(r.file.Rollback.Steps)
	steps(r.file.Failure.Steps)
	steps(r.file.After)
	for _, v := range r.file.Values {
		if siteName.MatchString(v.Value) {
			r.say(v, "the condition names a retailer or a service")
		}
	}
}

// askedAfter: what changes something rests on nothing that was answered after its approval.
func (r *reviewer) askedAfter() {
	var asked []string // since the last approval
	approved := false
	for _, s := range r.p.Steps {
		switch {
		case s.Approves():
			approved, asked = true, nil
		case approved && s.Confirms():
			asked = append(asked, s.ID)
		case approved && s.Mutates():
			with := said(deployer.Step{With: s.With})
			for _, id := range asked {
				if strings.Contains(with, "steps."+id+".") {
					r.at(s, "uses what “%s” was answered after the approval", id)
				}
			}
		}
	}
}

// inputs: each has a label, and something uses it.
func (r *reviewer) inputs() {
	data, err := json.Marshal(r.p)
	if err != nil {
		return
	}
	for i, in := range r.p.Inputs {
		at := r.file.ID
		if i < len(r.file.Inputs) {
			at = r.file.Inputs[i].ID
		}
		if in.Label == "" || in.Label == in.ID {
			r.say(at, "the input %q has no label", in.ID)
		}
		if !regexp.MustCompile(`inputs\.` + regexp.QuoteMeta(in.ID) + `\b`).Match(data) {
			r.say(at, "nothing uses the input %q", in.ID)
		}
	}
}

// head: it says when to use it, and who keeps it right.
func (r *reviewer) head() {
	if r.p.About == "" {
		r.say(r.file.ID, "it does not say when to use it; add about")
	}
	if r.p.Owner == "" {
		r.say(r.file.ID, "nobody keeps it right; add owner")
	}
}
