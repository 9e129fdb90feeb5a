package crash

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/engine"
	"github.com/stationmaster/stationmaster/deployer/locking"
	"github.com/stationmaster/stationmaster/store"
)

// A child is the process that is killed: the real engine on the real store,
// with a runner whose effect on the world is a line in a file.
const (
	childDir  = "CRASH_DIR"  // makes this process a child, working in that folder
	childKill = "CRASH_KILL" // "before 7" or "after 7": it kills itself around its seventh commit
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := child(context.Background(), dir, os.Getenv(childKill)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var (
	ana = deployer.Person{ID: "UANA", Name: "Ana"}
	bob = deployer.Person{ID: "UBOB", Name: "Bob"}
)

// child runs one deployment to its end: it starts it, answers for everybody
// and sends what must be sent, whatever earlier children have done of that.
func child(ctx context.Context, dir, kill string) error {
	s, err := store.Open(ctx, "bolt://"+filepath.Join(dir, "db"))
	if err != nil {
		return err
	}
	j := &killingStore{Store: s}
	w := &fixture{dir: dir, locks: j}
	if _, err := fmt.Sscanf(kill, "before %d", &j.before); err != nil {
		_, _ = fmt.Sscanf(kill, "after %d", &j.after)
	}
	e := engine.New(engine.Config{Journal: j, Resolver: w, Runners: w.runners(), People: w, Settle: time.Millisecond, Retry: time.Millisecond})
	go func() {
		if err := e.Run(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "run:", err)
			os.Exit(1)
		}
	}()
	d, err := e.Do(ctx, start())
	for err == nil && !d.Status.Ended() {
		if err = send(ctx, dir, s, e); err == nil {
			err = answer(ctx, e, d)
		}
		time.Sleep(200 * time.Microsecond)
		d, _ = s.Load(ctx, d.ID)
	}
	if err == nil {
		err = send(ctx, dir, s, e)
	}
	if err == nil {
		err = s.VerifyAll(ctx)
	}
	if err == nil {
		err = unlocked(ctx, s, e)
	}
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "ending"), []byte(d.Status), 0o600); err != nil {
		return err
	}
	return os.Rename(filepath.Join(dir, "ending"), filepath.Join(dir, "end"))
}

// unlocked finds out whether both services were locked once, and nothing is
// locked any more for whoever comes upon it.
func unlocked(ctx context.Context, s *store.Store, e *engine.Engine) error {
	err := e.Unlock(ctx, "tangerine", "prod", "web", bob, "")
	if _, refused := errors.AsType[*deployer.Refusal](err); !refused {
		return fmt.Errorf("the service is locked after the end: %v", err)
	}
	l, err := s.Locks(ctx, "tangerine", "prod")
	if err == nil && (len(l.All) != 0 || len(l.Past) != 4) {
		err = fmt.Errorf("locked is %+v", l)
	}
	return err
}

// A killingStore is a store that kills its process before or after a commit.
type killingStore struct {
	*store.Store
	before, after int64
	commits       atomic.Int64
}

func (j *killingStore) Append(ctx context.Context, c deployer.Commit) error {
	return j.around(func() error { return j.Store.Append(ctx, c) })
}

func (j *killingStore) SetLocks(ctx context.Context, l deployer.Locks, m deployer.Message) error {
	return j.around(func() error { return j.Store.SetLocks(ctx, l, m) })
}

func (j *killingStore) around(commit func() error) error {
	n := j.commits.Add(1)
	if n == j.before {
		die()
	}
	err := commit()
	if n == j.after {
		die()
	}
	return err
}

func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

func start() deployer.Order {
	return deployer.Order{By: ana, Nonce: "trigger", Command: deployer.Start{
		Origin: "trigger", Retailer: "tangerine", Environment: "prod", Channels: map[string]string{"deploys": "C1", "change": "C2"},
		Releases: []deployer.Release{{Service: "web", Tag: "v2"}, {Service: "api", Tag: "v2"}},
		Procedure: deployer.Procedure{
			ID: "p", SHA: "sha", Title: "P", Kinds: locking.Kinds(), Messages: map[string]string{"starting": "{what}", "complete": "{what}"},
			Steps: []deployer.Step{
				{ID: "ready", Title: "Ready", Uses: deployer.KindConfirm},
				{ID: "approve", Title: "Approve", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}}, Needs: []string{"ready"}},
				{ID: "starting", Title: "Starting", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "starting"}, "to": {List: []string{"deploys", "change"}}}, Needs: []string{"approve"}},
				{ID: "lock", Title: "Alone", Uses: "lock", With: deployer.Values{"for": {Duration: time.Hour}, "reason": {Text: "r"}}, Needs: []string{"starting"}},
				{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"lock"}, Timeout: time.Hour},
				{ID: "soak", Title: "Soak", Uses: deployer.KindWait, With: deployer.Values{"for": {Duration: time.Millisecond}}, Needs: []string{"rollout"}},
				{ID: "pods", Title: "Pods", Uses: "kubernetes.verify", Needs: []string{"soak"}},
				{ID: "complete", Title: "Complete", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "complete"}, "to": {List: []string{"deploys", "change"}}}, Needs: []string{"pods"}},
			},
		},
	}}
}

// answer presses what is shown, with the nonce that the same click would have.
func answer(ctx context.Context, e *engine.Engine, d deployer.Deployment) error {
	for _, s := range d.Current() {
		o := deployer.Order{Deployment: d.ID, Nonce: fmt.Sprint(s.ID, s.Attempt)}
		switch {
		case s.Confirms():
			o.By, o.Command = ana, deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceDone}
		case s.Approves():
			o.By, o.Command = bob, deployer.Answer{Step: s.ID, Attempt: s.Attempt, Subject: d.Subject().Hash(), Choice: deployer.ChoiceApprove}
		default:
			continue
		}
		var r *deployer.Refusal
		if _, err := e.Do(ctx, o); err != nil && !errors.As(err, &r) {
			return err
		}
	}
	return nil
}

// send posts every message that waits, looking first whether it was posted.
func send(ctx context.Context, dir string, s *store.Store, e *engine.Engine) error {
	messages, err := s.Messages(ctx, "", 64)
	if err != nil {
		return err
	}
	for _, l := range messages {
		if !l.Receipt {
			if err := s.Discard(ctx, l); err != nil {
				return err
			}
			continue
		}
		if err := once(dir, "posts", l.DedupKey); err != nil {
			return err
		}
		post := deployer.Post{DedupKey: l.DedupKey, Channel: l.Channel, TS: "1"}
		if _, err := e.Do(ctx, deployer.Order{Deployment: l.Deployment, Command: deployer.Deliver{Post: post, Kind: l.Kind, OutboxKey: l.Key}}); err != nil {
			return err
		}
	}
	return nil
}

// A fixture is a folder. Its cluster is a file to which each change of an image
// adds one line; a line is there or not, whenever a process dies.
type fixture struct {
	dir   string
	locks deployer.LockJournal
}

func (f *fixture) Roles(_ context.Context, id string) ([]string, error) {
	if id == bob.ID {
		return []string{"tech-lead"}, nil
	}
	return nil, nil
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
		"kubernetes.rollout": rollout{f.dir}, "kubernetes.verify": verify{f.dir}, "lock": locking.New(f.locks),
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

// once adds the line unless it is there.
func once(dir, file, line string) error {
	if slices.Contains(lines(dir, file), line) {
		return nil
	}
	return appendLine(dir, file, line)
}

// appendLine writes with one call, which a dying process finishes or never
// begins.
func appendLine(dir, file, line string) error {
	f, err := os.OpenFile(filepath.Join(dir, file), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Close())
}

func lines(dir, file string) []string {
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	var out []string
	for s := bufio.NewScanner(f); s.Scan(); {
		out = append(out, strings.TrimSpace(s.Text()))
	}
	return out
}
