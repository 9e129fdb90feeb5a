package sim

import (
	"fmt"
	"net/http"
	"slices"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/uuid"
)

// serveWrite answers create, update, patch and delete.
func (c *Cluster) serveWrite(w http.ResponseWriter, r *http.Request, t target) {
	body, err := readBody(r)
	if err != nil {
		fail(w, err)
		return
	}
	dry := slices.Contains(r.URL.Query()["dryRun"], metav1.DryRunAll)
	if t.verb == "delete" {
		c.serveDelete(w, r, t, body, dry)
		return
	}
	code := http.StatusOK
	if t.verb == "create" {
		code = http.StatusCreated
	}
	switch it, err := c.write(t, r.Header.Get("Content-Type"), body, dry); {
	case err != nil:
		fail(w, err)
	case t.sub == "scale":
		reply(w, code, scaleOf(it.obj))
	default:
		replyRaw(w, code, it.json)
	}
}

func (c *Cluster) write(t target, contentType string, body []byte, dry bool) (*item, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch t.verb {
	case "create":
		return c.createFrom(t, contentType, body, dry)
	case "update":
		return c.updateFrom(t, contentType, body, dry)
	}
	return c.patch(t, contentType, body, dry)
}

func (c *Cluster) createFrom(t target, contentType string, body []byte, dry bool) (*item, error) {
	o, err := decodeObject(t.res, contentType, body)
	if err != nil {
		return nil, err
	}
	return c.create(t.res, t.namespace, o, dry)
}

// create stores a new object, once it is complete and valid.
func (c *Cluster) create(r *resource, namespace string, o object, dry bool) (*item, error) {
	if err := c.place(r, namespace, o); err != nil {
		return nil, err
	}
	if o.GetName() == "" && o.GetGenerateName() != "" {
		o.SetName(o.GetGenerateName() + rand.String(5))
	}
	o.SetUID("") // the server's to give
	c.stamp(r, o)
	errs := checkNew(r, o)
	if r.prepare != nil {
		errs = append(errs, r.prepare(o, nil)...)
	}
	if len(errs) > 0 {
		return nil, errors.NewInvalid(r.groupKind(), o.GetName(), errs)
	}
	if c.store.get(r, namespace, o.GetName()) != nil {
		return nil, errors.NewAlreadyExists(r.groupResource(), o.GetName())
	}
	if dry {
		return &item{obj: o, json: r.encode(o)}, nil
	}
	return c.store.put(r, o), nil
}

// place puts an object into its namespace, which must be there.
func (c *Cluster) place(r *resource, namespace string, o object) error {
	switch {
	case o.GetResourceVersion() != "":
		return errors.NewBadRequest("resourceVersion should not be set on objects to be created")
	case !r.namespaced:
		o.SetNamespace("")
	case namespace == "":
		return errors.NewBadRequest("an empty namespace may not be set during creation")
	case o.GetNamespace() != "" && o.GetNamespace() != namespace:
		return errors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
	case c.store.get(namespaces, "", namespace) == nil:
		return errors.NewNotFound(namespaces.groupResource(), namespace)
	default:
		o.SetNamespace(namespace)
	}
	return nil
}

// stamp gives an object what makes it one of its own.
func (c *Cluster) stamp(r *resource, o object) {
	if o.GetUID() == "" {
		o.SetUID(uuid.NewUUID())
	}
	o.SetCreationTimestamp(c.now())
	o.SetDeletionTimestamp(nil)
	if r == deployments || r == replicaSets {
		o.SetGeneration(1)
	}
}

func (c *Cluster) updateFrom(t target, contentType string, body []byte, dry bool) (*item, error) {
	old := c.store.get(t.res, t.namespace, t.name)
	if old == nil {
		return nil, errors.NewNotFound(t.res.groupResource(), t.name)
	}
	if t.sub == "scale" {
		var s autoscalingv1.Scale
		if err := decode(contentType, body, &s); err != nil {
			return nil, err
		}
		return c.rescale(old, s, dry)
	}
	o, err := decodeObject(t.res, contentType, body)
	if err != nil {
		return nil, err
	}
	switch {
	case o.GetName() != t.name:
		return nil, errors.NewBadRequest(fmt.Sprintf("the name of the object (%s) does not match the name on the URL (%s)", o.GetName(), t.name))
	case t.res.namespaced && o.GetNamespace() == "":
		o.SetNamespace(t.namespace)
	case o.GetNamespace() != t.namespace:
		return nil, errors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
	}
	if uid := o.GetUID(); uid != "" && uid != old.obj.GetUID() {
		return nil, errUID(t.res, t.name, uid, old.obj.GetUID())
	}
	return c.replace(t.res, old, o, dry)
}

// replace stores o in the place of old, once it is complete and valid, and
// unless it rests on another version.
func (c *Cluster) replace(r *resource, old *item, o object, dry bool) (*item, error) {
	if v := o.GetResourceVersion(); v != "" && v != old.obj.GetResourceVersion() {
		return nil, errors.NewConflict(r.groupResource(), old.obj.GetName(),
			words("the object has been modified; please apply your changes to the latest version and try again"))
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
	return c.store.put(r, o), nil
}
