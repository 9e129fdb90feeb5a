package sim

import (
	"crypto/subtle"
	stderrors "errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const bodyMax = 3 << 20 // as the real server

// An apiServer answers requests. It takes the cluster's lock for the length of
// one read or write.
type apiServer struct {
	mu      *sync.Mutex // the cluster's
	cfg     Config
	done    <-chan struct{} // closed when the cluster is
	store   *store
	kubelet *kubelet // which has the logs
}

// serve answers one request.
func (a *apiServer) serve(w http.ResponseWriter, r *http.Request) {
	select {
	case <-a.done:
		fail(w, errors.NewServiceUnavailable("the cluster has been stopped"))
		return
	default:
	}
	if want := "Bearer " + a.cfg.Token; a.cfg.Token != "" && subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte(want)) != 1 {
		fail(w, errors.NewUnauthorized("Unauthorized"))
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, bodyMax)
	if a.serveServerInfo(w, r) {
		return
	}
	t, ok := parseTarget(r.URL.Path)
	if !ok {
		http.Error(w, "404 page not found", http.StatusNotFound)
		return
	}
	if t.sub != "log" && !acceptsJSON(r) {
		fail(w, status(http.StatusNotAcceptable, metav1.StatusReasonNotAcceptable,
			"only the following media types are accepted: application/json"))
		return
	}
	if t.verb = verbOf(r, t); t.verb == "" {
		fail(w, errors.NewMethodNotSupported(t.res.groupResource(), strings.ToLower(r.Method)))
		return
	}
	if what := t.attributes(); !a.allows(what) {
		fail(w, errors.NewForbidden(t.res.groupResource(), t.name, errNotAllowed(what)))
		return
	}
	switch t.verb {
	case "get":
		a.serveGet(w, r, t)
	case "list":
		a.serveList(w, r, t)
	case "watch":
		a.serveWatch(w, r, t)
	default:
		a.serveWrite(w, r, t)
	}
}

// A target is what a request is about.
type target struct {
	res             *resource
	verb            string
	namespace, name string
	sub             string // "", "log", "scale" or "status"
	manager         string // who writes
}

func (t target) attributes() authorizationv1.ResourceAttributes {
	return authorizationv1.ResourceAttributes{
		Verb: t.verb, Group: t.res.group, Version: "v1", Resource: t.res.plural, Subresource: t.sub,
		Namespace: t.namespace, Name: t.name,
	}
}

// parseTarget reads /api/v1/… and /apis/GROUP/v1/….
func parseTarget(path string) (target, bool) {
	p := strings.Split(strings.Trim(path, "/"), "/")
	var group string
	switch {
	case len(p) > 2 && p[0] == "api" && p[1] == "v1":
		p = p[2:]
	case len(p) > 3 && p[0] == "apis" && p[2] == "v1":
		group, p = p[1], p[3:]
	default:
		return target{}, false
	}
	var t target
	if p[0] == "namespaces" && len(p) > 2 {
		t.namespace, p = p[1], p[2:]
	}
	if t.res = lookUp(group, p[0]); t.res == nil || t.namespace != "" && !t.res.namespaced {
		return t, false
	}
	if len(p) > 1 {
		t.name = p[1]
	}
	if len(p) > 2 {
		t.sub = p[2]
	}
	return t, len(p) <= 3 && (t.sub == "" || t.res.hasSub(t.sub)) && (t.name == "" || t.namespace != "" || !t.res.namespaced)
}

func lookUp(group, plural string) *resource {
	for _, r := range resources {
		if r.group == group && r.plural == plural {
			return r
		}
	}
	return nil
}

func (r *resource) hasSub(sub string) bool {
	switch sub {
	case "log":
		return r == pods
	case "scale":
		return r == deployments
	case "status":
		return r != events && r != endpointSlices
	}
	return false
}

// verbOf is empty when the method does not go with the target.
func verbOf(r *http.Request, t target) string {
	one, readOnly := t.name != "", t.res.readOnly || t.sub == "log" || t.sub == "status"
	switch {
	case r.Method == http.MethodGet && one:
		return "get"
	case r.Method == http.MethodGet && isTrue(r.URL.Query().Get("watch")):
		return "watch"
	case r.Method == http.MethodGet:
		return "list"
	case readOnly:
		return ""
	case r.Method == http.MethodPost && !one:
		return "create"
	case r.Method == http.MethodPut && one:
		return "update"
	case r.Method == http.MethodPatch && one:
		return "patch"
	case r.Method == http.MethodDelete && one && t.sub == "":
		return "delete"
	}
	return ""
}

func isTrue(v string) bool { return v == "true" || v == "1" }

// acceptsJSON reports whether the client takes JSON, be it after protobuf.
func acceptsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	if accept == "" {
		return true
	}
	for part := range strings.SplitSeq(accept, ",") {
		switch typ, _, _ := mime.ParseMediaType(part); typ {
		case "application/json", "application/*", "*/*":
			return true
		}
	}
	return false
}

// readBody reads a body of at most bodyMax bytes.
func readBody(r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(r.Body)
	if _, tooBig := stderrors.AsType[*http.MaxBytesError](err); tooBig {
		return nil, errors.NewRequestEntityTooLargeError("limit is 3145728")
	}
	if err != nil {
		return nil, errors.NewBadRequest("read the request's body: " + err.Error())
	}
	return b, nil
}
