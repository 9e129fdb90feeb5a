package sim

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
)

type logLine struct {
	at   time.Time
	text string
}

func (ctr *containerRun) print(lines []string) {
	for _, text := range lines {
		ctr.logs = append(ctr.logs, logLine{time.Now(), text})
	}
}

// serveLog answers with what a container has printed so far.
func (c *Cluster) serveLog(w http.ResponseWriter, r *http.Request, t target) {
	q := r.URL.Query()
	c.mu.Lock()
	lines, err := c.logLines(t, q)
	c.mu.Unlock()
	if err != nil {
		fail(w, err)
		return
	}
	text, err := cutLog(lines, q)
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	w.Write([]byte(text)) // an error means that nobody reads it any more
}

// logLines finds the container that q asks for and what it has printed.
func (c *Cluster) logLines(t target, q url.Values) ([]logLine, error) {
	it := c.store.get(pods, t.namespace, t.name)
	if it == nil {
		return nil, errors.NewNotFound(pods.groupResource(), t.name)
	}
	run, name := c.runs[it.obj.GetUID()], q.Get("container")
	if name == "" {
		if len(run.containers) > 1 {
			return nil, errors.NewBadRequest(fmt.Sprintf(
				"a container name must be specified for pod %s, choose one of: %v", t.name, containerNames(run)))
		}
		name = run.containers[0].name
	}
	ctr := run.container(name)
	switch {
	case ctr == nil:
		return nil, errors.NewBadRequest(fmt.Sprintf("container %s is not valid for pod %s", name, t.name))
	case isTrue(q.Get("previous")) && ctr.last == nil:
		return nil, errors.NewBadRequest(fmt.Sprintf("previous terminated container %q in pod %q not found", name, t.name))
	case isTrue(q.Get("previous")) && ctr.state.Running != nil:
		return ctr.previous, nil
	case ctr.startedAt.IsZero():
		return nil, errors.NewBadRequest(fmt.Sprintf("container %q in pod %q is waiting to start: %s", name, t.name, waitingFor(ctr)))
	}
	return ctr.logs, nil // of the latest, which while it waits is the previous as well
}

func containerNames(run *podRun) []string {
	var names []string
	for _, ctr := range run.containers {
		names = append(names, ctr.name)
	}
	return names
}

func waitingFor(ctr *containerRun) string {
	switch w := ctr.state.Waiting; {
	case w == nil:
		return "ContainerCreating"
	case strings.HasSuffix(w.Reason, "ImagePull"):
		return "image can't be pulled"
	default:
		return "trying and failing to pull image"
	}
}

// cutLog takes the part of the log that q asks for.
func cutLog(lines []logLine, q url.Values) (string, error) {
	tail, err := number(q, "tailLines")
	if err != nil {
		return "", err
	}
	if tail >= 0 && tail < int64(len(lines)) {
		lines = lines[int64(len(lines))-tail:]
	}
	since, err := number(q, "sinceSeconds")
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, l := range lines {
		if since >= 0 && time.Since(l.at) > time.Duration(since)*time.Second {
			continue
		}
		if isTrue(q.Get("timestamps")) {
			b.WriteString(l.at.UTC().Format(time.RFC3339Nano) + " ")
		}
		b.WriteString(l.text + "\n")
	}
	limit, err := number(q, "limitBytes")
	if err != nil || limit < 0 || limit > int64(b.Len()) {
		return b.String(), err
	}
	return b.String()[:limit], nil
}

// number is -1 when there is none.
func number(q url.Values, name string) (int64, error) {
	v := q.Get(name)
	if v == "" {
		return -1, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 {
		return 0, errors.NewBadRequest(fmt.Sprintf("read %s %q: not a number of zero or more", name, v))
	}
	return n, nil
}

// reportContainer records an event about one container of a pod.
func (c *Cluster) reportContainer(run *podRun, ctr *containerRun, typ, reason, message string) {
	p := c.pod(run)
	if p == nil {
		return
	}
	c.record(corev1.Event{
		InvolvedObject: reference(p, pods, "spec.containers{"+ctr.name+"}"),
		Type:           typ, Reason: reason, Message: message,
		Source:              corev1.EventSource{Component: "kubelet", Host: p.Spec.NodeName},
		ReportingController: "kubelet", ReportingInstance: p.Spec.NodeName,
	})
}
