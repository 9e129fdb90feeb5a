// Package socket is Socket Mode: the app's open sockets, the envelopes that go down them, their acknowledgements, and
// what a harness does to them.
package socket

// obj is a JSON object.
type obj = map[string]any
