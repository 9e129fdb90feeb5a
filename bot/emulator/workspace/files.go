package workspace

import (
	"mime"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Files are external uploads: an address first, then the bytes, then their completion.
type Files struct {
	ws *Workspace
	sync.Mutex
	ByID map[string]*Upload
}

type Upload struct {
	File
	Data []byte
	Sent bool // the bytes are here
	Done bool // completed
	Gone bool // deleted after that
}

// Uploaded gives a file whose upload was completed.
func (f *Files) Uploaded(id string) (File, bool) {
	f.Lock()
	defer f.Unlock()
	u := f.ByID[id]
	if u == nil || !u.Done {
		return File{}, false
	}
	return u.File, true
}

// Missing is the word for a file that there is not: not any more, or not at all.
func (f *Files) Missing(id string) string {
	f.Lock()
	defer f.Unlock()
	if u := f.ByID[id]; u != nil && u.Gone {
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
