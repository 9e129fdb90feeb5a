package workspace

import (
	"mime"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// File is an uploaded file.
type File struct {
	ID                 string   `json:"id"`
	Created            int64    `json:"created"`
	Timestamp          int64    `json:"timestamp"`
	Name               string   `json:"name"`
	Title              string   `json:"title"`
	Mimetype           string   `json:"mimetype"`
	Filetype           string   `json:"filetype"`
	PrettyType         string   `json:"pretty_type"`
	User               string   `json:"user"`
	UserTeam           string   `json:"user_team,omitempty"`
	Editable           bool     `json:"editable"`
	Size               int      `json:"size"`
	Mode               string   `json:"mode"`
	IsExternal         bool     `json:"is_external"`
	ExternalType       string   `json:"external_type"`
	IsPublic           bool     `json:"is_public"`
	PublicURLShared    bool     `json:"public_url_shared"`
	DisplayAsBot       bool     `json:"display_as_bot"`
	Username           string   `json:"username"`
	URLPrivate         string   `json:"url_private"`
	URLPrivateDownload string   `json:"url_private_download"`
	Permalink          string   `json:"permalink,omitempty"`
	Channels           []string `json:"channels,omitempty"`
	Groups             []string `json:"groups,omitempty"`
	IMs                []string `json:"ims,omitempty"`
	AltTxt             string   `json:"alt_txt,omitempty"`
	// Shares tells by "public" or "private" and by channel which messages show the file.
	Shares map[string]map[string][]Share `json:"shares,omitempty"`
}

// Share is one message that shows a file.
type Share struct {
	TS          string `json:"ts"`
	ThreadTS    string `json:"thread_ts,omitempty"`
	ChannelName string `json:"channel_name"`
	TeamID      string `json:"team_id"`
}

// Files are external uploads: an address first, then the bytes, then their completion.
type Files struct {
	ws *Workspace
	sync.Mutex
	ByID map[string]*Upload
}

// Upload is a file on its way, and after it.
type Upload struct {
	File
	Ticket string // whoever has it may send the bytes
	Data   []byte
	Sent   bool // the bytes are here
	Done   bool // completed
	Gone   bool // deleted after that
}

// Uploaded gives a file whose upload was completed.
func (fs *Files) Uploaded(id string) (File, bool) {
	fs.Lock()
	defer fs.Unlock()
	u := fs.ByID[id]
	if u == nil || !u.Done {
		return File{}, false
	}
	return u.File, true
}

// Missing is the word for a file that there is not: not any more, or not at all.
func (fs *Files) Missing(id string) string {
	fs.Lock()
	defer fs.Unlock()
	if u := fs.ByID[id]; u != nil && u.Gone {
		return "file_deleted"
	}
	return "file_not_found"
}

// NewFile describes a file of somebody's. A name without a known extension is plain text.
func (fs *Files) NewFile(base, id, name, userID string, size int) File {
	name = filepath.Base(name)
	kind := mime.TypeByExtension(filepath.Ext(name))
	if kind == "" {
		kind = "text/plain"
	}
	ext := strings.TrimPrefix(filepath.Ext(name), ".")
	link := base + "/files/" + id + "/" + url.PathEscape(name)
	now := time.Now().Unix()
	return File{ID: id, Created: now, Timestamp: now, Name: name, Title: name, Mimetype: kind, Filetype: ext,
		PrettyType: strings.ToUpper(ext), User: userID, UserTeam: fs.ws.Config.Team.ID, Size: size, Mode: "hosted",
		URLPrivate: link, URLPrivateDownload: link, Permalink: link}
}

// Attach keeps a file that a person has put into a form's file_input. The app sees it in the form's state, and may ask
// for it with files.info. A name without a known extension is plain text. It takes both locks itself.
func (fs *Files) Attach(base, user, name string, data []byte) File {
	fs.ws.Lock()
	id := fs.ws.NextID("F")
	fs.ws.Unlock()
	f := fs.NewFile(base, id, name, fs.ws.UserID(user), len(data))
	fs.Lock()
	defer fs.Unlock()
	fs.ByID[id] = &Upload{File: f, Data: data, Sent: true, Done: true}
	return f
}

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
