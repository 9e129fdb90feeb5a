package workspace

import (
	"slices"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// Present posts a message with files. The caller holds both locks.
func (fs *Files) Present(ch *Conversation, m *Message) *Message {
	m.Upload = true
	m = fs.ws.AddMessage(ch, m, false)
	fs.NoteShares(ch, m)
	fs.ws.Events.TellPosted(ch, m)
	return m
}

// NoteShares notes in a message's files that it shows them. The caller holds both locks.
func (fs *Files) NoteShares(ch *Conversation, m *Message) {
	for _, shown := range m.Files {
		u := fs.ByID[shown.ID]
		if u == nil {
			continue
		}
		u.File = u.sharedIn(ch, m, fs.ws.Config.Team.ID)
		fs.ws.Events.sendIn(ch, "file_shared", obj{"type": "file_shared", "file_id": u.ID, "user_id": u.User, "file": obj{"id": u.ID},
			"channel_id": ch.ID, "event_ts": m.TS})
	}
}

// sharedIn is the file with one more message that shows it.
func (f File) sharedIn(ch *Conversation, m *Message, team string) File {
	side := "private"
	switch ch.Kind() {
	case PublicChannel:
		side, f.IsPublic = "public", true
		f.Channels = append(slices.Clone(f.Channels), ch.ID)
	case PrivateChannel:
		f.Groups = append(slices.Clone(f.Groups), ch.ID)
	default:
		f.IMs = append(slices.Clone(f.IMs), ch.ID)
	}
	shares := jsonvalue.Clone(f.Shares)
	if shares == nil {
		shares = map[string]map[string][]Share{}
	}
	if shares[side] == nil {
		shares[side] = map[string][]Share{}
	}
	shares[side][ch.ID] = append(shares[side][ch.ID], Share{TS: m.TS, ThreadTS: m.ThreadTS, ChannelName: ch.Name, TeamID: team})
	f.Shares = shares
	return f
}
