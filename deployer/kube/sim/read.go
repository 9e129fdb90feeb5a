package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (a *apiServer) serveGet(w http.ResponseWriter, r *http.Request, t target) {
	if t.sub == "log" {
		a.serveLog(w, r, t)
		return
	}
	a.mu.Lock()
	it := a.store.get(t.res, t.namespace, t.name)
	a.mu.Unlock()
	switch {
	case it == nil:
		fail(w, errors.NewNotFound(t.res.groupResource(), t.name))
	case t.sub == "scale":
		reply(w, http.StatusOK, scaleOf(it.obj))
	default:
		replyRaw(w, http.StatusOK, it.json)
	}
}

func (a *apiServer) serveList(w http.ResponseWriter, r *http.Request, t target) {
	q := r.URL.Query()
	sel, err := newSelection(t.res, t.namespace, q)
	if err != nil {
		fail(w, err)
		return
	}
	a.mu.Lock()
	now := a.store.version
	items := a.store.list(t.res, t.namespace)
	a.mu.Unlock()
	if err := checkListVersion(q, now); err != nil {
		fail(w, err)
		return
	}
	reply(w, http.StatusOK, t.res.listOf(sel.filter(items), strconv.FormatInt(now, 10)))
}

// A list is any of the API's list types.
type list struct {
	metav1.TypeMeta `json:",inline"`
	Metadata        metav1.ListMeta   `json:"metadata"`
	Items           []json.RawMessage `json:"items"`
}

// listOf leaves out the items' kind and version, as the real server does.
func (r *resource) listOf(items []*item, version string) list {
	l := list{
		TypeMeta: metav1.TypeMeta{Kind: r.kind + "List", APIVersion: r.groupVersion().String()},
		Metadata: metav1.ListMeta{ResourceVersion: version},
		Items:    make([]json.RawMessage, len(items)),
	}
	head := len(r.head())
	for i, it := range items {
		l.Items[i] = append([]byte("{"), it.json[head:]...)
	}
	return l
}

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
func (a *apiServer) serveLog(w http.ResponseWriter, r *http.Request, t target) {
	q := r.URL.Query()
	a.mu.Lock()
	lines, err := a.logLines(t, q)
	a.mu.Unlock()
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
func (a *apiServer) logLines(t target, q url.Values) ([]logLine, error) {
	it := a.store.get(pods, t.namespace, t.name)
	if it == nil {
		return nil, errors.NewNotFound(pods.groupResource(), t.name)
	}
	run, name := a.kubelet.runs[it.obj.GetUID()], q.Get("container")
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
