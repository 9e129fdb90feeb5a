package kube

import (
	"context"
	"strings"
	"sync"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// needed is what a rollout needs in the workload's namespace, besides reading
// the namespace kube-system. Listing events, and listing and watching
// Services and EndpointSlices, is welcome and not needed.
var needed = []authorizationv1.ResourceAttributes{
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

// rights refuses when one of them is missing, and names those that are.
func (c *cluster) rights(ctx context.Context, namespace string) error {
	may := make([]bool, len(needed))
	errs := make([]error, len(needed))
	var asked sync.WaitGroup
	for i, a := range needed {
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
	for i, a := range needed {
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
