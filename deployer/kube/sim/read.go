package sim

import (
	"encoding/json"
	"net/http"
	"strconv"

	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (c *Cluster) serveGet(w http.ResponseWriter, r *http.Request, t target) {
	if t.sub == "log" {
		c.serveLog(w, r, t)
		return
	}
	c.mu.Lock()
	it := c.store.get(t.res, t.namespace, t.name)
	c.mu.Unlock()
	switch {
	case it == nil:
		fail(w, errors.NewNotFound(t.res.groupResource(), t.name))
	case t.sub == "scale":
		reply(w, http.StatusOK, scaleOf(it.obj))
	default:
		replyRaw(w, http.StatusOK, it.json)
	}
}

func (c *Cluster) serveList(w http.ResponseWriter, r *http.Request, t target) {
	q := r.URL.Query()
	sel, err := newSelection(t.res, t.namespace, q)
	if err != nil {
		fail(w, err)
		return
	}
	c.mu.Lock()
	now := c.store.version
	items := c.store.list(t.res, t.namespace)
	c.mu.Unlock()
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
