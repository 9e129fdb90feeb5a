package templates

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// rolloutTimeout bounds a rollout whose step names no time-out, so that none
// hangs for ever.
const rolloutTimeout = 15 * time.Minute

// A builder turns a file into a procedure and collects what is wrong with it.
type builder struct {
	known    Known
	file     string
	data     []byte
	messages map[string]bool
	ids      map[string]bool
	parts    map[string]deployer.Part // of the steps that are written, by id
	problems strict.Problems
}

func (b *builder) wrong(at strict.Text, format string, args ...any) {
	b.problems = append(b.problems, at.At(b.file, format, args...))
}

func (b *builder) procedure(f file) deployer.Procedure {
	p := deployer.Procedure{ID: f.ID.Value, Title: f.Title.Value, Owner: f.Owner.Value, Messages: map[string]string{}}
	b.word(f.ID, "id of a procedure")
	if p.Title == "" {
		b.wrong(f.Title, "a procedure needs a title")
	}
	b.messages = map[string]bool{}
	b.names(f)
	for name, words := range f.Messages {
		b.messages[name], p.Messages[name] = true, words.Value
	}
	for _, in := range f.Inputs {
		p.Inputs = append(p.Inputs, b.input(in))
	}
	rollback := phase{Title: rollbackPhase, Steps: f.Rollback.Steps}
	b.locate(deployer.PartRollback, rollback)
	b.locate(deployer.PartMain, f.Phases...)
	if p.Steps = b.part(f.Phases); len(p.Steps) == 0 {
		b.wrong(f.ID, "a procedure needs phases with steps")
	}
	p.Rollback = b.part([]phase{rollback})
	p.Unapproved = b.approved(f, p.Steps)
	p.Failure = b.failure(f.Failure)
	b.oneRollout(p.Steps, f.ID)
	b.oneRollout(p.Rollback, f.ID)
	b.words(f, p)
	b.freeze(&p)
	return p
}

// freeze keeps the kinds of the steps with the procedure, in the order of their
// names.
func (b *builder) freeze(p *deployer.Procedure) {
	for _, k := range b.known.Kinds {
		uses := func(s deployer.Step) bool { return s.Uses == k.Name }
		if slices.ContainsFunc(p.Steps, uses) || slices.ContainsFunc(p.Rollback, uses) {
			p.Kinds = append(p.Kinds, k)
		}
	}
	slices.SortFunc(p.Kinds, func(a, b deployer.Kind) int { return strings.Compare(a.Name, b.Name) })
	p.Bind()
}

// names checks what the messages are called: what stationmaster itself sends has
// names as well, and is told by them.
func (b *builder) names(f file) {
	for name := range f.Messages {
		if slices.Contains(deployer.CoreMessages(), name) {
			b.wrong(strict.Find(b.data, "messages", name), "a message can't be called %q, since what stationmaster itself sends is called that; give it another name, and say that in its step", name)
		}
	}
}

// words checks the messages, each for whoever reads it.
func (b *builder) words(f file, p deployer.Procedure) {
	clients := clientMessages(p)
	for name, words := range f.Messages {
		for _, why := range Wrong(words.Value, slices.Contains(clients, name), b.known.Roles) {
			b.wrong(words, "%s", why)
		}
	}
}

var word = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

func isBlank(text string) bool { return strings.TrimSpace(text) == "" }

func (b *builder) word(t strict.Text, what string) {
	if !word.MatchString(t.Value) {
		b.wrong(t, "%q can not be the %s: use small letters, digits, - and _", t.Value, what)
	}
}

func (b *builder) input(in input) deployer.Input {
	b.word(in.ID, "id of an input")
	out := deployer.Input{ID: in.ID.Value, Label: in.Label, Default: in.Default.Value, Required: in.Required}
	for _, o := range in.Options {
		out.Options = append(out.Options, o.Value)
	}
	switch in.Kind.Value {
	case "", "text", "choice":
	default:
		b.wrong(in.Kind, "%s", strict.Unknown("kind of input", in.Kind.Value, []string{"text", "choice"}))
	}
	if in.Kind.Value == "choice" && len(out.Options) == 0 {
		b.wrong(in.ID, "a choice needs options")
	}
	if out.Default != "" && len(out.Options) > 0 && !slices.Contains(out.Options, out.Default) {
		b.wrong(in.Default, "%s", strict.Unknown("option", out.Default, out.Options))
	}
	return out
}

// locate notes which part the steps of phases belong to.
func (b *builder) locate(part deployer.Part, phases ...phase) {
	for _, ph := range phases {
		for _, s := range ph.Steps {
			b.parts[s.ID.Value] = part
		}
	}
}

func (b *builder) step(w step) deployer.Step {
	b.word(w.ID, "id of a step")
	if b.ids[w.ID.Value] {
		b.wrong(w.ID, "there are two steps with the id %q", w.ID.Value)
	}
	b.ids[w.ID.Value] = true
	s := deployer.Step{
		ID: w.ID.Value, Title: w.Title.Value, Uses: w.Uses.Value,
		Expect: w.Expect, Troubleshooting: w.Troubleshooting, Estimate: w.Estimate, Timeout: w.Timeout,
	}
	if s.Title == "" {
		s.Title = strings.ToUpper(s.ID[:min(1, len(s.ID))]) + strings.ReplaceAll(s.ID[min(1, len(s.ID)):], "-", " ")
	}
	if s.Timeout < 0 || s.Estimate < 0 {
		b.wrong(w.ID, "a time can not be negative")
	}
	i := slices.IndexFunc(b.known.Kinds, func(k deployer.Kind) bool { return k.Name == s.Uses })
	if i < 0 {
		b.wrong(w.Uses, "%s", strict.Unknown("step kind", s.Uses, kindNames(b.known.Kinds)))
		return s
	}
	s.Kind = &b.known.Kinds[i]
	if s.Deploys() && s.Timeout == 0 {
		s.Timeout = rolloutTimeout
	}
	b.with(&s, w, b.known.Kinds[i])
	b.each(&s, w)
	b.remind(&s, w.Remind)
	b.sense(s, w)
	return s
}

// sense checks what the parameters of a step mean together.
func (b *builder) sense(s deployer.Step, w step) {
	switch {
	case s.Waits() && w.has("for") == w.has("until"):
		b.wrong(w.Uses, "wait needs one of for and until: how long, or until: planned")
	case !s.Announces() || s.ForClients():
	case slices.Contains(s.To(), deployer.ChannelClients):
		b.wrong(w.Uses, "clients are told by a step of their own, since their words are others")
	case s.Role() != "":
		b.wrong(w.Uses, "review is for what goes to clients; everything else goes out as it is written")
	}
}

func kindNames(kinds []deployer.Kind) []string {
	out := make([]string, len(kinds))
	for i := range kinds {
		out[i] = kinds[i].Name
	}
	return out
}

func (b *builder) failure(f failure) deployer.Failure {
	out := deployer.Failure{
		Decide: f.Decide.Value, Message: f.Message.Value, Over: f.Over.Value, Stopped: f.Stopped.Value,
		Held: f.Held.Value, Resumed: f.Resumed.Value,
	}
	if out.Decide != "" {
		b.role(f.Decide)
	}
	for _, m := range []strict.Text{f.Message, f.Over, f.Stopped, f.Held, f.Resumed} {
		if m.Value != "" {
			b.message(m)
		}
	}
	for _, c := range f.To {
		b.channel(c)
		if c.Value == deployer.ChannelClients {
			b.wrong(c, "clients are told by a step of their own, since a person reads their words first")
		}
		out.To = append(out.To, c.Value)
	}
	return out
}

// oneRollout: a procedure, or its rollback, rolls its targets out once.
func (b *builder) oneRollout(steps []deployer.Step, at strict.Text) {
	n := 0
	for _, s := range steps {
		if s.Deploys() {
			n++
		}
	}
	if n > 1 {
		b.wrong(at, "%s has %d rollout steps; it can have one, which rolls out every service", at.Value, n)
	}
}
