// Package emulator is a Slack on this machine: its Web API, its Socket Mode and a page in the browser,
// for tests, demonstrations and harnesses that break things on purpose.
//
// It is strict where Slack is strict. What it accepts, Slack accepts; what Slack refuses, it refuses in Slack's
// words (error names, JSON pointers, status codes), so that a client which passes here has met the real rules:
// scopes, channel membership, text and Block Kit limits, a trigger that lives three seconds and works once,
// a response_url that works five times in half an hour, envelopes that must be acknowledged within three seconds.
//
// One [Server] is one workspace with one installed app, or several (Config.Others). Its [Server.Handler] serves
//
//	/api/      the Web API; point any Slack client at http://HOST/api/
//	/socket    Socket Mode, by the ticket that apps.connections.open gives
//	/response/ response URLs
//	/upload/, /files/ external uploads and the uploaded bytes
//	/page/     JSON for the page in the browser, which / serves
//	/control/  what a Server's methods do to drive people and inject faults, for a harness in another process
//
// The handler believes whoever reaches it, as tests want it. Where it listens to a machine on which somebody also reads
// web pages, it stands behind a guard of package origin.
//
// Everything lives in memory and dies with the server. All methods may be called by any number of goroutines.
//
// This package puts the parts together, and has what a harness does (harness.go, and control*.go for one in another
// process). Where the parts are:
//
//	blockkit   what blocks, elements and views may hold; a new type of block is an entry in blocks*.go there
//	workspace  people, channels, messages, files and views, their rules, and the events that the app gets of them
//	webapi     the methods of the Web API, arguments, scopes, tokens, and what answers are broken on purpose
//	socket     Socket Mode: sockets, envelopes, acknowledgements
//	client     what people do with the app: commands, clicks, forms, shortcuts, and what they see of its answers
//	page       the page in the browser: its scripts and styles, and its endpoints
//	origin     whose requests are answered: own hosts, the own page, programs on this machine
//	fault, ratelimit                    what goes wrong on purpose, and the limits of the Web API
//	jsonvalue, jsonhttp, background     JSON values, JSON requests, and goroutines that outlive a call
package emulator
