// Package mrkdwn makes what people, systems and procedures say safe to stand in a
// message of Slack, and packs it into blocks that Slack takes.
//
// A value passes through [Escape], [Code], [Plain] or one of their kin, each with
// the most units that it may take, before it is joined with our own words; then
// [Sections] packs paragraphs into blocks. What comes out of the first never
// calls people, links or opens code, whatever goes in. Nothing here knows what a
// deployment is.
//
// https://docs.slack.dev/messaging/formatting-message-text
package mrkdwn
