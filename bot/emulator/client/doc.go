// Package client is Slack's own client in a person's hands, as far as it asks the app something: slash commands, clicks,
// forms, external menus and shortcuts, and what it shows of the app's answers.
package client

// obj is a JSON object.
type obj = map[string]any
