package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"

	"github.com/stationmaster/stationmaster/deployer"
)

const (
	explainTimeout = 5 * time.Second // all of it: the outcome waits for this
	logLinesMax    = 50
	eventLinesMax  = 5
	detailMax      = 8000 // bytes: what one message shows
	logMax         = 256 << 10
	nodesMax       = 3 // how many of them are asked for
)

// explain completes the outcome by what has to be asked for. What can't be had
// is left out: the outcome stands without it.
func (c *cluster) explain(ctx context.Context, at workloadRef, v verdict) deployer.Outcome {
	ctx, cancel := context.WithTimeout(ctx, explainTimeout)
	defer cancel()
	o := v.outcome
	if v.supersededMark != "" {
		if who := c.author(ctx, at, v.supersededMark); who != "" {
			o.Why += " " + who
		}
	}
	if v.stuck != nil {
		if who := c.silentNode(ctx, v.stuck.pods); who != "" {
			o.Why = v.stuck.say(who)
		}
	}
	if v.culprit != nil && v.culprit.pod != nil {
		o.Detail = fromPod(v.culprit, joinLines(o.Detail, c.events(ctx, v.culprit), c.log(ctx, v.culprit)))
		return o
	}
	o.Detail = tail(o.Detail, detailMax)
	return o
}

// silentNode says which node keeps pods from ending since it is not there, or "".
// To read nodes is a right that not everybody grants.
func (c *cluster) silentNode(ctx context.Context, pods []*corev1.Pod) string {
	asked := map[string]bool{"": true}
	for _, p := range pods {
		name := p.Spec.NodeName
		if asked[name] || len(asked) > nodesMax {
			continue
		}
		asked[name] = true
		n, err := c.client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return name + " is gone"
		}
		if err != nil {
			continue
		}
		for _, s := range n.Status.Conditions {
			if s.Type == corev1.NodeReady && s.Status != corev1.ConditionTrue {
				if s.Status == corev1.ConditionFalse {
					return name + " is not ready"
				}
				return name + " does not answer"
			}
		}
	}
	return ""
}

// fromPod puts a line over what a pod has said, so that whoever reads it finds the
// pod.
func fromPod(who *culprit, said string) string {
	if said == "" {
		return ""
	}
	head := "From " + who.pod.Name
	if who.container != "" {
		head += ", container " + who.container
	}
	if who.previous {
		head += ", before it was restarted"
	}
	head += ":\n"
	return head + tail(said, detailMax-len(head))
}

func joinLines(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, "\n")
}

// tail keeps whole lines from the end, as many as fit.
func tail(s string, n int) string {
	s = strings.ToValidUTF8(s, "?")
	if len(s) <= n {
		return s
	}
	s = s[len(s)-n:]
	if _, rest, ok := strings.Cut(s, "\n"); ok {
		return rest
	}
	return strings.ToValidUTF8(s, "")
}

// log is the last that the culprit's container wrote, or "".
func (c *cluster) log(ctx context.Context, who *culprit) string {
	if who.container == "" {
		return ""
	}
	lines := int64(logLinesMax)
	stream, err := c.client.CoreV1().Pods(who.pod.Namespace).GetLogs(who.pod.Name, &corev1.PodLogOptions{
		Container: who.container, Previous: who.previous, TailLines: &lines,
	}).Stream(ctx)
	if err != nil {
		return ""
	}
	defer func() { _ = stream.Close() }()
	text, err := io.ReadAll(io.LimitReader(stream, logMax))
	if err != nil && len(text) == 0 {
		return ""
	}
	return strings.TrimRight(string(text), "\n")
}

// events are the last warnings about the culprit, or "".
func (c *cluster) events(ctx context.Context, who *culprit) string {
	if !who.events {
		return ""
	}
	list, err := c.client.CoreV1().Events(who.pod.Namespace).List(ctx, metav1.ListOptions{
		FieldSelector: fields.Set{"involvedObject.uid": string(who.pod.UID), "type": corev1.EventTypeWarning}.String(),
	})
	if err != nil {
		return ""
	}
	slices.SortFunc(list.Items, func(a, b corev1.Event) int { return eventTime(a).Compare(eventTime(b)) })
	var lines []string
	for _, e := range list.Items[max(len(list.Items)-eventLinesMax, 0):] {
		lines = append(lines, e.Reason+": "+clip(strings.TrimSpace(e.Message), 300))
	}
	return strings.Join(lines, "\n")
}

func eventTime(e corev1.Event) time.Time {
	if !e.LastTimestamp.IsZero() {
		return e.LastTimestamp.Time
	}
	return e.EventTime.Time
}

// author says who has set the image that runs now, which is not the one that was
// set under the mark, going by the account that the API server keeps of managers
// and fields, or "". What a webhook changes in a request counts as the sender's.
func (c *cluster) author(ctx context.Context, at workloadRef, mark string) string {
	d, err := c.deployment(ctx, at.namespace, at.name)
	if err != nil {
		return ""
	}
	for _, e := range d.ManagedFields {
		if e.Time == nil || e.Subresource != "" || !ownsImage(e, at.container) {
			continue
		}
		switch {
		case e.Manager == fieldManager && d.Spec.Template.Annotations[Annotation] == mark:
			return "The cluster itself changed it when it was set, as an admission webhook does."
		case e.Manager != fieldManager:
			return fmt.Sprintf("It was changed by %s at %s UTC.", e.Manager, e.Time.UTC().Format("15:04:05"))
		}
	}
	return ""
}

// ownsImage reports whether the entry's manager has set the container's image.
func ownsImage(e metav1.ManagedFieldsEntry, container string) bool {
	return owns(e, "f:spec", "f:template", "f:spec", "f:containers", fmt.Sprintf("k:{%q:%q}", "name", container), "f:image")
}

// owns reads one entry of the account (FieldsV1): nested objects whose keys are
// "f:" and a field, or "k:" and what tells an element of a list.
func owns(e metav1.ManagedFieldsEntry, path ...string) bool {
	if e.FieldsV1 == nil {
		return false
	}
	var fields map[string]any
	if json.Unmarshal(e.FieldsV1.GetRawBytes(), &fields) != nil {
		return false
	}
	for _, key := range path[:len(path)-1] {
		fields, _ = fields[key].(map[string]any)
	}
	_, ok := fields[path[len(path)-1]]
	return ok
}
