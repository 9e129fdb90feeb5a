// Package jsonvalue handles JSON that was read into Go's own maps, slices and strings: what Slack's payloads, blocks
// and views are here.
package jsonvalue

import "encoding/json"

// AsString is v where it is a string, and empty where it is not.
func AsString(v any) string { s, _ := v.(string); return s }

// AsList is v where it is an array, and nil where it is not.
func AsList(v any) []any { l, _ := v.([]any); return l }

// AsObject is v where it is an object, and nil where it is not.
func AsObject(v any) map[string]any { o, _ := v.(map[string]any); return o }

// Encode renders v, which the caller built from values that always marshal.
func Encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic("emulator: marshal: " + err.Error())
	}
	return b
}

// Clone copies a JSON value.
func Clone[T any](v T) T {
	var out T
	if err := json.Unmarshal(Encode(v), &out); err != nil {
		panic("emulator: clone: " + err.Error())
	}
	return out
}
