// Package control lets people see what is under way, and answer, when Slack is away:
// from a terminal of the machine, over a Unix socket of the running process.
//
//	stationmaster status [ID]
//	stationmaster act ID CHOICE [--step STEP] [--reason TEXT] [--field NAME=VALUE]…
//
// # Who somebody is
//
// The kernel says which user of the system has connected (SO_PEERCRED); what the
// client says of itself counts for nothing. The configuration says which person of
// Slack has that login. From there on all is as with a click: the same orders, the
// same table of who may, the same record, which says besides that the order came from
// a terminal. Who has no login there is refused, and so is root without one.
//
// # The protocol
//
// HTTP with JSON, one request a connection, each bounded in size and time:
//
//	GET  /v1/deployments               a Listing
//	GET  /v1/deployments/{id}          a Detail
//	POST /v1/deployments/{id}/answers  an Answer; Done comes back
//
// What is refused is 422 with a Refused, also whoever is not known, by 403. A [Client]
// tells it from a process that can't be reached, which is [ErrUnreachable].
package control
