package sim

import (
	"bytes"
	"fmt"
	"mime"

	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
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
		return errors.NewBadRequest(fmt.Sprintf("read the body as %T: %v", v, err))
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
		return nil, errors.NewBadRequest(fmt.Sprintf("the object provided is a %v, not a %v", gvk, want))
	}
	return o, nil
}
