// Package webapi is Slack's Web API over a workspace: the table of methods (methods.go), how calls are read (args.go),
// authorized (auth.go), limited, broken on purpose (fault.go) and answered (api.go), and a file for each family of
// methods. Response URLs and the upload of files are here as well.
package webapi

// obj is a JSON object.
type obj = map[string]any
