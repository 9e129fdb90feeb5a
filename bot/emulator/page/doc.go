// Package page is the page in the browser: its files, below web, and the addresses below /page/ that they ask.
package page

// obj is a JSON object.
type obj = map[string]any
