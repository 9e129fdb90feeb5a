package sim

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/json" // case-sensitive, as the real server
)

// protobufMagic begins every body that client-go sends unless it is told to
// send JSON.
var protobufMagic = []byte("k8s\x00")

// decode reads a body, in JSON or protobuf, into v.
func decode(contentType string, body []byte, v runtime.Object) error {
	var err error
	switch typ, _, _ := mime.ParseMediaType(contentType); typ {
	case "", runtime.ContentTypeJSON:
		err = json.Unmarshal(body, v)
	case runtime.ContentTypeProtobuf:
		err = decodeProtobuf(body, v)
	default:
		return unsupported("application/json, application/vnd.kubernetes.protobuf")
	}
	if err != nil {
		return apierrors.NewBadRequest(fmt.Sprintf("read the body as %T: %v", v, err))
	}
	return nil
}

func decodeProtobuf(body []byte, v runtime.Object) error {
	raw, ok := bytes.CutPrefix(body, protobufMagic)
	if !ok {
		return fmt.Errorf("it does not begin as Kubernetes' protobuf does")
	}
	var envelope runtime.Unknown
	if err := envelope.Unmarshal(raw); err != nil {
		return err
	}
	into, ok := v.(interface{ Unmarshal([]byte) error })
	if !ok {
		return fmt.Errorf("the type has no protobuf form")
	}
	if err := into.Unmarshal(envelope.Raw); err != nil {
		return err
	}
	v.GetObjectKind().SetGroupVersionKind(schema.FromAPIVersionAndKind(envelope.APIVersion, envelope.Kind))
	return nil
}

// decodeObject reads a client's object of resource r.
func decodeObject(r *resource, contentType string, body []byte) (object, error) {
	o := r.empty()
	if err := decode(contentType, body, o); err != nil {
		return nil, err
	}
	gvk := o.GetObjectKind().GroupVersionKind()
	if want := r.groupVersion().WithKind(r.kind); !gvk.Empty() && gvk != want {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("the object provided is a %v, not a %v", gvk, want))
	}
	return o, nil
}

// reply writes v as JSON.
func reply(w http.ResponseWriter, code int, v any) {
	b, err := stdjson.Marshal(v)
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

// A serverMessage is an error in the words of the real server, capital letters and all.
type serverMessage string

func (w serverMessage) Error() string { return string(w) }

func errNotAllowed(a authorizationv1.ResourceAttributes) error {
	what := a.Resource
	if a.Subresource != "" {
		what += "/" + a.Subresource
	}
	where := "at the cluster scope"
	if a.Namespace != "" {
		where = fmt.Sprintf("in the namespace %q", a.Namespace)
	}
	return serverMessage(fmt.Sprintf("User %q cannot %s resource %q in API group %q %s", userName, a.Verb, what, a.Group, where))
}

func errUID(r *resource, name string, want, have types.UID) error {
	return apierrors.NewConflict(r.groupResource(), name,
		serverMessage(fmt.Sprintf("Precondition failed: UID in precondition: %v, UID in object meta: %v", want, have)))
}
