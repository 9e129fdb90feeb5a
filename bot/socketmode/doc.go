// Package socketmode keeps Slack's sockets open and takes what comes down them.
//
// A [Connection] is one of the ten that an app may have; a bot keeps two, so that
// nothing is missed while one of them is renewed. [Outages] tells of the times in
// which none was open: Slack keeps commands and clicks for nobody. [Queues] work on
// what came: in order for one key, side by side for different ones.
//
// An envelope is handed over once, and acknowledged by whoever works on it, by
// [Socket.Write] on any open socket. What is not acknowledged, Slack sends again
// or tells its user about.
//
// https://docs.slack.dev/apis/events-api/using-socket-mode
package socketmode
