package sim

import (
	"io"
	"net/http"
	"runtime"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/version"
)

// serverVersion is the release that this server takes after.
const serverVersion = "v1.37.2+sim"

// userName is who every client is.
const userName = "sim:user"

const reviewsPath = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

// serveServerInfo answers what is about the server, not about its objects, and
// reports whether it did.
func (a *apiServer) serveServerInfo(w http.ResponseWriter, r *http.Request) bool {
	path := strings.TrimRight(r.URL.Path, "/")
	switch path {
	case "/healthz", "/livez", "/readyz":
		_, _ = io.WriteString(w, "ok")
	case "/version":
		reply(w, http.StatusOK, version.Info{Major: "1", Minor: "37", GitVersion: serverVersion,
			GoVersion: runtime.Version(), Compiler: runtime.Compiler, Platform: runtime.GOOS + "/" + runtime.GOARCH})
	case "/api":
		reply(w, http.StatusOK, metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}})
	case "/apis":
		reply(w, http.StatusOK, metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"},
			Groups: []metav1.APIGroup{apiGroup("apps"), apiGroup("authorization.k8s.io"), apiGroup(discoveryv1.GroupName)}})
	case "/apis/apps", "/apis/authorization.k8s.io", "/apis/" + discoveryv1.GroupName:
		reply(w, http.StatusOK, apiGroup(strings.TrimPrefix(path, "/apis/")))
	case "/api/v1":
		reply(w, http.StatusOK, resourceList("v1", ""))
	case "/apis/apps/v1":
		reply(w, http.StatusOK, resourceList("apps/v1", "apps"))
	case "/apis/discovery.k8s.io/v1":
		reply(w, http.StatusOK, resourceList("discovery.k8s.io/v1", discoveryv1.GroupName))
	case "/apis/authorization.k8s.io/v1":
		reply(w, http.StatusOK, metav1.APIResourceList{
			TypeMeta:     metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"},
			GroupVersion: "authorization.k8s.io/v1",
			APIResources: []metav1.APIResource{{Name: "selfsubjectaccessreviews",
				SingularName: "selfsubjectaccessreview", Kind: "SelfSubjectAccessReview", Verbs: metav1.Verbs{"create"}}}})
	case reviewsPath:
		a.serveReview(w, r)
	default:
		return false
	}
	return true
}

func apiGroup(name string) metav1.APIGroup {
	v := metav1.GroupVersionForDiscovery{GroupVersion: name + "/v1", Version: "v1"}
	return metav1.APIGroup{TypeMeta: metav1.TypeMeta{Kind: "APIGroup", APIVersion: "v1"},
		Name: name, Versions: []metav1.GroupVersionForDiscovery{v}, PreferredVersion: v}
}

func resourceList(groupVersion, group string) metav1.APIResourceList {
	list := metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"},
		GroupVersion: groupVersion}
	add := func(r *resource, sub, kind string, verbs ...string) {
		a := metav1.APIResource{Name: r.plural + sub, Namespaced: r.namespaced, Kind: kind, Verbs: verbs}
		if sub == "" {
			a.SingularName, a.ShortNames = r.singular, r.short
		}
		if sub == "/scale" {
			a.Group, a.Version = "autoscaling", "v1"
		}
		list.APIResources = append(list.APIResources, a)
	}
	for _, r := range resources {
		if r.group != group {
			continue
		}
		verbs := []string{"get", "list", "watch"}
		if !r.readOnly {
			verbs = append(verbs, "create", "delete", "patch", "update")
		}
		add(r, "", r.kind, verbs...)
		if r.hasSub("log") {
			add(r, "/log", r.kind, "get")
		}
		if r.hasSub("scale") {
			add(r, "/scale", "Scale", "get", "patch", "update")
		}
		if r.hasSub("status") {
			add(r, "/status", r.kind, "get")
		}
	}
	return list
}

// serveReview answers whether the client may do something.
func (a *apiServer) serveReview(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		fail(w, errors.NewMethodNotSupported(authorizationv1.Resource("selfsubjectaccessreviews"), strings.ToLower(r.Method)))
		return
	}
	body, err := readBody(r)
	if err != nil {
		fail(w, err)
		return
	}
	var review authorizationv1.SelfSubjectAccessReview
	if err := decode(r.Header.Get("Content-Type"), body, &review); err != nil {
		fail(w, err)
		return
	}
	review.TypeMeta = metav1.TypeMeta{Kind: "SelfSubjectAccessReview", APIVersion: "authorization.k8s.io/v1"}
	review.Status = authorizationv1.SubjectAccessReviewStatus{Allowed: true}
	if what := review.Spec.ResourceAttributes; what != nil && !a.allows(*what) {
		review.Status = authorizationv1.SubjectAccessReviewStatus{Reason: errNotAllowed(*what).Error()}
	}
	reply(w, http.StatusCreated, review)
}

func (a *apiServer) allows(what authorizationv1.ResourceAttributes) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cfg.Allow(what)
}
