// Package directory knows the people and the channels of a Slack workspace, as far
// as the bot needs them.
//
// A [Directory] says who holds which role: it implements the core's People, so what
// it says decides about production. What it can't find out for certain counts as
// "does not hold it", and [Directory.Held] and the names are for showing alone.
// [Channels] are those that the bot is in.
//
// Both are caches of what Slack says. Fill them with Resolve and Refresh, run Run
// to keep them young, and tell them of Slack's events; after a time without a
// socket, in which events may have been lost, call [Directory.DoubtAll].
package directory
