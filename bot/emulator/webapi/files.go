package webapi

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// completeUpload finishes uploads and shares them where the caller says, if anywhere.
func completeUpload(c *call) (obj, *Failure) {
	var list []struct{ ID, Title string }
	v, ok := c.json("files")
	if !ok || decode(v, &list) != nil || len(list) == 0 {
		return nil, invalidArguments("must provide an array of files [json-pointer:/files]")
	}
	keys := c.list("channels")
	if id := c.Str("channel_id"); id != "" {
		keys = append(keys, id)
	}
	d := &Draft{}
	if len(keys) > 0 {
		var ref *Failure
		if d, ref = c.ReadDraft(c.Args, PostMax); ref != nil {
			return nil, ref
		}
	}
	c.ws.Files.Lock()
	defer c.ws.Files.Unlock()
	var ready []workspace.File
	for _, f := range list {
		u := c.ws.Files.ByID[f.ID]
		switch {
		case u == nil:
			return nil, refuse("file_not_found")
		case !u.Sent:
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
		if u := c.ws.Files.ByID[f.ID]; !u.Done {
			u.Done = true
			c.ws.Events.Send("file_created", obj{"type": "file_created", "file_id": f.ID, "user_id": f.User, "file": obj{"id": f.ID},
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
	return s.ws.NextTS()
}

// share posts completed files into channels. The caller holds the files' lock.
func (c *call) share(d *Draft, keys []string, ready []workspace.File) *Failure {
	d.text, d.files = c.Str("initial_comment"), ready
	if d.text != "" {
		d.blocks = nil // the comment counts
	}
	c.ws.Lock()
	defer c.ws.Unlock()
	var channels []*workspace.Conversation
	for _, key := range keys {
		ch, ref := c.writable(key)
		switch {
		case ref != nil:
			return ref
		case !ch.Has(c.cfg.App.BotUserID):
			return refuse("not_in_channel") // chat:write.public is for messages alone
		}
		channels = append(channels, ch)
	}
	for _, ch := range channels {
		m := c.message(d)
		m.Text = d.text
		c.ws.Files.Present(ch, m)
	}
	return nil
}

func fileInfo(c *call) (obj, *Failure) {
	f, ok := c.ws.Files.Uploaded(c.Str("file"))
	if !ok {
		return nil, refuse(c.ws.Files.Missing(c.Str("file")))
	}
	return obj{"file": f, "comments": []any{}, "response_metadata": obj{"next_cursor": ""}}, nil
}

// fileTypes are what files.list can be asked for.
var fileTypes = map[string]func(workspace.File) bool{
	"all":      func(workspace.File) bool { return true },
	"images":   func(f workspace.File) bool { return strings.HasPrefix(f.Mimetype, "image/") },
	"snippets": func(f workspace.File) bool { return f.Mode == "snippet" },
	"pdfs":     func(f workspace.File) bool { return f.Filetype == "pdf" },
	"zips":     func(f workspace.File) bool { return f.Filetype == "zip" },
	"gdocs":    func(workspace.File) bool { return false }, // nothing comes from Google here, and there are no posts
	"spaces":   func(workspace.File) bool { return false },
}

// listFiles pages by number, as files.list still does.
func listFiles(c *call) (obj, *Failure) {
	count, ok := c.integer("count", 100)
	number, fine := c.integer("page", 1)
	wanted := c.list("types")
	switch {
	case !ok || !fine || count < 1 || number < 1:
		return nil, refuse("invalid_arguments")
	case slices.ContainsFunc(wanted, func(t string) bool { return fileTypes[t] == nil }):
		return nil, refuse("unknown_type")
	}
	c.ws.Files.Lock()
	defer c.ws.Files.Unlock()
	var all []workspace.File
	for _, u := range c.ws.Files.ByID {
		in := slices.Concat(u.Channels, u.Groups, u.IMs)
		if u.Done && (c.Str("channel") == "" || slices.Contains(in, c.Str("channel"))) &&
			(c.Str("user") == "" || c.Str("user") == u.User) &&
			(len(wanted) == 0 || slices.ContainsFunc(wanted, func(t string) bool { return fileTypes[t](u.File) })) {
			all = append(all, u.File)
		}
	}
	slices.SortFunc(all, func(a, b workspace.File) int {
		return cmp.Or(cmp.Compare(b.Created, a.Created), strings.Compare(b.ID, a.ID))
	})
	from := min((number-1)*count, len(all))
	out := append([]workspace.File{}, all[from:min(from+count, len(all))]...)
	return obj{"files": out, "paging": obj{"count": count, "total": len(all), "page": number,
		"pages": (len(all) + count - 1) / count}}, nil
}

// deleteFile takes one of the app's own files away, and out of the messages that show it.
func deleteFile(c *call) (obj, *Failure) {
	c.ws.Files.Lock()
	defer c.ws.Files.Unlock()
	u := c.ws.Files.ByID[c.Str("file")]
	switch {
	case u != nil && u.Gone:
		return nil, refuse("file_deleted")
	case u == nil || !u.Done:
		return nil, refuse("file_not_found")
	case u.User != c.cfg.App.BotUserID:
		return nil, refuse("cant_delete_file")
	}
	u.Done, u.Gone, u.Data = false, true, nil
	c.ws.Lock()
	defer c.ws.Unlock()
	shown := map[string]bool{}
	for _, id := range slices.Concat(u.Channels, u.Groups, u.IMs) {
		shown[id] = true
	}
	for id := range shown {
		ch := c.ws.Channel(id)
		for _, m := range slices.Clone(ch.Messages) {
			if slices.ContainsFunc(m.Files, func(f workspace.File) bool { return f.ID == u.ID }) {
				after := c.ws.ChangeMessage(ch, m, func(m *workspace.Message) {
					m.Files = slices.DeleteFunc(slices.Clone(m.Files), func(f workspace.File) bool { return f.ID == u.ID })
				})
				c.ws.Events.TellChanged(ch, m, after)
			}
		}
	}
	c.ws.Events.Send("file_deleted", obj{"type": "file_deleted", "file_id": u.ID, "channel_ids": slices.Sorted(maps.Keys(shown)),
		"event_ts": c.ws.NextTS()})
	return nil, nil
}
