package kube

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/stationmaster/stationmaster/deployer"
)

// The keys of Target.Where.
const (
	whereCluster    = "cluster"
	whereClusterUID = "cluster-uid"
	whereNamespace  = "namespace"
	whereWorkload   = "workload" // deployment/NAME
	whereUID        = "uid"
	whereContainer  = "container"
)

// A workloadRef is the container that an intent is about, as it was when it was
// resolved.
type workloadRef struct{ cluster, clusterUID, namespace, workload, name, uid, container string }

func workloadRefOf(where map[string]string) workloadRef {
	_, name, _ := strings.Cut(where[whereWorkload], "/")
	return workloadRef{
		cluster: where[whereCluster], clusterUID: where[whereClusterUID], namespace: where[whereNamespace],
		workload: where[whereWorkload], name: name, uid: where[whereUID], container: where[whereContainer],
	}
}

func (at workloadRef) where() map[string]string {
	return map[string]string{
		whereCluster: at.cluster, whereClusterUID: at.clusterUID, whereNamespace: at.namespace,
		whereWorkload: at.workload, whereUID: at.uid, whereContainer: at.container,
	}
}

// runsAnother says that the workload runs an image that is not the wanted one.
func (at workloadRef) runsAnother(image, wanted string) string {
	return fmt.Sprintf("%s runs %s now, not %s.", at.workload, tellApart(image, wanted), tellApart(wanted, image))
}

// A mismatchError says that what was resolved is gone: there is another cluster,
// another workload or none in its stead. Nothing there may be touched.
type mismatchError struct{ why string }

func (e *mismatchError) Error() string { return e.why }

func mismatch(format string, args ...any) error {
	return &mismatchError{fmt.Sprintf(format, args...)}
}

// refuseMismatch turns a mismatchError into a Refusal, which ends an intent, and
// leaves every other error as it is.
func refuseMismatch(err error) error {
	var mismatch *mismatchError
	if errors.As(err, &mismatch) {
		return deployer.Refuse("", "%s", mismatch.why)
	}
	return err
}

// findWorkload returns the cluster and the workload, once it is sure that they are
// those that were resolved. Otherwise the error is a mismatchError, or says why
// one cannot be sure.
func (s *System) findWorkload(ctx context.Context, at workloadRef) (*cluster, *appsv1.Deployment, error) {
	c, err := s.cluster(at.cluster)
	if err != nil {
		return nil, nil, err
	}
	if err := c.checkIdentity(ctx, at); err != nil {
		return nil, nil, err
	}
	d, err := c.deployment(ctx, at.namespace, at.name)
	if apierrors.IsNotFound(err) {
		return nil, nil, mismatch("%s does not exist any more in namespace %s of cluster %s.", at.workload, at.namespace, at.cluster)
	}
	if err != nil {
		return nil, nil, err
	}
	v := view{deployment: d}
	if err := v.mismatch(at); err != nil {
		return nil, nil, err
	}
	return c, d, nil
}

// checkIdentity finds out whether the cluster is the one that was resolved. The
// configuration may have come to point elsewhere while we were not running.
func (c *cluster) checkIdentity(ctx context.Context, at workloadRef) error {
	renewals := c.renewals.Load()
	uid, err := c.identity(ctx)
	if err != nil {
		return c.problem(err)
	}
	if uid != at.clusterUID {
		return mismatch("Cluster %s is another one now than when this began; its configuration was changed. Nothing was touched there.", at.cluster)
	}
	c.known.Store(&identity{uid, renewals})
	return nil
}

// renewed has everybody find out again which cluster it is, and what it allows: the
// kubeconfig is another one.
func (c *cluster) renewed() {
	c.renewals.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.grants)
	close(c.nextRenewal)
	c.nextRenewal = make(chan struct{})
}

// renewal is closed when the kubeconfig is renewed.
func (c *cluster) renewal() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nextRenewal
}

// confirm is checkIdentity where the kubeconfig was renewed since that was last done.
func (c *cluster) confirm(ctx context.Context, at workloadRef) error {
	if known := c.known.Load(); known != nil && *known == (identity{at.clusterUID, c.renewals.Load()}) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return c.checkIdentity(ctx, at)
}

// mismatch says why the workload is not the one that was resolved, or nil.
func (v view) mismatch(at workloadRef) error {
	switch d := v.deployment; {
	case d == nil:
		return mismatch("%s was deleted.", at.workload)
	case string(d.UID) != at.uid:
		return mismatch("%s was deleted and made anew.", at.workload)
	case d.DeletionTimestamp != nil:
		return mismatch("%s is being deleted.", at.workload)
	case v.image(at.container) == "":
		return mismatch("%s has no container %s any more.", at.workload, at.container)
	}
	return nil
}

// A followRef is what Follow needs to know of what Look or Act has found. It is
// stored.
type followRef struct {
	generation int64     // of the workload with the change; an older one is out of date
	found      bool      // the change was there already, and not by us: it has no mark
	since      time.Time // verify: from when on it watches, to the second
	pods       int       // verify: how many there should be at its beginning; 0: not known
	lost       string    // rollback: what of somebody else's changes goes with it, in words
}

const (
	generationWord = "generation="
	foundWord      = "found"
	sinceWord      = "since="
	podsWord       = "pods="
	lostWord       = "lost="
)

func (r followRef) String() string {
	s := generationWord + strconv.FormatInt(r.generation, 10)
	if r.found {
		s += "," + foundWord
	}
	if !r.since.IsZero() {
		s += "," + sinceWord + r.since.UTC().Format(time.RFC3339)
	}
	if r.pods > 0 {
		s += "," + podsWord + strconv.Itoa(r.pods)
	}
	if r.lost != "" {
		s += "," + lostWord + url.QueryEscape(r.lost)
	}
	return s
}

// parseFollowRef reads what String wrote. What it can't read stays zero, so that the
// first observation counts.
func parseFollowRef(s string) followRef {
	var r followRef
	for _, part := range strings.Split(s, ",") {
		switch {
		case part == foundWord:
			r.found = true
		case strings.HasPrefix(part, generationWord):
			r.generation, _ = strconv.ParseInt(part[len(generationWord):], 10, 64)
		case strings.HasPrefix(part, sinceWord):
			r.since, _ = time.Parse(time.RFC3339, part[len(sinceWord):])
		case strings.HasPrefix(part, podsWord):
			r.pods, _ = strconv.Atoi(part[len(podsWord):])
		case strings.HasPrefix(part, lostWord):
			r.lost, _ = url.QueryUnescape(part[len(lostWord):])
		}
	}
	return r
}
