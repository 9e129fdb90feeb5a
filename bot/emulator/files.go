package emulator

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

const maxUpload = 32 << 20

// files are external uploads: an address first, then the bytes, then their completion.
type files struct {
	ws *workspace
	sync.Mutex
	byID map[string]*upload
}

type upload struct {
	File
	data []byte
	sent bool // the bytes are here
	done bool // completed
	gone bool // deleted after that
}

// uploaded gives a file whose upload was completed.
func (f *files) uploaded(id string) (File, bool) {
	f.Lock()
	defer f.Unlock()
	u := f.byID[id]
	if u == nil || !u.done {
		return File{}, false
	}
	return u.File, true
}

// missing is the word for a file that there is not: not any more, or not at all.
func (f *files) missing(id string) string {
	f.Lock()
	defer f.Unlock()
	if u := f.byID[id]; u != nil && u.gone {
		return "file_deleted"
	}
	return "file_not_found"
}

// maxSnippet is the largest snippet, in bytes, and maxAlt the longest description of an image, in characters.
const (
	maxSnippet = 1 << 20
	maxAlt     = 1000
)

func uploadURL(c *call) (obj, *refusal) {
	name := c.str("filename")
	size, ok := c.integer("length", 0)
	switch {
	case !ok || size < 0:
		return nil, invalidArguments("must provide an integer [json-pointer:/length]")
	case size == 0:
		return nil, refuse("missing_argument")
	case size > maxUpload:
		return nil, refuse("file_upload_size_restricted")
	case c.str("snippet_type") != "" && size > maxSnippet:
		return nil, refuse("snippet_too_large")
	case utf8.RuneCountInString(c.str("alt_txt")) > maxAlt:
		return nil, refuse("alt_txt_too_large")
	}
	c.ws.Lock()
	id := c.ws.nextID("F")
	c.ws.Unlock()
	f := c.ws.files.newFile(c.base, id, name, c.cfg.App.BotUserID, size)
	f.AltTxt = c.str("alt_txt")
	if t := c.str("snippet_type"); t != "" {
		f.Filetype, f.Mode = t, "snippet"
	}
	c.ws.files.Lock()
	defer c.ws.files.Unlock()
	c.ws.files.byID[id] = &upload{File: f}
	return obj{"upload_url": c.base + "/upload/" + id, "file_id": id}, nil
}

// newFile describes a file of somebody's. A name without a known extension is plain text.
func (fs *files) newFile(base, id, name, userID string, size int) File {
	name = filepath.Base(name)
	kind := mime.TypeByExtension(filepath.Ext(name))
	if kind == "" {
		kind = "text/plain"
	}
	ext := strings.TrimPrefix(filepath.Ext(name), ".")
	link := base + "/files/" + id + "/" + url.PathEscape(name)
	now := time.Now().Unix()
	return File{ID: id, Created: now, Timestamp: now, Name: name, Title: name, Mimetype: kind, Filetype: ext,
		PrettyType: strings.ToUpper(ext), User: userID, UserTeam: fs.ws.cfg.Team.ID, Size: size, Mode: "hosted",
		URLPrivate: link, URLPrivateDownload: link, Permalink: link}
}

func (s *API) serveUpload(w http.ResponseWriter, r *http.Request) {
	done := s.calls.begin("upload", nil)
	f := s.fault.take("upload")
	if !f.before(s.ws.work.ctx) {
		done("cut")
		panic(http.ErrAbortHandler)
	}
	if f.refuses() {
		done(f.Error)
		http.Error(w, f.Error, max(f.status(), http.StatusBadRequest))
		return
	}
	data, err := uploadedBytes(r)
	s.ws.files.Lock()
	u := s.ws.files.byID[r.PathValue("id")]
	known := u != nil && !u.done && !u.gone
	if known && err == nil {
		u.data, u.sent, u.Size = data, true, len(data)
	}
	s.ws.files.Unlock()
	switch {
	case !known:
		done("not_found")
		http.NotFound(w, r)
	case err != nil:
		done("bad_request")
		http.Error(w, "bad upload", http.StatusBadRequest)
	case f.Lost:
		done("")
		panic(http.ErrAbortHandler)
	default:
		done("")
		_, _ = io.WriteString(w, "OK - "+strconv.Itoa(len(data))) // the client may have gone
	}
}

// uploadedBytes reads a file sent as a form's field or as the whole body.
func uploadedBytes(r *http.Request) ([]byte, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxUpload+1<<20)
	mr, err := r.MultipartReader()
	if err != nil {
		return io.ReadAll(r.Body)
	}
	for {
		p, err := mr.NextPart()
		if err != nil {
			return nil, err
		}
		if p.FileName() != "" {
			return io.ReadAll(io.LimitReader(p, maxUpload))
		}
	}
}

// serveFile gives an uploaded file to the page and to anyone else on this machine.
func (s *API) serveFile(w http.ResponseWriter, r *http.Request) {
	s.ws.files.Lock()
	u := s.ws.files.byID[r.PathValue("id")]
	var data []byte
	kind := ""
	if u != nil {
		data, kind = u.data, u.Mimetype
	}
	s.ws.files.Unlock()
	if data == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "sandbox")
	_, _ = w.Write(data) // the client may have gone
}
