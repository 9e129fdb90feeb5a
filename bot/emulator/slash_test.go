package emulator_test

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// Slack's own commands do what people know of them, and the app hears of it as of anything else.
func TestOwnCommandsDoWhatPeopleKnow(t *testing.T) {
	w := start(t, everyEvent)
	e := w.listen()
	typed := func(who, channel, words string) func() error {
		return func() error { return w.Type(w.ctx(), who, channel, words, "") }
	}
	got := e.hear("invite the app", typed("alice", "general", "/invite @stationmaster"), "message/channel_join", "member_joined_channel")
	if m := got["member_joined_channel"]; m["user"] != "U0BOT" || m["inviter"] != "UALICE" {
		t.Errorf("invited: %v", m)
	}
	e.hear("remove", typed("alice", "general", "/remove @bob"), "message/channel_leave", "member_left_channel")
	e.hear("leave", typed("carol", "general", "/leave"), "message/channel_leave", "member_left_channel")
	got = e.hear("topic", typed("alice", deploys, "/topic a <b>"), "message/channel_topic")
	if ch, err := w.api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: w.ChannelID(deploys)}); err != nil || ch.Topic.Value != "a <b>" || ch.Topic.Creator != "UALICE" {
		t.Errorf("topic: %+v, %v, %v", ch, err, got)
	}
	e.hear("me", typed("alice", deploys, "/me waves at @bob"), "message/me_message")
	got = e.hear("shrug", typed("alice", deploys, "/shrug who knows"), "message")
	if m := got["message"]; m["text"] != `who knows ¯\_(ツ)_/¯` {
		t.Errorf("shrug: %v", m)
	}
	w.must(typed("alice", deploys, "/dm @bob between us")())
	id, err := w.Direct("bob", "alice")
	w.must(err)
	if m := w.Messages(id); len(m) != 1 || m[0].Text != "between us" || m[0].User != "UALICE" {
		t.Errorf("direct message: %+v", m)
	}
	// The app hears nothing of that: the next event is that of the next post.
	got = e.hear("a post after it", func() error { _, err := w.Post("carol", deploys, "for all", ""); return err }, "message")
	if m := got["message"]; m["text"] != "for all" {
		t.Errorf("the app heard %v", m)
	}
	for _, words := range []string{"/invite", "/invite @nobody", "/invite @slackbot", "/dm @alice hi", "/me", "/topic " + xs(251), "/nothing"} {
		if err := typed("alice", deploys, words)(); err == nil || len(err.Error()) < 10 {
			t.Errorf("%.20s: %v", words, err)
		}
	}
	if err := typed("alice", id, "/invite @carol")(); err == nil {
		t.Error("somebody was invited into a direct message")
	}
}

// An app that is not described by a manifest gets every command that somebody types, but for Slack's own; one that is
// gets a command of Slack's if it registered it.
func TestAnyCommandReachesAnUndescribedApp(t *testing.T) {
	w := start(t, func(c *emulator.Config) {
		c.App.AnyCommand = true
		c.Commands = []emulator.Command{{Name: "/topic"}}
	})
	w.app(func(c *socketmode.Client, e socketmode.Event) {
		ack(c, e, map[string]any{"text": "got " + e.Data.(slack.SlashCommand).Command + " " + e.Data.(slack.SlashCommand).Text})
	})
	for words, want := range map[string]string{"/ticket 42": "got /ticket 42", "/topic x": "got /topic x"} {
		w.must(w.Type(w.ctx(), "bob", deploys, words, ""))
		_, err := w.WaitEphemeral(w.ctx(), "bob", func(m emulator.Message) bool { return m.Text == want })
		w.must(err)
	}
	if err := w.Type(w.ctx(), "bob", deploys, "/usr/bin/env", ""); err == nil || !strings.Contains(err.Error(), "not a valid command") {
		t.Errorf("a path: %v", err)
	}
	// In a direct message of two people too, where Slack names no channel.
	id, err := w.Direct("bob", "alice")
	w.must(err)
	w.must(w.Type(w.ctx(), "bob", id, "/ticket here", ""))
	_, err = w.WaitEphemeral(w.ctx(), "bob", func(m emulator.Message) bool { return m.Text == "got /ticket here" && m.Channel == id })
	w.must(err)
	for _, pair := range [][2]string{{"bob", "bob"}, {"bob", "nobody"}, {"bob", "slackbot"}} {
		if _, err := w.Direct(pair[0], pair[1]); err == nil {
			t.Errorf("%v talk", pair)
		}
	}
}
