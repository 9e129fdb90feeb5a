package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
)

func texts(ms []slack.Message) []string {
	out := []string{}
	for _, m := range ms {
		out = append(out, m.Text)
	}
	return out
}

// The history is what a bot reads after an unclear post; its windows, pages and metadata must be Slack's.
func TestHistoryHasSlacksWindowsAndPages(t *testing.T) {
	w := start(t)
	id := w.ChannelID(deploys)
	var ts []string
	for i := range 5 {
		_, at, err := w.api.PostMessage(id, slack.MsgOptionText(fmt.Sprint(i), false), slack.MsgOptionMetadata(
			slack.SlackMetadata{EventType: "e", EventPayload: map[string]any{"n": fmt.Sprint(i)}}))
		w.must(err)
		ts = append(ts, at)
	}
	_, reply, err := w.api.PostMessage(id, slack.MsgOptionText("reply", false), slack.MsgOptionTS(ts[1]))
	w.must(err)
	_, _, err = w.api.PostMessage(id, slack.MsgOptionText("broadcast", false), slack.MsgOptionTS(ts[1]), slack.MsgOptionBroadcast())
	w.must(err)

	for _, c := range []struct {
		name string
		p    slack.GetConversationHistoryParameters
		want string
	}{
		{"all", slack.GetConversationHistoryParameters{}, "broadcast 4 3 2 1 0"},
		{"limit", slack.GetConversationHistoryParameters{Limit: 2}, "broadcast 4"},
		{"oldest", slack.GetConversationHistoryParameters{Oldest: ts[3]}, "broadcast 4"},
		{"oldest inclusive", slack.GetConversationHistoryParameters{Oldest: ts[3], Inclusive: true}, "broadcast 4 3"},
		{"between", slack.GetConversationHistoryParameters{Oldest: ts[0], Latest: ts[3]}, "2 1"},
		{"one", slack.GetConversationHistoryParameters{Oldest: ts[2], Latest: ts[2], Inclusive: true}, "2"},
	} {
		c.p.ChannelID = id
		h, err := w.api.GetConversationHistory(&c.p)
		w.must(err)
		if got := strings.Join(texts(h.Messages), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}

	var paged []string
	for cursor := ""; ; {
		h, err := w.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: id, Limit: 4, Cursor: cursor, IncludeAllMetadata: true})
		w.must(err)
		paged = append(paged, texts(h.Messages)...)
		for _, m := range h.Messages {
			if len(m.Text) == 1 && m.Metadata.EventPayload["n"] != m.Text {
				t.Errorf("metadata of %s: %v", m.Text, m.Metadata)
			}
		}
		if cursor = h.ResponseMetaData.NextCursor; !h.HasMore {
			break
		}
	}
	if d := cmp.Diff([]string{"broadcast", "4", "3", "2", "1", "0"}, paged); d != "" {
		t.Error(d)
	}
	h, err := w.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: id})
	w.must(err)
	if h.Messages[1].Metadata.EventType != "" {
		t.Error("metadata came without being asked for")
	}

	for _, at := range []string{ts[1], reply} {
		thread, more, _, err := w.api.GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: id, Timestamp: at})
		w.must(err)
		if got := strings.Join(texts(thread), " "); got != "1 reply broadcast" || more {
			t.Errorf("thread by %s: %q, more %v", at, got, more)
		}
		if thread[0].ReplyCount != 2 || thread[0].LatestReply != thread[2].Timestamp {
			t.Errorf("parent: %+v", thread[0])
		}
	}
}

// A reply to a deleted message stands alone, as slack-go notes of Slack; a deleted parent leaves a tombstone.
func TestThreadsOutliveTheirParent(t *testing.T) {
	w := start(t)
	id := w.ChannelID(deploys)
	gone := w.form("chat.postMessage", "channel", id, "text", "gone").TS
	w.form("chat.delete", "channel", id, "ts", gone)
	if a := w.form("chat.postMessage", "channel", id, "text", "reply", "thread_ts", gone); a.Message.ThreadTS != "" {
		t.Errorf("reply hangs on a deleted message: %+v", a.Message)
	}
	parent := w.form("chat.postMessage", "channel", id, "text", "parent").TS
	reply := w.form("chat.postMessage", "channel", id, "text", "reply", "thread_ts", parent).TS
	w.form("chat.delete", "channel", id, "ts", parent)
	if m := w.Messages(deploys)[1]; m.Subtype != "tombstone" || m.ReplyCount != 1 {
		t.Errorf("deleted parent: %+v", m)
	}
	w.form("chat.delete", "channel", id, "ts", reply)
	if n := len(w.Thread(deploys, parent)); n != 0 {
		t.Errorf("%d replies left", n)
	}
}
