package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A chaos is what the systems and the people of a walk do by chance, until it
// calms down.
type chaos struct {
	mu     sync.Mutex
	dice   *rand.Rand
	calm   bool
	builds map[string]int // what was taken, by the mark
	mails  map[string]int // likewise, by the mark, the member and the attempt
}

// roll draws from n; when it is calm, always 0.
func (c *chaos) roll(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calm {
		return 0
	}
	return c.dice.IntN(n)
}

func (c *chaos) settle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calm = true
}

// trouble is what a call ends with instead: nothing most of the time, an error,
// or a panic.
func (c *chaos) trouble() error {
	switch c.roll(24) {
	case 1, 2:
		return errors.New("it does not answer")
	case 3:
		panic("index out of range")
	}
	return nil
}

// Who implements deployer.People.
func (c *chaos) Who(_ context.Context, id string) (deployer.Person, error) {
	roles := map[string][]string{bob.ID: {"tech-lead", "sre"}, tom.ID: {"tech-lead"}, rosa.ID: {"tech-lead", "sre"}}
	for _, p := range leads {
		roles[p.ID] = []string{"tech-lead", "sre"}
	}
	return deployer.Person{Roles: roles[id]}, c.trouble()
}

// Compute is a condition that holds by chance, or can't be told.
func (c *chaos) Compute(string, deployer.ParamType, deployer.Moment) (deployer.Value, error) {
	return deployer.Value{Flag: c.roll(2) == 0}, c.trouble()
}

// With are the parameters as they are written.
func (c *chaos) With(at deployer.Moment) (deployer.Values, error) {
	return at.Deployment.Step(at.Step).With, c.trouble()
}

// Words knows none.
func (c *chaos) Words(string, deployer.Moment) (map[string]string, error) { return nil, c.trouble() }

// launch makes the start of a child, which may have children as well.
func (c *chaos) launch(_ context.Context, in deployer.Intent) (deployer.Start, error) {
	if c.roll(12) == 1 {
		return deployer.Start{}, deployer.Refuse("", "There is no such procedure.")
	}
	return c.start(in.Item, in.With["inputs"].Text == "deep"), c.trouble()
}

// start is a random procedure for a service, or for some.
func (c *chaos) start(service string, deep bool) deployer.Start {
	s := deployer.Start{
		Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Channels: map[string]string{"deploys": "C1"},
		Procedure: deployer.Procedure{
			ID: "p", SHA: "sha", Title: "P", Kinds: []deployer.Kind{builds, mails}, Messages: map[string]string{"starting": "{what}"},
			Steps: c.steps("s", 1+c.roll(6), deep), Rollback: c.steps("r", c.roll(3), false),
		},
	}
	all := []string{"web", "api", "db"}
	for _, name := range all[:1+c.roll(2)] {
		s.Releases = append(s.Releases, deployer.Release{Service: name, Tag: fmt.Sprint("v", 2+c.roll(3))})
	}
	if service != "" {
		s.Releases = []deployer.Release{{Service: service, Tag: "v2"}}
	}
	return s
}

func (c *chaos) steps(prefix string, n int, deep bool) []deployer.Step {
	uses := []string{deployer.KindConfirm, deployer.KindApprove, deployer.KindAnnounce, deployer.KindRollout, deployer.KindWait, "kubernetes.verify"}
	if prefix == "s" {
		uses = append(uses, builds.Name, mails.Name)
	}
	if deep {
		uses = append(uses, deployer.KindRun, deployer.KindRun)
	}
	var steps []deployer.Step
	for i := range n {
		s := deployer.Step{ID: fmt.Sprint(prefix, i), Uses: uses[c.roll(len(uses))], With: deployer.Values{}}
		s.Title = s.ID
		switch s.Uses {
		case deployer.KindConfirm:
			s.With["role"] = deployer.Value{Text: []string{"", "sre"}[c.roll(2)]}
		case deployer.KindApprove:
			s.With["role"], s.With["count"] = deployer.Value{Text: "tech-lead"}, deployer.Value{Number: 1 + c.roll(2)}
		case deployer.KindAnnounce:
			s.With["message"], s.With["to"] = deployer.Value{Text: "starting"}, deployer.Value{List: []string{"deploys"}}
		case deployer.KindRollout:
			uses = slices.DeleteFunc(uses, func(u string) bool { return u == deployer.KindRollout })
		case deployer.KindWait:
			s.With["for"] = deployer.Value{Duration: time.Minute}
		case builds.Name:
			s.With["proceed"] = deployer.Value{Text: "sre"}
		case mails.Name:
			s.Each = [][]string{nil, {"a@example", "b/c@example"}}[c.roll(2)]
		case deployer.KindRun:
			s.Each = [][]string{{"s0"}, {"s1", "s2"}, {"s3", "web", "s4"}}[c.roll(3)]
			s.With["inputs"] = deployer.Value{Text: []string{"", "deep"}[c.roll(2)]}
		}
		if c.roll(4) == 1 {
			s.When, s.Else = "inputs.risk", "Low risk."
		}
		if s.Uses != deployer.KindWait && c.roll(3) == 1 {
			s.Timeout = 5 * time.Minute
		}
		for _, earlier := range steps {
			if c.roll(3) > 0 {
				s.Needs = append(s.Needs, earlier.ID)
			}
		}
		steps = append(steps, s)
	}
	return steps
}

// A troubled runner has its calls disturbed: they fail, panic, lose an answer or
// are refused, and what is followed fails or can't be told.
type troubled struct {
	deployer.Runner
	c *chaos
}

func (r troubled) Look(ctx context.Context, in deployer.Intent) (deployer.Observation, error) {
	if err := r.c.trouble(); err != nil {
		return deployer.Observation{}, err
	}
	return r.Runner.Look(ctx, in)
}

func (r troubled) Act(ctx context.Context, in deployer.Intent) (string, error) {
	if r.c.roll(12) == 1 {
		return "", deployer.Refuse("", "It says no.")
	}
	if err := r.c.trouble(); err != nil {
		return "", err
	}
	ref, err := r.Runner.Act(ctx, in)
	return ref, errors.Join(err, r.c.trouble())
}

func (r troubled) Follow(ctx context.Context, in deployer.Intent, ref string, show func(deployer.Progress)) (deployer.Outcome, error) {
	if err := r.c.trouble(); err != nil {
		return deployer.Outcome{}, err
	}
	select {
	case <-ctx.Done():
		return deployer.Outcome{}, ctx.Err()
	case <-time.After(time.Duration(r.c.roll(60)) * time.Second):
	}
	switch r.c.roll(8) {
	case 1:
		return deployer.Outcome{Result: deployer.Failed, Why: "it crashes"}, nil
	case 2:
		return deployer.Outcome{Result: deployer.Interrupted, Why: "somebody else came"}, nil
	}
	return r.Runner.Follow(ctx, in, ref, show)
}

// A builder takes a build, which shows after a while, and may ask half way; what
// it is answered it takes likewise.
type builder struct{ *chaos }

func (b builder) key(in deployer.Intent) string {
	return in.Mark + " " + in.Step + " " + in.Verb + " " + in.Gate
}

func (b builder) Look(_ context.Context, in deployer.Intent) (deployer.Observation, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.builds[b.key(in)+" shown"] > 0 {
		return deployer.Observation{Kind: deployer.ObservedPresent, Ref: "7"}, nil
	}
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}

func (b builder) Act(_ context.Context, in deployer.Intent) (string, error) {
	shows := time.Duration(b.roll(20)) * time.Second
	time.AfterFunc(shows, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.builds[b.key(in)+" shown"]++
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	b.builds[b.key(in)]++
	return "7", nil
}

func (b builder) Follow(ctx context.Context, in deployer.Intent, _ string, show func(deployer.Progress)) (deployer.Outcome, error) {
	given := in
	given.Verb, given.Gate = deployer.VerbProceed, "1"
	for in.Verb == "" && b.roll(2) == 1 {
		if o, _ := b.Look(ctx, given); o.Kind == deployer.ObservedPresent {
			break
		}
		show(deployer.Progress{Gate: deployer.Gate{ID: "1", Asks: "Go on?"}})
		select {
		case <-ctx.Done():
			return deployer.Outcome{}, ctx.Err()
		case <-time.After(10 * time.Second):
		}
	}
	return deployer.Outcome{Result: deployer.OK, Outputs: deployer.Values{"number": {Number: 7}}}, nil
}

// A mailer sends mails, of which nobody sees anything again.
type mailer struct{ *chaos }

func (mailer) Look(context.Context, deployer.Intent) (deployer.Observation, error) {
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}

func (m mailer) Act(_ context.Context, in deployer.Intent) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails[fmt.Sprint(in.Mark, " ", in.Step, " ", in.Item, " ", in.Began)]++
	return "", nil
}

func (mailer) Follow(context.Context, deployer.Intent, string, func(deployer.Progress)) (deployer.Outcome, error) {
	return deployer.Outcome{Result: deployer.OK}, nil
}
