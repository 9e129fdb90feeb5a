package emulator_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

func TestListsArePaged(t *testing.T) {
	w := start(t, func(c *emulator.Config) {
		for _, n := range []string{"a", "b", "c", "d", "e"} {
			c.Channels = append(c.Channels, emulator.Channel{Name: n})
		}
	})
	var names []string
	p := &slack.GetConversationsParameters{Limit: 3, ExcludeArchived: true}
	for {
		chans, next, err := w.api.GetConversations(p)
		w.must(err)
		for _, c := range chans {
			names = append(names, c.Name)
		}
		if p.Cursor = next; next == "" {
			break
		}
	}
	if got := strings.Join(names, " "); got != "tangerine-deploys general a b c d e" {
		t.Errorf("channels: %s", got)
	}
	ch, err := w.api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: "CGENERAL"})
	w.must(err)
	if ch.IsMember || ch.Name != "general" || ch.NumMembers != 0 && ch.NumMembers != 3 {
		t.Errorf("info: %+v", ch)
	}
	if ch, _, _, err = w.api.JoinConversation("CGENERAL"); err != nil || !ch.IsMember {
		t.Errorf("join: %+v, %v", ch, err)
	}
	members, _, err := w.api.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: "CGENERAL"})
	w.must(err)
	if strings.Join(members, " ") != "UALICE UBOB UCAROL U0BOT" {
		t.Errorf("members: %v", members)
	}
	users, err := w.api.GetUsers()
	w.must(err)
	if len(users) != 5 {
		t.Errorf("%d users", len(users))
	}
	u, err := w.api.GetUserByEmail("ALICE@example.com")
	w.must(err)
	if u.ID != "UALICE" || u.Profile.Email != "alice@example.com" {
		t.Errorf("by e-mail: %+v", u)
	}
	groups, err := w.api.GetUserGroups(slack.GetUserGroupsOptionIncludeUsers(true))
	w.must(err)
	in, err := w.api.GetUserGroupMembers(groups[0].ID)
	w.must(err)
	if groups[0].Handle != "tech-leads" || groups[0].Users[0] != "UBOB" || in[0] != "UBOB" {
		t.Errorf("groups: %+v, %v", groups, in)
	}
	team, err := w.api.GetTeamInfo()
	w.must(err)
	bot, err := w.api.GetBotInfo(slack.GetBotInfoParameters{Bot: "B0BOT"})
	w.must(err)
	if team.ID != "T0LOCAL" || bot.UserID != "U0BOT" {
		t.Errorf("team %+v, bot %+v", team, bot)
	}
}

func TestDirectMessageIsOpenedOnce(t *testing.T) {
	w := start(t)
	ch, noOp, _, err := w.api.OpenConversation(&slack.OpenConversationParameters{Users: []string{"UALICE"}})
	w.must(err)
	if noOp {
		t.Error("the first opening did nothing")
	}
	_, _, err = w.api.PostMessage("UALICE", slack.MsgOptionText("psst", false))
	w.must(err)
	if m := w.Messages("@alice"); len(m) != 1 || m[0].Text != "psst" || !strings.HasPrefix(ch.ID, "D") {
		t.Errorf("direct message: %+v in %s", m, ch.ID)
	}
}

// Uploads go up unshared, and then into a message.
func TestUploadIsUnsharedUntilItIsInAMessage(t *testing.T) {
	w := start(t)
	f, err := w.api.UploadFile(slack.UploadFileParameters{Filename: "log.txt", FileSize: 5, Content: "hello", Title: "The log"})
	w.must(err)
	if len(w.Messages(deploys)) != 0 {
		t.Error("an unshared upload was posted")
	}
	_, _, err = w.api.PostMessage(w.ChannelID(deploys), slack.MsgOptionText("see", false), slack.MsgOptionFileIDs([]string{f.ID}))
	w.must(err)
	m := w.Messages(deploys)[0]
	if len(m.Files) != 1 || m.Files[0].Title != "The log" || m.Files[0].Size != 5 {
		t.Fatalf("files: %+v", m.Files)
	}
	var buf bytes.Buffer
	w.must(w.api.GetFile(m.Files[0].URLPrivateDownload, &buf))
	if buf.String() != "hello" {
		t.Errorf("downloaded %q", buf.String())
	}
	_, err = w.api.UploadFile(slack.UploadFileParameters{Filename: "log.txt", FileSize: 5, Content: "hello",
		Channel: w.ChannelID(deploys), InitialComment: "shared", ThreadTimestamp: m.TS})
	w.must(err)
	if r := w.Thread(deploys, m.TS); len(r) != 1 || r[0].Text != "shared" || len(r[0].Files) != 1 {
		t.Errorf("shared upload: %+v", r)
	}
}
