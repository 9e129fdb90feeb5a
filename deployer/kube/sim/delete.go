package sim

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// serveDelete answers a delete: with the object while it is still ending, with
// a Status once it is gone.
func (c *Cluster) serveDelete(w http.ResponseWriter, r *http.Request, t target, body []byte, dry bool) {
	options, err := deleteOptions(r, body)
	if err != nil {
		fail(w, err)
		return
	}
	dry = dry || len(options.DryRun) > 0
	switch it, left, err := c.deleteTarget(t, options, dry); {
	case err != nil:
		fail(w, err)
	case left != nil:
		replyRaw(w, http.StatusOK, left.json)
	default:
		reply(w, http.StatusOK, metav1.Status{
			TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusSuccess,
			Details: &metav1.StatusDetails{Group: t.res.group, Kind: t.res.plural, Name: t.name, UID: it.obj.GetUID()}})
	}
}

// deleteTarget returns the object as it was, and as it is now unless it is gone.
func (c *Cluster) deleteTarget(t target, options metav1.DeleteOptions, dry bool) (was, left *item, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was = c.store.get(t.res, t.namespace, t.name)
	if was == nil {
		return nil, nil, errors.NewNotFound(t.res.groupResource(), t.name)
	}
	if err := checkPreconditions(t.res, was.obj, options); err != nil {
		return nil, nil, err
	}
	if !dry {
		c.delete(t.res, was, options.GracePeriodSeconds)
	}
	return was, c.store.get(t.res, t.namespace, t.name), nil
}

func deleteOptions(r *http.Request, body []byte) (metav1.DeleteOptions, error) {
	var options metav1.DeleteOptions
	if len(body) > 0 {
		if err := decode(r.Header.Get("Content-Type"), body, &options); err != nil {
			return options, err
		}
	}
	if v := r.URL.Query().Get("gracePeriodSeconds"); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return options, errors.NewBadRequest(fmt.Sprintf("read gracePeriodSeconds %q: not a number", v))
		}
		options.GracePeriodSeconds = &n
	}
	if p := options.PropagationPolicy; p != nil && *p == metav1.DeletePropagationOrphan {
		return options, errors.NewBadRequest("this cluster cannot orphan what it deletes the owner of")
	}
	return options, nil
}

func checkPreconditions(r *resource, o object, options metav1.DeleteOptions) error {
	p := options.Preconditions
	switch {
	case p == nil:
	case p.UID != nil && *p.UID != o.GetUID():
		return errUID(r, o.GetName(), *p.UID, o.GetUID())
	case p.ResourceVersion != nil && *p.ResourceVersion != o.GetResourceVersion():
		return errors.NewConflict(r.groupResource(), o.GetName(), words(fmt.Sprintf(
			"Precondition failed: ResourceVersion in precondition: %v, ResourceVersion in object meta: %v",
			*p.ResourceVersion, o.GetResourceVersion())))
	}
	return nil
}

// delete removes an object, a pod after its grace and a namespace with all
// that is in it. What it owned goes a moment later.
func (c *Cluster) delete(r *resource, it *item, grace *int64) {
	switch r {
	case pods:
		c.deletePod(it, grace)
		return
	case namespaces:
		for _, in := range resources {
			if !in.namespaced {
				continue
			}
			for _, each := range c.store.list(in, it.obj.GetName()) {
				c.store.remove(in, each)
			}
		}
	}
	c.store.remove(r, it)
}

// deletePod marks a pod as ending, which its node then sees to. One that is on
// no node, or is to have no grace, is gone at once.
func (c *Cluster) deletePod(it *item, grace *int64) {
	p := it.obj.(*corev1.Pod)
	if grace == nil {
		grace = p.Spec.TerminationGracePeriodSeconds
	}
	if p.Spec.NodeName == "" || grace == nil || *grace == 0 {
		c.store.remove(pods, it)
		return
	}
	if p.DeletionTimestamp != nil {
		return
	}
	p = clone(p)
	at := metav1.NewTime(c.now().Add(time.Duration(*grace) * time.Second))
	p.DeletionTimestamp, p.DeletionGracePeriodSeconds = &at, grace
	c.store.put(pods, p)
}

// collect removes what an object owned that is no more.
func (c *Cluster) collect(owner types.UID) {
	for _, child := range c.store.children(owner) {
		r := replicaSets
		if _, ok := child.(*corev1.Pod); ok {
			r = pods
		}
		c.delete(r, c.store.get(r, child.GetNamespace(), child.GetName()), nil)
	}
}
