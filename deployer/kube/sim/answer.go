package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// reply writes v as JSON.
func reply(w http.ResponseWriter, code int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		fail(w, apierrors.NewInternalError(err))
		return
	}
	replyRaw(w, code, b)
}

func replyRaw(w http.ResponseWriter, code int, b []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	w.Write(append(b[:len(b):len(b)], '\n')) // an error means that nobody reads it any more
}

// fail writes err as a metav1.Status with its code.
func fail(w http.ResponseWriter, err error) {
	s := statusOf(err)
	if d := s.Details; d != nil && d.RetryAfterSeconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(d.RetryAfterSeconds)))
	}
	reply(w, int(s.Code), s)
}

func statusOf(err error) metav1.Status {
	var api apierrors.APIStatus
	if !errors.As(err, &api) {
		api = apierrors.NewInternalError(err)
	}
	s := api.Status()
	s.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	return s
}

func status(code int, reason metav1.StatusReason, message string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: int32(code), Reason: reason, Message: message}}
}

// unsupported says that a body is of a type that the server does not take.
func unsupported(accepted string) error {
	return status(http.StatusUnsupportedMediaType, metav1.StatusReasonUnsupportedMediaType,
		"the body of the request was in an unknown format - accepted media types include: "+accepted)
}

// words are an error in the words of the real server, capital letters and all.
type words string

func (w words) Error() string { return string(w) }

func errNotAllowed(a authorizationv1.ResourceAttributes) error {
	what := a.Resource
	if a.Subresource != "" {
		what += "/" + a.Subresource
	}
	where := "at the cluster scope"
	if a.Namespace != "" {
		where = fmt.Sprintf("in the namespace %q", a.Namespace)
	}
	return words(fmt.Sprintf("User %q cannot %s resource %q in API group %q %s", userName, a.Verb, what, a.Group, where))
}

func errUID(r *resource, name string, want, have types.UID) error {
	return apierrors.NewConflict(r.groupResource(), name,
		words(fmt.Sprintf("Precondition failed: UID in precondition: %v, UID in object meta: %v", want, have)))
}
