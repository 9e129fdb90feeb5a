package sim

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/uuid"
)

// create stores a new object, once it is complete and valid.
func (s *store) create(r *resource, namespace string, o object, dry bool) (*item, error) {
	if err := s.setNamespace(r, namespace, o); err != nil {
		return nil, err
	}
	if o.GetName() == "" && o.GetGenerateName() != "" {
		o.SetName(o.GetGenerateName() + rand.String(5))
	}
	o.SetUID("") // the server's to give
	s.stamp(r, o)
	errs := checkNew(r, o)
	if r.prepare != nil {
		errs = append(errs, r.prepare(o, nil)...)
	}
	if len(errs) > 0 {
		return nil, errors.NewInvalid(r.groupKind(), o.GetName(), errs)
	}
	if s.get(r, namespace, o.GetName()) != nil {
		return nil, errors.NewAlreadyExists(r.groupResource(), o.GetName())
	}
	if dry {
		return &item{obj: o, json: r.encode(o)}, nil
	}
	return s.put(r, o), nil
}

// setNamespace puts an object into its namespace, which must be there.
func (s *store) setNamespace(r *resource, namespace string, o object) error {
	switch {
	case o.GetResourceVersion() != "":
		return errors.NewBadRequest("resourceVersion should not be set on objects to be created")
	case !r.namespaced:
		o.SetNamespace("")
	case namespace == "":
		return errors.NewBadRequest("an empty namespace may not be set during creation")
	case o.GetNamespace() != "" && o.GetNamespace() != namespace:
		return errors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
	case s.get(namespaces, "", namespace) == nil:
		return errors.NewNotFound(namespaces.groupResource(), namespace)
	default:
		o.SetNamespace(namespace)
	}
	return nil
}

// stamp gives an object what makes it one of its own.
func (s *store) stamp(r *resource, o object) {
	if o.GetUID() == "" {
		o.SetUID(uuid.NewUUID())
	}
	o.SetCreationTimestamp(now())
	o.SetDeletionTimestamp(nil)
	if r == deployments || r == replicaSets {
		o.SetGeneration(1)
	}
}

// replace stores o in the place of old, once it is complete and valid, and
// unless it rests on another version.
func (s *store) replace(r *resource, old *item, o object, dry bool) (*item, error) {
	if v := o.GetResourceVersion(); v != "" && v != old.obj.GetResourceVersion() {
		return nil, errors.NewConflict(r.groupResource(), old.obj.GetName(),
			serverMessage("the object has been modified; please apply your changes to the latest version and try again"))
	}
	o.SetResourceVersion(old.obj.GetResourceVersion())
	errs := checkChange(o, old.obj)
	if r.prepare != nil {
		errs = append(errs, r.prepare(o, old.obj)...)
	}
	if len(errs) > 0 {
		return nil, errors.NewInvalid(r.groupKind(), old.obj.GetName(), errs)
	}
	if dry {
		return &item{obj: o, json: r.encode(o)}, nil
	}
	return s.put(r, o), nil
}

// delete removes an object, a pod after its grace and a namespace with all
// that is in it. What it owned goes a moment later.
func (s *store) delete(r *resource, it *item, grace *int64) {
	switch r {
	case pods:
		s.deletePod(it, grace)
		return
	case namespaces:
		for _, in := range resources {
			if !in.namespaced {
				continue
			}
			for _, each := range s.list(in, it.obj.GetName()) {
				s.remove(in, each)
			}
		}
	}
	s.remove(r, it)
}

// deletePod marks a pod as ending, which its node then sees to. One that is on
// no node, or is to have no grace, is gone at once.
func (s *store) deletePod(it *item, grace *int64) {
	p := it.obj.(*corev1.Pod)
	if grace == nil {
		grace = p.Spec.TerminationGracePeriodSeconds
	}
	if p.Spec.NodeName == "" || grace == nil || *grace == 0 {
		s.remove(pods, it)
		return
	}
	if p.DeletionTimestamp != nil {
		return
	}
	p = clone(p)
	at := metav1.NewTime(now().Add(time.Duration(*grace) * time.Second))
	p.DeletionTimestamp, p.DeletionGracePeriodSeconds = &at, grace
	s.put(pods, p)
}

// collectGarbage removes what an object owned that is no more.
func (s *store) collectGarbage(owner types.UID) {
	for _, child := range s.children(owner) {
		r := replicaSets
		if _, ok := child.(*corev1.Pod); ok {
			r = pods
		}
		s.delete(r, s.get(r, child.GetNamespace(), child.GetName()), nil)
	}
}
