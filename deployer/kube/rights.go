package kube

import (
	"context"
	"strings"
	"sync"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// requiredRights is what a rollout needs in the workload's namespace, besides reading
// the namespace kube-system. Listing events, listing and watching
// Services and EndpointSlices, and getting nodes is welcome and not needed.
var requiredRights = []authorizationv1.ResourceAttributes{
	{Group: "apps", Resource: "deployments", Verb: "get"},
	{Group: "apps", Resource: "deployments", Verb: "list"},
	{Group: "apps", Resource: "deployments", Verb: "watch"},
	{Group: "apps", Resource: "deployments", Verb: "patch"},
	{Group: "apps", Resource: "replicasets", Verb: "get"},
	{Group: "apps", Resource: "replicasets", Verb: "list"},
	{Group: "apps", Resource: "replicasets", Verb: "watch"},
	{Resource: "pods", Verb: "list"},
	{Resource: "pods", Verb: "watch"},
	{Resource: "pods", Subresource: "log", Verb: "get"},
}

// rightsFresh is how long an answer that we may do everything is good. Asking
// warns early; what counts is what the API server answers to the change itself.
const rightsFresh = time.Minute

// A grant is what is known of the rights in one namespace.
type grant struct {
	asking chan struct{} // holds one: who asks, while the others wait for the answer
	at     time.Time     // when the API server last granted all of them; for whoever holds asking
}

func (c *cluster) grant(namespace string) *grant {
	c.mu.Lock()
	defer c.mu.Unlock()
	g := c.grants[namespace]
	if g == nil {
		g = &grant{asking: make(chan struct{}, 1)}
		c.grants[namespace] = g
	}
	return g
}

// Access refuses where a right is missing in the namespace of the intent's workload.
func (r rollout) Access(ctx context.Context, in deployer.Intent) error { return r.s.access(ctx, in) }

// Access asks as for a rollout: what is proven was rolled out.
func (r verify) Access(ctx context.Context, in deployer.Intent) error { return r.s.access(ctx, in) }

func (s *System) access(ctx context.Context, in deployer.Intent) error {
	at := workloadRefOf(in.Where)
	c, err := s.cluster(at.cluster)
	if err != nil {
		return err
	}
	return c.rights(ctx, at.namespace)
}

// rights refuses when one of them is missing, and names those that are. Many
// deployments that begin together ask once: their questions, ten for each, were
// a quarter of what the API server had to do for 200.
func (c *cluster) rights(ctx context.Context, namespace string) error {
	g := c.grant(namespace)
	select {
	case g.asking <- struct{}{}:
		defer func() { <-g.asking }()
	case <-ctx.Done():
		return c.problem(ctx.Err())
	}
	if time.Since(g.at) < rightsFresh {
		return nil
	}
	err := c.askRights(ctx, namespace)
	if err == nil {
		g.at = time.Now()
	}
	return err
}

func (c *cluster) askRights(ctx context.Context, namespace string) error {
	may := make([]bool, len(requiredRights))
	errs := make([]error, len(requiredRights))
	var asked sync.WaitGroup
	for i, a := range requiredRights {
		a.Namespace = namespace
		asked.Go(func() { may[i], errs[i] = c.may(ctx, a) })
	}
	asked.Wait()
	for _, err := range errs {
		if err != nil {
			return c.problem(err) // one is enough for a person
		}
	}
	var missing []string
	for i, a := range requiredRights {
		if !may[i] {
			missing = append(missing, right(a))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return deployer.Refuse("Ask whoever runs the cluster to allow it.", "Stationmaster may not %s in namespace %s of cluster %s.",
		strings.Join(missing, ", "), namespace, c.name)
}

func (c *cluster) may(ctx context.Context, a authorizationv1.ResourceAttributes) (bool, error) {
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &a}}
	answer, err := c.client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return false, err
	}
	return answer.Status.Allowed, nil
}

// right names a right as roles do, such as "get pods/log".
func right(a authorizationv1.ResourceAttributes) string {
	what := a.Resource
	if a.Subresource != "" {
		what += "/" + a.Subresource
	}
	return a.Verb + " " + what
}
