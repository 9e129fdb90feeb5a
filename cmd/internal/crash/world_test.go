package crash

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/drill"
	"github.com/stationmaster/stationmaster/deployer/locking"
)

// settles is how long what was sent to a findable system may take to show, and
// shows how long it takes.
const (
	settles = 80 * time.Millisecond
	shows   = 60 * time.Millisecond
)

// holds is a condition that holds; no other does.
const holds = "it holds"

// The kinds of systems that are not Kubernetes: one where what was sent shows
// after a while, and that asks half way; one where it never shows.
var (
	verifies = deployer.Kind{Name: "kubernetes.verify", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads}
	builds   = deployer.Kind{
		Name: "jenkins.build", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable, Mutates: true, Gate: "proceed",
		Params: []deployer.Param{{Name: "proceed", Type: deployer.TypeRole}}, Outputs: []deployer.Param{{Name: "number", Type: deployer.TypeNumber}},
	}
	flaky = deployer.Kind{Name: "flaky", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads}
	mails = deployer.Kind{Name: "mail.send", Work: deployer.WorkSystem, Scope: deployer.ScopeMembers, Repeat: deployer.RepeatAtMostOnce}
)

// A fixture is a folder. What was done is a line in a file; a line is there or
// not, whenever a process dies.
type fixture struct {
	dir   string
	locks deployer.LockJournal
	load  func(context.Context, string) (deployer.Deployment, error)
}

func (f *fixture) Who(_ context.Context, id string) (deployer.Person, error) {
	if id == bob.ID || id == eva.ID {
		return deployer.Person{Roles: []string{"tech-lead"}}, nil
	}
	return deployer.Person{}, nil
}

func (f *fixture) Resolve(_ context.Context, d deployer.Deployment) ([]deployer.Target, error) {
	var out []deployer.Target
	for _, want := range d.Releases {
		out = append(out, deployer.Target{
			Service: want.Service, Runner: "kubernetes",
			Before: deployer.State{Image: "v1", Version: "v1"}, After: deployer.State{Image: want.Tag, Version: want.Tag},
		})
	}
	return out, nil
}

func (f *fixture) runners() map[string]deployer.Runner {
	return map[string]deployer.Runner{
		"kubernetes.rollout": rollout{f.dir}, "kubernetes.verify": verify{f.dir}, builds.Name: build{f.dir}, mails.Name: mail{f.dir}, flaky.Name: twiceFailing{verify{f.dir}}, "lock": locking.New(f.locks), deployer.DrillRunner: drill.Runner{Load: f.load},
	}
}

type rollout struct{ dir string }

func effectLine(in deployer.Intent) string { return in.Service + "=" + in.To.Image + " " + in.Mark }

func (r rollout) Look(_ context.Context, in deployer.Intent) (deployer.Observation, error) {
	if slices.Contains(lines(r.dir, "cluster"), effectLine(in)) {
		return deployer.Observation{Kind: deployer.ObservedPresent, State: in.To}, nil
	}
	return deployer.Observation{Kind: deployer.ObservedAbsent, State: in.From}, nil
}

// Act is not conditional: a second call would add a second line. That there is
// only one shows that the engine looks first.
func (r rollout) Act(_ context.Context, in deployer.Intent) (string, error) {
	return "ref", appendLine(r.dir, "cluster", effectLine(in))
}

func (r rollout) Follow(context.Context, deployer.Intent, string, func(deployer.Progress)) (deployer.Outcome, error) {
	time.Sleep(time.Millisecond)
	return deployer.Outcome{Result: deployer.OK}, nil
}

type verify struct{ dir string }

func (v verify) Look(context.Context, deployer.Intent) (deployer.Observation, error) {
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}

func (v verify) Act(context.Context, deployer.Intent) (string, error) { return "", nil }

func (v verify) Follow(_ context.Context, in deployer.Intent, _ string, _ func(deployer.Progress)) (deployer.Outcome, error) {
	if !slices.Contains(lines(v.dir, "cluster"), effectLine(in)) {
		return deployer.Outcome{Result: deployer.Failed, Why: "it is not there"}, nil
	}
	return deployer.Outcome{Result: deployer.OK}, nil
}

// Recheck looks again; Watch waits, since nobody else changes anything here.
func (v verify) Recheck(ctx context.Context, in deployer.Intent, ref string, _ deployer.Outcome) (deployer.Outcome, error) {
	return v.Follow(ctx, in, ref, nil)
}

func (v verify) Watch(ctx context.Context, _ deployer.Intent, _ string, _ deployer.Outcome, _ func(deployer.Progress)) (deployer.Outcome, error) {
	<-ctx.Done()
	return deployer.Outcome{}, ctx.Err()
}

// What fails twice is well the third time that people have it tried.
type twiceFailing struct{ verify }

func (f twiceFailing) Follow(_ context.Context, in deployer.Intent, _ string, _ func(deployer.Progress)) (deployer.Outcome, error) {
	if in.Attempt < 3 {
		return deployer.Outcome{Result: deployer.Failed, Why: "it is not well yet"}, nil
	}
	return deployer.Outcome{Result: deployer.OK}, nil
}

func (f twiceFailing) Recheck(context.Context, deployer.Intent, string, deployer.Outcome) (deployer.Outcome, error) {
	return deployer.Outcome{Result: deployer.OK}, nil
}

// A build is queued, and shows when it is; it asks whether to go on, and has a
// number at its end. No answer to what is sent to it arrives.
type build struct{ dir string }

// buildLine is what a build, or an answer to it, adds to the file, before the
// time.
func buildLine(in deployer.Intent) string {
	if in.Verb == "" {
		return "build of " + in.Mark
	}
	return in.Verb + " " + in.Gate + " of " + in.Mark
}

func (b build) shown(in deployer.Intent) bool {
	return slices.ContainsFunc(lines(b.dir, "builds"), func(l string) bool {
		what, at, _ := strings.Cut(l, " at ")
		sent, err := strconv.ParseInt(at, 10, 64)
		return err == nil && what == buildLine(in) && time.Since(time.Unix(0, sent)) > shows
	})
}

func (b build) Look(_ context.Context, in deployer.Intent) (deployer.Observation, error) {
	if b.shown(in) {
		return deployer.Observation{Kind: deployer.ObservedPresent, Ref: "#7"}, nil
	}
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}

func (b build) Act(_ context.Context, in deployer.Intent) (string, error) {
	err := appendLine(b.dir, "builds", fmt.Sprint(buildLine(in), " at ", time.Now().UnixNano()))
	return "", errors.Join(err, errors.New("connection reset by peer"))
}

func (b build) Follow(ctx context.Context, in deployer.Intent, _ string, show func(deployer.Progress)) (deployer.Outcome, error) {
	if in.Verb != "" {
		return deployer.Outcome{Result: deployer.OK}, nil
	}
	given := in
	given.Verb, given.Gate = deployer.VerbProceed, "1"
	show(deployer.Progress{Gate: deployer.Gate{ID: given.Gate, Asks: "Go on?"}})
	for !b.shown(given) {
		select {
		case <-ctx.Done():
			return deployer.Outcome{}, ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return deployer.Outcome{Result: deployer.OK, Outputs: deployer.Values{"number": {Number: 7}}}, nil
}

// A mail is gone when it is sent: nobody can look for it.
type mail struct{ dir string }

func (mail) Look(context.Context, deployer.Intent) (deployer.Observation, error) {
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}

func (m mail) Act(_ context.Context, in deployer.Intent) (string, error) {
	return "", appendLine(m.dir, "mails", fmt.Sprint(in.Item, " ", in.Attempt))
}

func (mail) Follow(context.Context, deployer.Intent, string, func(deployer.Progress)) (deployer.Outcome, error) {
	return deployer.Outcome{Result: deployer.OK}, nil
}
