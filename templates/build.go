package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A builder turns a file, with what it extends and includes, into a procedure, and
// collects what is wrong with it.
type builder struct {
	known    Known
	own      string // the file's name
	via      map[string]strict.Text
	builtIn  bool
	abstract bool // what it names may be in its heirs
	f        source.File
	p        deployer.Procedure
	kinds    map[string]*deployer.Kind
	steps    []*placed          // in their order, of all parts
	byID     map[string]*placed // the first of each id
	told     map[string][]teller
	texts    []text
	read     strict.Problems // what was wrong when the file was read
	problems strict.Problems
	warnings strict.Problems
}

// A placed step is one where it stands.
type placed struct {
	w     source.Step
	s     deployer.Step
	part  deployer.Part
	phase int             // of the main part
	needs map[string]bool // of its phase: what it waits for
	over  map[string]bool // of its phase: what is over when it begins; nil: it was not asked
}

func newBuilder(known Known, f *written, r *resolved) *builder {
	b := &builder{
		known: known, own: f.name, via: r.via, builtIn: f.builtIn, f: r.file, read: f.found,
		kinds: map[string]*deployer.Kind{}, byID: map[string]*placed{}, told: map[string][]teller{},
	}
	for i := range known.Kinds {
		b.kinds[known.Kinds[i].Name] = &known.Kinds[i]
	}
	return b
}

// wrong reports a mistake. What stands in another file fits there, and not here: it
// is reported where that is extended or included.
func (b *builder) wrong(at strict.Text, code, what, hint string) {
	b.report(at.Wrong(code, what, hint))
}

func (b *builder) report(p strict.Problem) {
	if p.File == "" {
		p.File = b.own
	}
	if p.File != b.own {
		at := b.via[p.File]
		p.Why = fmt.Sprintf("%s:%d:%d does not fit here: %s", p.File, p.Line, p.Column, p.Why)
		p.File, p.Line, p.Column = b.own, at.Line, at.Column
	}
	b.problems = append(b.problems, p)
}

// doubt notes what is allowed and probably not meant. What stands in another file
// was doubted there.
func (b *builder) doubt(at strict.Text, code, what, hint string) {
	if p := at.Wrong(code, what, hint); p.File == "" || p.File == b.own {
		p.File = b.own
		b.warnings = append(b.warnings, p)
	}
}

// mine reports whether a text stands in the file itself.
func (b *builder) mine(t strict.Text) bool { return t.File() == b.own }

func (b *builder) procedure() deployer.Procedure {
	f := b.f
	b.p = deployer.Procedure{
		ID: f.ID.Value, Title: f.Title.Value, Owner: f.Owner.Value, About: f.About.Value,
		Messages: map[string]string{}, Vars: map[string]string{}, Values: map[string]string{},
	}
	b.head()
	b.abstract = b.p.Abstract
	for _, in := range f.Inputs {
		b.p.Inputs = append(b.p.Inputs, b.input(in, b.p.Inputs, true))
	}
	b.names()
	for _, w := range f.Windows {
		b.p.Windows = append(b.p.Windows, b.window(w))
	}
	b.collect()
	b.p.Failure = b.failure(f.Failure)
	for _, s := range b.steps {
		b.step(s)
	}
	b.order()
	b.share()
	b.rules()
	b.p.Troubles = b.troubles(f.Troubleshooting, nil)
	b.messages()
	b.check()
	b.freeze()
	return b.p
}

// head reads what stands at the top.
func (b *builder) head() {
	f := b.f
	if b.required(f.ID, f.At.Text, "id", "a procedure needs an id", "add for example id: deployment") {
		b.word(f.ID, "id of a procedure")
	}
	b.required(f.Title, f.At.Text, "title", "a procedure needs a title", "add for example title: Standard deployment")
	b.p.Abstract = b.flag(f.Abstract, "abstract")
	if f.Services.Value != "many" {
		b.p.Services = deployer.ServiceCount(b.one(f.Services, "services", "many", "one", "none"))
	}
	b.p.Environments = b.literals(f.Environments, "environments")
	if b.p.Unapproved = f.Unapproved.Value; f.Unapproved.Written() && isBlank(f.Unapproved.Value) {
		b.wrong(f.Unapproved, "unapproved", "unapproved says why nothing that is deployed needs an approval", "write the reason, or remove the line and add an approve")
	}
}

// share gives the steps to the parts of the procedure, each below all that it waits for.
func (b *builder) share() {
	for _, s := range b.steps {
		switch s.part {
		case deployer.PartMain:
			b.p.Steps = append(b.p.Steps, s.s)
		case deployer.PartRollback:
			b.p.Rollback = append(b.p.Rollback, s.s)
		case deployer.PartFailure:
			b.p.Failure.Steps = append(b.p.Failure.Steps, s.s)
		case deployer.PartAfter:
			b.p.After = append(b.p.After, s.s)
		}
	}
}

// freeze keeps the kinds of the steps with the procedure, in the order of their
// names.
func (b *builder) freeze() {
	for _, k := range b.known.Kinds {
		if slices.ContainsFunc(b.steps, func(s *placed) bool { return s.s.Uses == k.Name }) {
			b.p.Kinds = append(b.p.Kinds, k)
		}
	}
	slices.SortFunc(b.p.Kinds, func(a, b deployer.Kind) int { return strings.Compare(a.Name, b.Name) })
	b.p.Bind()
}

var word = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

func isBlank(text string) bool { return strings.TrimSpace(text) == "" }

func (b *builder) word(t strict.Text, what string) {
	if !word.MatchString(t.Value) {
		b.wrong(t, "id", fmt.Sprintf("%q can not be the %s", t.Value, what), "use small letters, digits, - and _")
	}
}

// spoken is an id as people say it.
func spoken(id string) string {
	n := min(1, len(id))
	return strings.ToUpper(id[:n]) + strings.ReplaceAll(id[n:], "-", " ")
}

// required reports whether a text was written, and says so where it was not: where
// its key stands, else where that should be.
func (b *builder) required(t, otherwise strict.Text, key, what, hint string) bool {
	if !isBlank(t.Value) {
		return true
	}
	if !t.Written() && (hinted(b.read, `did you mean "`+key+`"`) || hinted(b.read, `called "`+key+`"`)) {
		return false // it stands there by another name
	}
	if !t.Written() {
		t = otherwise
	}
	b.wrong(t, "missing", what, hint)
	return false
}
