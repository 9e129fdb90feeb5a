package record

import (
	"bytes"
	"encoding/json"
)

// The upgrades, each from the form of one version to the next. What they read is
// what that version wrote, in types of their own where the present ones differ.

// commitV2 brings a commit of version 1 up to date: hashes in base64, and events
// with the words of version 2.
func commitV2(b []byte) ([]byte, error) {
	var r commit
	if err := strict(b, &r); err != nil {
		return nil, err
	}
	r.V, r.Prev = 2, textOfHex(r.Prev)
	for i, e := range r.Events {
		next, err := eventV2(e)
		if err != nil {
			return nil, err
		}
		r.Events[i] = next
	}
	return json.Marshal(r)
}

// eventV2 translates an event of version 1. It has the same words.
func eventV2(e event) (event, error) { return e, nil }

// commitV3 brings a commit of version 2 up to date: it lacks only what version 3
// has besides, and every record begins with its stamp.
func commitV3(b []byte) ([]byte, error) {
	return bytes.Replace(b, []byte(`"v":2`), []byte(`"v":3`), 1), nil
}

// commitV4 brings a commit of version 3 up to date: it lacks only what version 4
// has besides.
func commitV4(b []byte) ([]byte, error) {
	return bytes.Replace(b, []byte(`"v":3`), []byte(`"v":4`), 1), nil
}

// commitV5 brings a commit of version 4 up to date: it lacks only what version 5
// has besides.
func commitV5(b []byte) ([]byte, error) {
	return bytes.Replace(b, []byte(`"v":4`), []byte(`"v":5`), 1), nil
}

// commitV6 brings a commit of version 5 up to date: it lacks only what version 6
// has besides.
func commitV6(b []byte) ([]byte, error) {
	return bytes.Replace(b, []byte(`"v":5`), []byte(`"v":6`), 1), nil
}

// commitV7 brings a commit of version 6 up to date: it lacks only what version 7
// has besides.
func commitV7(b []byte) ([]byte, error) {
	return bytes.Replace(b, []byte(`"v":6`), []byte(`"v":7`), 1), nil
}

// procedureV3 brings a procedure of version 2 up to date: it lacks only what version
// 3 has besides.
func procedureV3(b []byte) ([]byte, error) {
	return bytes.Replace(b, []byte(`"v":2`), []byte(`"v":3`), 1), nil
}

// headV2 brings a head of version 1 up to date: a hash in base64. Where its
// records are in the log is not known of one that was not carried over.
func headV2(b []byte) ([]byte, error) {
	var r head
	if err := strict(b, &r); err != nil {
		return nil, err
	}
	r.V, r.Hash = 2, textOfHex(r.Hash)
	return json.Marshal(r)
}

// headV3 brings a head of version 2 up to date: it lacks only what version 3 has besides.
func headV3(b []byte) ([]byte, error) {
	return bytes.Replace(b, []byte(`"v":2`), []byte(`"v":3`), 1), nil
}
