package sim

import (
	"mime"
	"net/http"

	"gopkg.in/evanphx/json-patch.v4"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/json" // case-sensitive, as the real server
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const patchOperationsMax = 10000 // as the real server

// patch applies a patch to the object as it is now. Nothing comes between
// reading and writing it, so a patch without a resource version cannot conflict.
func (a *apiServer) patch(t target, contentType string, body []byte, dry bool) (*item, error) {
	old := a.store.get(t.res, t.namespace, t.name)
	if old == nil {
		return nil, errors.NewNotFound(t.res.groupResource(), t.name)
	}
	if t.sub == "scale" {
		return a.patchScale(old, contentType, body, dry)
	}
	patched, err := applyPatch(contentType, old.json, body, t.res.empty())
	if err != nil {
		return nil, err
	}
	o := t.res.empty()
	if err := json.Unmarshal(patched, o); err != nil {
		return nil, errors.NewInvalid(schema.GroupKind{}, "",
			field.ErrorList{field.Invalid(field.NewPath("patch"), string(body), err.Error())})
	}
	notePause(o, old.obj, t.manager)
	return a.store.replace(t.res, old, o, dry)
}

func applyPatch(contentType string, doc, body []byte, as any) ([]byte, error) {
	typ, _, _ := mime.ParseMediaType(contentType)
	switch types.PatchType(typ) {
	case types.JSONPatchType:
		return applyJSONPatch(doc, body)
	case types.MergePatchType:
		out, err := jsonpatch.MergePatch(doc, body)
		return out, badPatch(err)
	case types.StrategicMergePatchType:
		out, err := strategicpatch.StrategicMergePatch(doc, body, as)
		return out, badPatch(err)
	}
	return nil, unsupported("application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json")
}

// applyJSONPatch answers 422 when an operation fails, be it a test.
func applyJSONPatch(doc, body []byte) ([]byte, error) {
	p, err := jsonpatch.DecodePatch(body)
	if err != nil {
		return nil, badPatch(err)
	}
	if len(p) > patchOperationsMax {
		return nil, errors.NewRequestEntityTooLargeError("the allowed maximum operations in a JSON patch is 10000")
	}
	out, err := p.Apply(doc)
	if err != nil {
		return nil, errors.NewGenericServerResponse(http.StatusUnprocessableEntity, "",
			schema.GroupResource{}, "", err.Error(), 0, false)
	}
	return out, nil
}

func badPatch(err error) error {
	if err == nil {
		return nil
	}
	return errors.NewBadRequest(err.Error())
}

// scaleOf is a deployment's scale subresource.
func scaleOf(o object) autoscalingv1.Scale {
	d := o.(*appsv1.Deployment)
	s := autoscalingv1.Scale{
		TypeMeta: metav1.TypeMeta{Kind: "Scale", APIVersion: "autoscaling/v1"},
		ObjectMeta: metav1.ObjectMeta{Name: d.Name, Namespace: d.Namespace, UID: d.UID,
			ResourceVersion: d.ResourceVersion, CreationTimestamp: d.CreationTimestamp},
		Spec:   autoscalingv1.ScaleSpec{Replicas: *d.Spec.Replicas},
		Status: autoscalingv1.ScaleStatus{Replicas: d.Status.Replicas},
	}
	s.Status.Selector = metav1.FormatLabelSelector(d.Spec.Selector)
	return s
}

func (a *apiServer) patchScale(old *item, contentType string, body []byte, dry bool) (*item, error) {
	doc, err := json.Marshal(scaleOf(old.obj))
	if err != nil {
		return nil, errors.NewInternalError(err)
	}
	patched, err := applyPatch(contentType, doc, body, autoscalingv1.Scale{})
	if err != nil {
		return nil, err
	}
	var s autoscalingv1.Scale
	if err := json.Unmarshal(patched, &s); err != nil {
		return nil, badPatch(err)
	}
	return a.rescale(old, s, dry)
}

// rescale sets a deployment's replicas to those of a Scale.
func (a *apiServer) rescale(old *item, s autoscalingv1.Scale, dry bool) (*item, error) {
	d := clone(old.obj.(*appsv1.Deployment))
	d.ResourceVersion, d.Spec.Replicas = s.ResourceVersion, &s.Spec.Replicas
	return a.store.replace(deployments, old, d, dry)
}
