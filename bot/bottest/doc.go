// Package bottest is what the tests of the bot's rooms share: a deployment that is
// played through its states ([Scenario]), one in which everything is too long
// ([Oversized]), a local Slack over a wire in memory ([SlackOnWire], for bubbles of
// synctest), and messages held against files that people have read ([Golden]).
package bottest
