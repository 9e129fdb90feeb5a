package kube

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
)

// problem says in words what the API server or the way to it has against a
// request. It returns nil for nil.
func (c *cluster) problem(err error) error {
	var refusal *deployer.Refusal
	var status apierrors.APIStatus
	var way *url.Error
	switch {
	case err == nil, errors.As(err, &refusal):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("cluster %s does not answer: it took longer than %s: %w", c.name, callTimeout, context.DeadlineExceeded)
	case apierrors.IsUnauthorized(err):
		if file := c.transport.Problem(); file != nil {
			return fmt.Errorf("cluster %s does not accept the credentials of stationmaster any more, and there are no new ones: %w", c.name, file)
		}
		return fmt.Errorf("cluster %s does not accept the credentials of stationmaster: %w", c.name, err)
	case errors.As(err, &status):
		return fmt.Errorf("cluster %s answers: %w", c.name, err)
	case errors.As(err, &way):
		// Without the address, which says nothing to people.
		return fmt.Errorf("cluster %s does not answer: %w", c.name, way.Err)
	}
	return fmt.Errorf("cluster %s does not answer: %w", c.name, err)
}

// definite turns an answer that means no for good into a Refusal, and leaves
// everything else as it is.
func (c *cluster) definite(err error, what string) error {
	switch {
	case denied(err):
		return deployer.Refuse("Ask whoever runs the cluster.", "Cluster %s refuses to %s: %s.", c.name, what, message(err))
	case apierrors.IsForbidden(err):
		return deployer.Refuse("Ask whoever runs the cluster.", "Cluster %s does not allow stationmaster to %s: %s.", c.name, what, message(err))
	case apierrors.IsNotFound(err), apierrors.IsBadRequest(err), apierrors.IsMethodNotSupported(err), apierrors.IsGone(err):
		return deployer.Refuse("", "Cluster %s refuses to %s: %s.", c.name, what, message(err))
	case apierrors.IsInvalid(err) && hasCauses(err):
		return deployer.Refuse("", "Cluster %s refuses to %s, which would be invalid: %s.", c.name, what, message(err))
	}
	return c.problem(err)
}

// denied reports whether an admission webhook or a policy has said no. It may
// choose any code for that, also the one of a test that failed, or that of rights
// that are missing; the words are the API server's.
func denied(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return false
	}
	said := status.Status().Message
	return strings.HasPrefix(said, "admission webhook ") && strings.Contains(said, " denied the request") ||
		strings.Contains(said, "ValidatingAdmissionPolicy '") && strings.Contains(said, "' denied request: ")
}

// hasCauses tells an object that validation turned down from a patch whose
// test failed: the former names the fields.
func hasCauses(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && status.Status().Details != nil && len(status.Status().Details.Causes) > 0
}

// message is the API server's own words, without a full stop.
func message(err error) string {
	var status apierrors.APIStatus
	if errors.As(err, &status) && status.Status().Message != "" {
		return strings.TrimSuffix(status.Status().Message, ".")
	}
	return strings.TrimSuffix(err.Error(), ".")
}

// suggestMax bounds how many names a refusal lists.
const suggestMax = 8

// suggestOrList says which of the names was probably meant, or which there are.
func suggestOrList(typed string, names []string) string {
	if len(names) == 0 {
		return "There is none."
	}
	slices.Sort(names)
	if meant := spelling.Suggest(typed, names); meant != "" {
		return meant
	}
	if len(names) > suggestMax {
		return "There are " + strings.Join(names[:suggestMax], ", ") + " and more."
	}
	if len(names) == 1 {
		return "There is only " + names[0] + "."
	}
	return "There are " + strings.Join(names, ", ") + "."
}

// unread says why a log could not be read. Only a right that is missing is for
// good: a pod may have gone meanwhile.
func (c *cluster) unread(p *corev1.Pod, err error) error {
	if apierrors.IsForbidden(err) {
		return c.definite(err, "read the log of "+p.Name)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("read the log of %s: %w", p.Name, c.problem(err))
}
