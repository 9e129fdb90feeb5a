// Package blockkit is Block Kit as data: which blocks and elements there are, what each may hold, where it may be used,
// and what a form built of them holds.
//
// A new kind of block is one entry in a table. The tables of blocks are in the files blocks*.go, the table of what
// stands inside blocks in elements.go; both are written with the checks of schema.go. What a person can click or fill in
// is listed in state.go and interactive.go as well, so that it can be used. CheckBlocks and CheckView hold what an app
// sends against the tables, and report in Slack's words with Slack's pointers.
//
// How the page draws a block is in page/web/blocks.js.
//
// Nothing here knows a workspace, a person or a request.
package blockkit

// obj is a JSON object.
type obj = map[string]any
