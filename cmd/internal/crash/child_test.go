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
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
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

// child runs one deployment and its child to their end, and a drill after them: it
// starts it, answers for everybody and sends what must be sent, whatever earlier
// children have done of that.
func child(ctx context.Context, dir, kill string) error {
	s, err := store.Open(ctx, "bolt://"+filepath.Join(dir, "db"))
	if err != nil {
		return err
	}
	j := &killingStore{Store: s}
	w := &fixture{dir: dir, locks: j, load: s.Load}
	if _, err := fmt.Sscanf(kill, "before %d", &j.before); err != nil {
		_, _ = fmt.Sscanf(kill, "after %d", &j.after)
	}
	e := engine.New(engine.Config{
		Journal: j, Resolver: w, Runners: w.runners(), People: w, Language: deployertest.Language{Names: map[string]string{holds: "true", "something else": "false"}}, Launch: w.launch, Settle: settles, Retry: time.Millisecond,
	})
	go func() {
		if err := e.Run(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "run:", err)
			os.Exit(1)
		}
	}()
	p := &script{dir: dir, s: s, e: e}
	d, err := p.lead(ctx, start())
	if err == nil {
		_, err = p.lead(ctx, rehearsal())
	}
	if err == nil {
		err = report(ctx, dir, s)
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

// lead takes what an order starts to its end.
func (p *script) lead(ctx context.Context, o deployer.Order) (deployer.Deployment, error) {
	d, err := p.e.Do(ctx, o)
	for err == nil && deployer.Lives(d) {
		if err = send(ctx, p.dir, p.s, p.e); err == nil {
			err = p.play(ctx)
		}
		time.Sleep(200 * time.Microsecond)
		d, _ = p.s.Load(ctx, d.ID)
	}
	if err == nil {
		err = send(ctx, p.dir, p.s, p.e)
	}
	return d, err
}

// unlocked finds out whether both services and all were locked once, and nothing
// is locked any more for whoever comes upon it.
func unlocked(ctx context.Context, s *store.Store, e *engine.Engine) error {
	err := e.Unlock(ctx, "tangerine", "prod", "web", bob, "")
	if _, refused := errors.AsType[*deployer.Refusal](err); !refused {
		return fmt.Errorf("the service is locked after the end: %v", err)
	}
	l, err := s.Locks(ctx, "tangerine", "prod")
	var records strings.Builder
	if err = errors.Join(err, s.ExportLocks(ctx, &records)); err == nil && (len(l.All) != 0 || strings.Count(records.String(), `"lock":{`) != 6) {
		err = fmt.Errorf("locked is %+v after\n%s", l, records.String())
	}
	return err
}

// A killingStore is a store that kills its process before or after a commit, or
// a change of the locks.
type killingStore struct {
	*store.Store
	before, after int64
	commits       atomic.Int64
}

func (j *killingStore) Append(ctx context.Context, c deployer.Commit) error {
	return j.commit(func() error { return j.Store.Append(ctx, c) })
}

func (j *killingStore) SetLocks(ctx context.Context, l deployer.Locks, announcement deployer.Message) error {
	return j.commit(func() error { return j.Store.SetLocks(ctx, l, announcement) })
}

func (j *killingStore) commit(land func() error) error {
	n := j.commits.Add(1)
	if n == j.before {
		die()
	}
	err := land()
	if n == j.after {
		die()
	}
	return err
}

func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
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
		if err := once(dir, "posts", l.Deployment+" "+l.DedupKey); err != nil {
			return err
		}
		post := deployer.Post{DedupKey: l.DedupKey, Channel: l.Channel, TS: "1"}
		if _, err := e.Do(ctx, deployer.Order{Deployment: l.Deployment, Command: deployer.Deliver{Post: post, Kind: l.Kind, OutboxKey: l.Key}}); err != nil {
			return err
		}
	}
	return nil
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
