package sim

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// serveWrite answers create, update, patch and delete.
func (a *apiServer) serveWrite(w http.ResponseWriter, r *http.Request, t target) {
	body, err := readBody(r)
	if err != nil {
		fail(w, err)
		return
	}
	dry := slices.Contains(r.URL.Query()["dryRun"], metav1.DryRunAll)
	if t.verb == "delete" {
		a.serveDelete(w, r, t, body, dry)
		return
	}
	t.manager = managerOf(r)
	code := http.StatusOK
	if t.verb == "create" {
		code = http.StatusCreated
	}
	switch it, err := a.write(t, r.Header.Get("Content-Type"), body, dry); {
	case err != nil:
		fail(w, err)
	case t.sub == "scale":
		reply(w, code, scaleOf(it.obj))
	default:
		replyRaw(w, code, it.json)
	}
}

func (a *apiServer) write(t target, contentType string, body []byte, dry bool) (*item, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch t.verb {
	case "create":
		return a.createFrom(t, contentType, body, dry)
	case "update":
		return a.updateFrom(t, contentType, body, dry)
	}
	return a.patch(t, contentType, body, dry)
}

func (a *apiServer) createFrom(t target, contentType string, body []byte, dry bool) (*item, error) {
	o, err := decodeObject(t.res, contentType, body)
	if err != nil {
		return nil, err
	}
	return a.store.create(t.res, t.namespace, o, dry)
}

func (a *apiServer) updateFrom(t target, contentType string, body []byte, dry bool) (*item, error) {
	old := a.store.get(t.res, t.namespace, t.name)
	if old == nil {
		return nil, errors.NewNotFound(t.res.groupResource(), t.name)
	}
	if t.sub == "scale" {
		var s autoscalingv1.Scale
		if err := decode(contentType, body, &s); err != nil {
			return nil, err
		}
		return a.rescale(old, s, dry)
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
	notePause(o, old.obj, t.manager)
	return a.store.replace(t.res, old, o, dry)
}

// managerOf is the name under which a client writes.
func managerOf(r *http.Request) string {
	if m := r.URL.Query().Get("fieldManager"); m != "" {
		return m
	}
	agent, _, _ := strings.Cut(r.UserAgent(), "/")
	return agent
}

// notePause keeps the one part that there is here of the account of who has set
// what: who has paused a deployment.
func notePause(o, old object, manager string) {
	d, ok := o.(*appsv1.Deployment)
	if !ok || d.Spec.Paused == old.(*appsv1.Deployment).Spec.Paused {
		return
	}
	at := now()
	d.ManagedFields = nil
	if d.Spec.Paused {
		d.ManagedFields = []metav1.ManagedFieldsEntry{{
			Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: appsv1.SchemeGroupVersion.String(),
			Time: &at, FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:paused":{}}}`),
		}}
	}
}

// serveDelete answers a delete: with the object while it is still ending, with
// a Status once it is gone.
func (a *apiServer) serveDelete(w http.ResponseWriter, r *http.Request, t target, body []byte, dry bool) {
	options, err := deleteOptions(r, body)
	if err != nil {
		fail(w, err)
		return
	}
	dry = dry || len(options.DryRun) > 0
	switch it, left, err := a.deleteTarget(t, options, dry); {
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
func (a *apiServer) deleteTarget(t target, options metav1.DeleteOptions, dry bool) (was, left *item, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	was = a.store.get(t.res, t.namespace, t.name)
	if was == nil {
		return nil, nil, errors.NewNotFound(t.res.groupResource(), t.name)
	}
	if err := checkPreconditions(t.res, was.obj, options); err != nil {
		return nil, nil, err
	}
	if !dry {
		a.store.delete(t.res, was, options.GracePeriodSeconds)
	}
	return was, a.store.get(t.res, t.namespace, t.name), nil
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
		return errors.NewConflict(r.groupResource(), o.GetName(), serverMessage(fmt.Sprintf(
			"Precondition failed: ResourceVersion in precondition: %v, ResourceVersion in object meta: %v",
			*p.ResourceVersion, o.GetResourceVersion())))
	}
	return nil
}
