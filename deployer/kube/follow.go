package kube

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// A verdict is what one view of a workload means for whoever follows it.
type verdict struct {
	done           bool
	outcome        deployer.Outcome
	culprit        *culprit   // whose log and events say more about the outcome
	supersededMark string     // the mark that somebody else's change has replaced: explain names who; "": none has
	search         *logSearch // what the logs must not hold for the outcome to stand; nil: nothing
	stuck          *stuckPods // old pods that the outcome is about: explain asks why they don't end; nil: none
	progress       deployer.Progress
	recheckAt      time.Time // judge again then, even if nothing changes; zero: no
}

// A culprit is the pod that a failure is shown by.
type culprit struct {
	pod       *corev1.Pod
	container string // whose log; "": none
	previous  bool   // the log of the run before this one
	events    bool   // the events say more than the log
}

// A stuckPods are old pods that don't end.
type stuckPods struct {
	pods []*corev1.Pod
	say  func(why string) string // the outcome's words
}

// A judge looks at one view. It is called from one goroutine.
type judge func(v view, now time.Time) verdict

// The pauses between attempts to reach a cluster before it can be watched.
const (
	firstRetry = 500 * time.Millisecond
	lastRetry  = 10 * time.Second
)

// errClosed ends what is followed when the System is closed.
var errClosed = errors.New("follow: stationmaster is stopping")

// follow has the judge look at the workload whenever something has changed,
// until it gives a verdict that ends it. It reports progress when that differs
// from before, trouble with the cluster included; it ends for no trouble. The
// Services before the pods are watched only where services is true.
func (s *System) follow(ctx context.Context, in deployer.Intent, judge judge, services bool, report func(deployer.Progress)) (deployer.Outcome, error) {
	at := workloadRefOf(in.Where)
	tell := onChange(report)
	c, err := s.reach(ctx, at, tell)
	if r, ok := errors.AsType[*deployer.Refusal](refuseMismatch(err)); ok {
		return deployer.Outcome{Result: deployer.Interrupted, Why: r.Error()}, nil
	}
	if err != nil {
		return deployer.Outcome{}, err
	}
	v, err := s.await(ctx, c, at, judge, services, tell)
	if err != nil {
		return deployer.Outcome{}, err
	}
	if v.search != nil {
		if err := s.searchLogs(ctx, c, at, &v); err != nil {
			return deployer.Outcome{}, err
		}
	}
	return c.explain(ctx, at, v), nil
}

// await watches the namespace until there is a verdict.
func (s *System) await(ctx context.Context, c *cluster, at workloadRef, judge judge, services bool, tell func(deployer.Progress)) (verdict, error) {
	nw, leave := s.acquireWatch(c, at.namespace)
	defer leave()
	if services {
		defer s.acquireServiceWatch(nw, at.namespace)()
	}
	changed, unsubscribe := nw.subscribe(at.name)
	defer unsubscribe()
	return s.watch(ctx, nw, at, changed, judge, tell)
}

// watch returns the first verdict that ends it.
func (s *System) watch(ctx context.Context, w *namespaceWatch, at workloadRef, changed <-chan struct{}, judge judge, tell func(deployer.Progress)) (verdict, error) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	synced := w.synced // nil once it was seen to be closed
	select {
	case <-synced:
		synced = nil
	default:
	}
	for {
		var v verdict
		renewed := w.cluster.renewal()
		if synced == nil {
			now := time.Now()
			v = w.judged(ctx, at, judge, now)
			if v.done {
				tell(v.progress)
				return v, nil
			}
			if !v.recheckAt.IsZero() {
				timer.Reset(max(v.recheckAt.Sub(now), 0))
			}
		}
		if err := w.problem(); err != nil {
			v.progress.Note = sentence(err)
		}
		if synced == nil || v.progress.Note != "" {
			tell(v.progress)
		}
		select {
		case <-changed:
		case <-renewed:
		case <-timer.C:
		case <-synced:
			synced = nil
		case <-ctx.Done():
			return verdict{}, ctx.Err()
		case <-s.ctx.Done():
			return verdict{}, errClosed
		}
	}
}

// judged is what the judge says, as long as the kubeconfig still leads to the cluster.
func (w *namespaceWatch) judged(ctx context.Context, at workloadRef, judge judge, now time.Time) verdict {
	err := w.cluster.confirm(ctx, at)
	if _, other := errors.AsType[*mismatchError](err); other {
		return mismatchVerdict(err)
	}
	if err != nil { // what the watches show may be of another cluster
		return verdict{progress: deployer.Progress{Note: sentence(err)}, recheckAt: now.Add(firstRetry)}
	}
	return judge(w.view(at.namespace, at.name), now)
}

// reach returns the cluster once it is sure to be the one that was resolved. It
// tries for as long as it takes, unless the cluster is another one or the
// configuration does not lead to it any more.
func (s *System) reach(ctx context.Context, at workloadRef, tell func(deployer.Progress)) (*cluster, error) {
	for pause := firstRetry; ; pause = min(2*pause, lastRetry) {
		c, err := s.identify(ctx, at)
		if _, no := errors.AsType[*deployer.Refusal](refuseMismatch(err)); err == nil || no {
			return c, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		tell(deployer.Progress{Note: sentence(err)})
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.ctx.Done():
			return nil, errClosed
		}
	}
}

func (s *System) identify(ctx context.Context, at workloadRef) (*cluster, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c, err := s.cluster(at.cluster)
	if err != nil {
		return nil, err
	}
	return c, c.checkIdentity(ctx, at)
}

// onChange passes on what differs from what was passed on before.
func onChange(report func(deployer.Progress)) func(deployer.Progress) {
	var last *deployer.Progress
	return func(p deployer.Progress) {
		if report == nil || last != nil && *last == p {
			return
		}
		last = &p
		report(p)
	}
}

// sentence makes an error one that people read.
func sentence(err error) string {
	s := err.Error()
	if s == "" {
		return s
	}
	if s[0] >= 'a' && s[0] <= 'z' {
		s = string(s[0]-'a'+'A') + s[1:]
	}
	return deployer.Sentence(s)
}
