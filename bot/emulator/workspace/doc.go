// Package workspace is what there is in a Slack workspace, and its rules: people, channels, messages, user groups,
// files, views, and what the app is told of all that (events.go) and the pages are told (feed.go). It knows no HTTP.
//
// A Workspace has one lock. Unless a comment says otherwise, the caller of a method of Workspace or Conversation holds
// it; the methods of People, what people do without the app, and of Reader, what there is to see, take it themselves.
package workspace

// obj is a JSON object.
type obj = map[string]any
