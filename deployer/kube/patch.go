package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stationmaster/stationmaster/deployer/kube/podtemplate"
)

// An operation is one of RFC 6902. In a test, the value nil means that there
// is nothing at the path.
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// A patch is a list of operations that take effect together or not at all.
type patch []operation

func (p *patch) test(value any, path ...string)    { p.add("test", value, path) }
func (p *patch) set(value any, path ...string)     { p.add("add", value, path) }
func (p *patch) replace(value any, path ...string) { p.add("replace", value, path) }
func (p *patch) remove(path ...string)             { p.add("remove", nil, path) }

func (p *patch) add(op string, value any, path []string) {
	*p = append(*p, operation{op, pointer(path...), value})
}

// pointer is a JSON pointer (RFC 6901).
func pointer(path ...string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	var b strings.Builder
	for _, part := range path {
		b.WriteString("/" + escape.Replace(part))
	}
	return b.String()
}

// testAnnotation tests an annotation below path, or its absence, as it was
// seen among all.
func (p *patch) testAnnotation(all map[string]string, key string, path ...string) {
	switch value, ok := all[key]; {
	case ok:
		p.test(value, append(path, "annotations", key)...)
	case len(all) > 0:
		p.test(nil, append(path, "annotations", key)...)
	default:
		p.test(nil, append(path, "annotations")...)
	}
}

// setAnnotation sets an annotation that testAnnotation has tested.
func (p *patch) setAnnotation(all map[string]string, key, value string, path ...string) {
	if len(all) == 0 {
		p.set(map[string]string{key: value}, append(path, "annotations")...)
		return
	}
	p.set(value, append(path, "annotations", key)...)
}

// testTemplate tests that the workload is that one, and runs in that container
// what it ran when it was looked at, under the mark that it had.
func (p *patch) testTemplate(d *appsv1.Deployment, at workloadRef) {
	image, i := imageOf(d.Spec.Template, at.container)
	p.test(at.uid, "metadata", "uid")
	p.test(at.container, "spec", "template", "spec", "containers", fmt.Sprint(i), "name")
	p.test(image, "spec", "template", "spec", "containers", fmt.Sprint(i), "image")
	p.testAnnotation(d.Spec.Template.Annotations, Annotation, "spec", "template", "metadata")
}

// testPaused tests that the workload is paused, or is not, as it was.
func (p *patch) testPaused(d *appsv1.Deployment) {
	if d.Spec.Paused {
		p.test(true, "spec", "paused")
		return
	}
	p.test(nil, "spec", "paused") // false is not written
}

// unpause ends our own pause, if there is one, and forgets one that somebody
// else has ended. testSpec must be among the tests.
func (p *patch) unpause(d *appsv1.Deployment) {
	p.forget(d, PausedBy)
	if _, ours := (view{deployment: d}).paused(); ours {
		p.replace(false, "spec", "paused")
	}
}

// forget removes an annotation of ours from the workload, if it is there.
func (p *patch) forget(d *appsv1.Deployment, key string) {
	if value, ok := d.Annotations[key]; ok {
		p.test(value, "metadata", "annotations", key)
		p.remove("metadata", "annotations", key)
	}
}

// putBack sets a template of the history as it was, so that the controller takes up
// the ReplicaSet that has it. The mark is not a part of it. testSpec must be among
// the tests.
func (p *patch) putBack(d *appsv1.Deployment, template map[string]any, mark string) {
	p.replace(template, "spec", "template")
	p.testAnnotation(d.Annotations, RolledBackBy, "metadata")
	p.setAnnotation(d.Annotations, RolledBackBy, noteOf(mark, d.Generation+1), "metadata")
}

// testSpec tests that nothing of the spec has changed since it was read: the API
// server counts every change of it.
func (p *patch) testSpec(d *appsv1.Deployment) { p.test(d.Generation, "metadata", "generation") }

// setImage sets image and mark. The init containers that run the same image get it
// too.
func (p *patch) setImage(d *appsv1.Deployment, at workloadRef, image, mark string) {
	_, i := imageOf(d.Spec.Template, at.container)
	p.replace(image, "spec", "template", "spec", "containers", fmt.Sprint(i), "image")
	for _, i := range podtemplate.Own(d.Spec.Template, at.container) {
		p.replace(image, "spec", "template", "spec", "initContainers", fmt.Sprint(i), "image")
	}
	p.setAnnotation(d.Spec.Template.Annotations, Annotation, mark, "spec", "template", "metadata")
}

// send sends the patch once. A failed test is an error like any other that
// leaves open what is there now; a definite no is a Refusal.
func (c *cluster) send(ctx context.Context, at workloadRef, p patch, what string) (*appsv1.Deployment, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("write the patch: %w", err)
	}
	d, err := c.client.AppsV1().Deployments(at.namespace).Patch(ctx, at.name, types.JSONPatchType, body,
		metav1.PatchOptions{FieldManager: fieldManager})
	if apierrors.IsInvalid(err) && !hasCauses(err) && !denied(err) {
		return nil, fmt.Errorf("%s: %s has changed since it was looked at", what, at.workload)
	}
	if err != nil {
		return nil, c.definite(err, what)
	}
	return d, nil
}

// template reads the pod template of a ReplicaSet as the API server has it, so
// that fields survive that this version of client-go does not know, and takes
// from it what the Deployment controller has put there.
func (c *cluster) template(ctx context.Context, set *appsv1.ReplicaSet) (map[string]any, error) {
	raw, err := c.client.AppsV1().RESTClient().Get().Namespace(set.Namespace).Resource("replicasets").Name(set.Name).
		SetHeader("Accept", "application/json").Do(ctx).Raw()
	if err != nil {
		return nil, c.problem(err)
	}
	var have struct {
		Spec struct {
			Template map[string]any `json:"template"`
		} `json:"spec"`
	}
	reader := json.NewDecoder(strings.NewReader(string(raw)))
	reader.UseNumber()
	if err := reader.Decode(&have); err != nil {
		return nil, fmt.Errorf("read revision %s of the history: %w", set.Annotations[revisionKey], err)
	}
	t := have.Spec.Template
	if len(t) == 0 {
		return nil, fmt.Errorf("revision %s of the history has no pod template", set.Annotations[revisionKey])
	}
	meta, _ := t["metadata"].(map[string]any) // the selector needs labels, so that they are there
	labels, _ := meta["labels"].(map[string]any)
	delete(meta, "creationTimestamp")
	delete(labels, hashKey)
	return t, nil
}
