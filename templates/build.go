package templates

import (
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A builder turns a file, with what it extends and includes, into a procedure, and
// collects what is wrong with it.
type builder struct {
	*texts
	*sequence
	inputs   inputs
	said     messages
	late     patience
	abstract bool // what it names may be in its heirs
	f        source.File
	p        deployer.Procedure
	kinds    map[string]*deployer.Kind
	all      *library
	from     *written
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

func (l *library) newBuilder(f *written, r *resolved) *builder {
	known := l.known
	t := &texts{reader: &reader{report: &report{own: f.name, via: r.via, read: slices.Clone(f.found)}, known: known, builtIn: f.builtIn}}
	b := &builder{
		texts: t, sequence: &sequence{report: t.report, byID: map[string]*placed{}, plain: map[string]strict.Text{}}, inputs: inputs{t},
		said: messages{texts: t, written: r.file.Messages, told: map[string][]teller{}}, late: patience{t.reader, r.file.Defaults},
		f: r.file, kinds: map[string]*deployer.Kind{}, all: l, from: f,
	}
	for i := range known.Kinds {
		b.kinds[known.Kinds[i].Name] = &known.Kinds[i]
	}
	return b
}

func (b *builder) procedure() deployer.Procedure {
	f := b.f
	b.p = deployer.Procedure{
		ID: f.ID.Value, Title: f.Title.Value, Owner: f.Owner.Value, About: f.About.Value,
		Messages: map[string]string{}, Vars: map[string]string{}, Values: map[string]string{},
	}
	b.head()
	b.abstract, b.said.abstract = b.p.Abstract, b.p.Abstract
	for _, in := range f.Inputs {
		b.p.Inputs = append(b.p.Inputs, b.inputs.input(in, b.p.Inputs, language.Place{Inputs: true}))
	}
	b.names()
	for _, w := range f.Windows {
		b.p.Windows = append(b.p.Windows, b.inputs.window(w))
	}
	b.collect()
	b.late.usually()
	b.p.Failure = failing{b}.failure(f.Failure)
	for _, s := range b.steps {
		b.step(s)
	}
	b.order(f.Phases)
	b.share()
	b.rules()
	b.p.Troubles = failing{b}.troubles(f.Troubleshooting, nil)
	b.said.messages(&b.p)
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
	b.p.Environments = b.environments(f.Environments)
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

func isBlank(text string) bool { return strings.TrimSpace(text) == "" }

// spoken is an id as people say it.
func spoken(id string) string {
	n := min(1, len(id))
	return strings.ToUpper(id[:n]) + strings.ReplaceAll(id[n:], "-", " ")
}
