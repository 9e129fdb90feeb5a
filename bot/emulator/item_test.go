package emulator_test

import (
	"fmt"
	"testing"

	"github.com/slack-go/slack"
)

func TestReactionsAreAddedOnceAndTakenAway(t *testing.T) {
	w := start(t)
	id := w.ChannelID(deploys)
	ts := w.form("chat.postMessage", "channel", id, "text", "x").TS
	item := func(name string) []string { return []string{"channel", id, "timestamp", ts, "name", name} }
	w.refuse([]refusal{
		{"reactions.add", item("No Emoji"), "invalid_name"},
		{"reactions.add", []string{"channel", id, "name", "eyes"}, "no_item_specified"},
		{"reactions.add", []string{"channel", id, "timestamp", "1.000001", "name", "eyes"}, "message_not_found"},
		{"reactions.add", []string{"channel", "CGENERAL", "timestamp", ts, "name", "eyes"}, "not_in_channel"},
		{"reactions.add", item("thumbsup::skin-tone-2"), ""},
		{"reactions.remove", item("eyes"), "no_reaction"},
		{"reactions.add", item("eyes"), ""},
		{"reactions.remove", item(":eyes:"), ""},
		{"reactions.get", []string{"channel", id}, "no_item_specified"},
		{"reactions.list", []string{"user", "UNOPE"}, "user_not_found"},
	})
	w.must(w.React("alice", deploys, ts, "thumbsup::skin-tone-2", true))
	got, err := w.api.GetReactions(slack.NewRefToMessage(id, ts), slack.GetReactionsParameters{})
	w.must(err)
	if len(got.Reactions) != 1 || got.Reactions[0].Count != 2 {
		t.Errorf("get: %+v", got)
	}
	items, _, err := w.api.ListReactions(slack.ListReactionsParameters{User: "UALICE"})
	w.must(err)
	if len(items) != 1 || items[0].Message.Timestamp != ts {
		t.Errorf("list: %+v", items)
	}
	for i := range 22 {
		w.refuse([]refusal{{"reactions.add", item(fmt.Sprintf("e%d", i)), ""}})
	}
	w.refuse([]refusal{{"reactions.add", item("one-too-many"), "too_many_emoji"}})
}

func TestPinsAreKeptOnceAndUpToAHundred(t *testing.T) {
	w := start(t)
	id := w.ChannelID(deploys)
	ts := w.form("chat.postMessage", "channel", id, "text", "x").TS
	item := []string{"channel", id, "timestamp", ts}
	w.refuse([]refusal{
		{"pins.add", []string{"timestamp", ts}, "invalid_arguments"},
		{"pins.add", []string{"channel", id}, "no_item_specified"},
		{"pins.add", []string{"channel", id, "timestamp", "1.000001"}, "message_not_found"},
		{"pins.remove", item, "no_pin"},
		{"pins.add", item, ""},
		{"pins.add", item, "already_pinned"},
	})
	items, _, err := w.api.ListPins(id)
	w.must(err)
	if len(items) != 1 || items[0].Message.Text != "x" {
		t.Errorf("pins: %+v", items)
	}
	h, err := w.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: id})
	w.must(err)
	if h.PinCount != 1 {
		t.Errorf("the history counts %d pins", h.PinCount)
	}
	for i := range 100 {
		want := ""
		if i == 99 {
			want = "too_many_pins"
		}
		w.refuse([]refusal{{"pins.add", []string{"channel", id, "timestamp", w.form("chat.postMessage", "channel", id, "text", "x").TS}, want}})
	}
	w.refuse([]refusal{{"pins.remove", item, ""}, {"pins.list", []string{"channel", "CGENERAL"}, "not_in_channel"}})
}

func TestBookmarksAreKeptAndChanged(t *testing.T) {
	w := start(t)
	id := w.ChannelID(deploys)
	w.refuse([]refusal{
		{"bookmarks.add", []string{"channel_id", id, "title", "t", "type", "note", "link", "https://x"}, "invalid_bookmark_type"},
		{"bookmarks.add", []string{"channel_id", id, "title", "t", "type", "link", "link", "x"}, "invalid_link"},
		{"bookmarks.add", []string{"channel_id", id, "type", "link"}, "invalid_arguments"},
		{"bookmarks.add", []string{"channel_id", "CNOPE", "title", "t", "type", "link", "link", "https://x"}, "channel_not_found"},
		{"bookmarks.remove", []string{"channel_id", id, "bookmark_id", "BkNOPE"}, "not_found"},
	})
	b, err := w.api.AddBookmark(id, slack.AddBookmarkParameters{Title: "Dashboard", Type: "link", Link: "https://x"})
	w.must(err)
	title := "Board"
	_, err = w.api.EditBookmark(id, b.ID, slack.EditBookmarkParameters{Title: &title})
	w.must(err)
	all, err := w.api.ListBookmarks(id)
	w.must(err)
	if len(all) != 1 || all[0].Title != "Board" || all[0].Link != "https://x" {
		t.Errorf("bookmarks: %+v", all)
	}
	w.must(w.api.RemoveBookmark(id, b.ID))
	for i := range 101 {
		want := ""
		if i == 100 {
			want = "too_many_bookmarks"
		}
		w.refuse([]refusal{{"bookmarks.add", []string{"channel_id", id, "title", "t", "type", "link", "link", "https://x"}, want}})
	}
}
