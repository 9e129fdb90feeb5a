package sim

import (
	"fmt"
	"net/url"
	"strconv"

	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/watch"
)

// A selection is which objects of a resource a reader asked for.
type selection struct {
	res       *resource
	namespace string // "" is all
	labels    labels.Selector
	fields    fields.Selector
}

func newSelection(res *resource, namespace string, q url.Values) (selection, error) {
	s := selection{res: res, namespace: namespace}
	var err error
	if s.labels, err = labels.Parse(q.Get("labelSelector")); err != nil {
		return s, errors.NewBadRequest(fmt.Sprintf("unable to parse requirement: %v", err))
	}
	if s.fields, err = fields.ParseSelector(q.Get("fieldSelector")); err != nil {
		return s, errors.NewBadRequest(err.Error())
	}
	known := s.fieldsOf(res.empty())
	for _, r := range s.fields.Requirements() {
		if !known.Has(r.Field) {
			return s, errors.NewBadRequest(fmt.Sprintf("field label not supported: %s", r.Field))
		}
	}
	return s, nil
}

func (s selection) fieldsOf(o object) fields.Set {
	set := fields.Set{}
	if s.res.fields != nil {
		set = s.res.fields(o)
	}
	set["metadata.name"] = o.GetName()
	if s.res.namespaced {
		set["metadata.namespace"] = o.GetNamespace()
	}
	return set
}

func (s selection) has(it *item) bool {
	if it == nil || s.namespace != "" && it.obj.GetNamespace() != s.namespace {
		return false
	}
	return s.labels.Matches(labels.Set(it.obj.GetLabels())) &&
		(s.fields.Empty() || s.fields.Matches(s.fieldsOf(it.obj)))
}

func (s selection) filter(items []*item) []*item {
	var found []*item
	for _, it := range items {
		if s.has(it) {
			found = append(found, it)
		}
	}
	return found
}

// see is what a change looks like to somebody who sees only the selection: an
// object that no longer matches is deleted, one that now does is added. Empty:
// it cannot be seen.
func (s selection) see(e event) watch.EventType {
	was, is := s.has(e.old), e.typ != watch.Deleted && s.has(e.item)
	switch {
	case was && is:
		return watch.Modified
	case is:
		return watch.Added
	case was:
		return watch.Deleted
	}
	return ""
}

// position reads a resourceVersion. -1 is the present.
func position(q url.Values) (int64, error) {
	v := q.Get("resourceVersion")
	if v == "" || v == "0" {
		return -1, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 {
		return 0, errors.NewBadRequest(fmt.Sprintf("Invalid value: %q: unable to parse resource version", v))
	}
	return n, nil
}

// checkListVersion refuses what a list at the present cannot give.
func checkListVersion(q url.Values, now int64) error {
	v, err := position(q)
	switch {
	case err != nil:
		return err
	case v > now:
		err := errors.NewTimeoutError(fmt.Sprintf("Too large resource version: %d, current: %d", v, now), 1)
		err.ErrStatus.Details.Causes = []metav1.StatusCause{{
			Type: metav1.CauseTypeResourceVersionTooLarge, Message: "Too large resource version"}}
		return err
	case q.Get("resourceVersionMatch") == string(metav1.ResourceVersionMatchExact) && v != now:
		return errors.NewResourceExpired(fmt.Sprintf("The provided resource version %d is not the present one", v))
	}
	return nil
}
