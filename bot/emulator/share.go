package emulator

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// completeUpload finishes uploads and shares them where the caller says, if anywhere.
func completeUpload(c *call) (obj, *refusal) {
	var list []struct{ ID, Title string }
	v, ok := c.json("files")
	if !ok || decode(v, &list) != nil || len(list) == 0 {
		return nil, invalidArguments("must provide an array of files [json-pointer:/files]")
	}
	keys := c.list("channels")
	if id := c.str("channel_id"); id != "" {
		keys = append(keys, id)
	}
	d := &draft{}
	if len(keys) > 0 {
		var ref *refusal
		if d, ref = c.readDraft(c.args, maxPost); ref != nil {
			return nil, ref
		}
	}
	c.ws.files.Lock()
	defer c.ws.files.Unlock()
	var ready []File
	for _, f := range list {
		u := c.ws.files.byID[f.ID]
		switch {
		case u == nil:
			return nil, refuse("file_not_found")
		case !u.sent:
			return nil, refuse("file_update_failed")
		}
		if f.Title != "" {
			u.Title = f.Title
		}
		ready = append(ready, u.File)
	}
	if ref := c.share(d, keys, ready); ref != nil {
		return nil, ref
	}
	out := []obj{}
	for _, f := range ready {
		if u := c.ws.files.byID[f.ID]; !u.done {
			u.done = true
			c.ws.events.event("file_created", obj{"type": "file_created", "file_id": f.ID, "user_id": f.User, "file": obj{"id": f.ID},
				"event_ts": c.ts()})
		}
		out = append(out, obj{"id": f.ID, "title": f.Title})
	}
	return obj{"files": out}, nil
}

// ts gives a timestamp to a caller who does not hold the workspace's lock.
func (s *API) ts() string {
	s.ws.Lock()
	defer s.ws.Unlock()
	return s.ws.nextTS()
}

// share posts completed files into channels. The caller holds the files' lock.
func (c *call) share(d *draft, keys []string, ready []File) *refusal {
	d.text, d.files = c.str("initial_comment"), ready
	if d.text != "" {
		d.blocks = nil // the comment counts
	}
	c.ws.Lock()
	defer c.ws.Unlock()
	var channels []*channel
	for _, key := range keys {
		ch, ref := c.writable(key)
		switch {
		case ref != nil:
			return ref
		case !ch.has(c.cfg.App.BotUserID):
			return refuse("not_in_channel") // chat:write.public is for messages alone
		}
		channels = append(channels, ch)
	}
	for _, ch := range channels {
		m := c.message(d)
		m.Text = d.text
		c.ws.files.present(ch, m)
	}
	return nil
}

// present posts a message with files. The caller holds both locks.
func (fs *files) present(ch *channel, m *Message) *Message {
	m.Upload = true
	m = fs.ws.add(ch, m, false)
	fs.noteShares(ch, m)
	fs.ws.events.tellApp(ch, m)
	return m
}

// noteShares notes in a message's files that it shows them. The caller holds both locks.
func (fs *files) noteShares(ch *channel, m *Message) {
	for _, shown := range m.Files {
		u := fs.byID[shown.ID]
		if u == nil {
			continue
		}
		u.File = u.sharedIn(ch, m, fs.ws.cfg.Team.ID)
		fs.ws.events.eventIn(ch, "file_shared", obj{"type": "file_shared", "file_id": u.ID, "user_id": u.User, "file": obj{"id": u.ID},
			"channel_id": ch.id, "event_ts": m.TS})
	}
}

// sharedIn is the file with one more message that shows it.
func (f File) sharedIn(ch *channel, m *Message, team string) File {
	side := "private"
	switch ch.kind() {
	case publicChannel:
		side, f.IsPublic = "public", true
		f.Channels = append(slices.Clone(f.Channels), ch.id)
	case privateChannel:
		f.Groups = append(slices.Clone(f.Groups), ch.id)
	default:
		f.IMs = append(slices.Clone(f.IMs), ch.id)
	}
	shares := jsonvalue.Clone(f.Shares)
	if shares == nil {
		shares = map[string]map[string][]Share{}
	}
	if shares[side] == nil {
		shares[side] = map[string][]Share{}
	}
	shares[side][ch.id] = append(shares[side][ch.id], Share{TS: m.TS, ThreadTS: m.ThreadTS, ChannelName: ch.name, TeamID: team})
	f.Shares = shares
	return f
}

func fileInfo(c *call) (obj, *refusal) {
	f, ok := c.ws.files.uploaded(c.str("file"))
	if !ok {
		return nil, refuse(c.ws.files.missing(c.str("file")))
	}
	return obj{"file": f, "comments": []any{}, "response_metadata": obj{"next_cursor": ""}}, nil
}

// fileTypes are what files.list can be asked for.
var fileTypes = map[string]func(File) bool{
	"all":      func(File) bool { return true },
	"images":   func(f File) bool { return strings.HasPrefix(f.Mimetype, "image/") },
	"snippets": func(f File) bool { return f.Mode == "snippet" },
	"pdfs":     func(f File) bool { return f.Filetype == "pdf" },
	"zips":     func(f File) bool { return f.Filetype == "zip" },
	"gdocs":    func(File) bool { return false }, // nothing comes from Google here, and there are no posts
	"spaces":   func(File) bool { return false },
}

// listFiles pages by number, as files.list still does.
func listFiles(c *call) (obj, *refusal) {
	count, ok := c.integer("count", 100)
	number, fine := c.integer("page", 1)
	wanted := c.list("types")
	switch {
	case !ok || !fine || count < 1 || number < 1:
		return nil, refuse("invalid_arguments")
	case slices.ContainsFunc(wanted, func(t string) bool { return fileTypes[t] == nil }):
		return nil, refuse("unknown_type")
	}
	c.ws.files.Lock()
	defer c.ws.files.Unlock()
	var all []File
	for _, u := range c.ws.files.byID {
		in := slices.Concat(u.Channels, u.Groups, u.IMs)
		if u.done && (c.str("channel") == "" || slices.Contains(in, c.str("channel"))) &&
			(c.str("user") == "" || c.str("user") == u.User) &&
			(len(wanted) == 0 || slices.ContainsFunc(wanted, func(t string) bool { return fileTypes[t](u.File) })) {
			all = append(all, u.File)
		}
	}
	slices.SortFunc(all, func(a, b File) int { return cmp.Or(cmp.Compare(b.Created, a.Created), strings.Compare(b.ID, a.ID)) })
	from := min((number-1)*count, len(all))
	out := append([]File{}, all[from:min(from+count, len(all))]...)
	return obj{"files": out, "paging": obj{"count": count, "total": len(all), "page": number,
		"pages": (len(all) + count - 1) / count}}, nil
}

// deleteFile takes one of the app's own files away, and out of the messages that show it.
func deleteFile(c *call) (obj, *refusal) {
	c.ws.files.Lock()
	defer c.ws.files.Unlock()
	u := c.ws.files.byID[c.str("file")]
	switch {
	case u != nil && u.gone:
		return nil, refuse("file_deleted")
	case u == nil || !u.done:
		return nil, refuse("file_not_found")
	case u.User != c.cfg.App.BotUserID:
		return nil, refuse("cant_delete_file")
	}
	u.done, u.gone, u.data = false, true, nil
	c.ws.Lock()
	defer c.ws.Unlock()
	shown := map[string]bool{}
	for _, id := range slices.Concat(u.Channels, u.Groups, u.IMs) {
		shown[id] = true
	}
	for id := range shown {
		ch := c.ws.channel(id)
		for _, m := range slices.Clone(ch.messages) {
			if slices.ContainsFunc(m.Files, func(f File) bool { return f.ID == u.ID }) {
				after := c.ws.change(ch, m, func(m *Message) {
					m.Files = slices.DeleteFunc(slices.Clone(m.Files), func(f File) bool { return f.ID == u.ID })
				})
				c.ws.events.tellChanged(ch, m, after)
			}
		}
	}
	c.ws.events.event("file_deleted", obj{"type": "file_deleted", "file_id": u.ID, "channel_ids": slices.Sorted(maps.Keys(shown)),
		"event_ts": c.ws.nextTS()})
	return nil, nil
}
