package emulator

import (
	"io"
	"mime"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

const maxUpload = 32 << 20

// files are external uploads: an address first, then the bytes, then their completion.
type files struct {
	mu   sync.Mutex
	byID map[string]*upload
}

type upload struct {
	File
	data []byte
	sent bool // the bytes are here
	done bool // completed
}

// uploaded gives a file whose upload was completed.
func (f *files) uploaded(id string) (File, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	u := f.byID[id]
	if u == nil || !u.done {
		return File{}, false
	}
	return u.File, true
}

func uploadURL(c *call) (obj, *refusal) {
	name := c.str("filename")
	size, ok := c.integer("length", 0)
	if name == "" || !ok || size <= 0 {
		return nil, refuse("invalid_arguments")
	}
	if size > maxUpload {
		return nil, refuse("file_upload_size_restricted")
	}
	c.ws.mu.Lock()
	id := c.ws.nextID("F")
	c.ws.mu.Unlock()
	kind := mime.TypeByExtension(filepath.Ext(name))
	if kind == "" {
		kind = "text/plain"
	}
	link := c.base + "/files/" + id + "/" + filepath.Base(name)
	c.files.mu.Lock()
	defer c.files.mu.Unlock()
	c.files.byID[id] = &upload{File: File{ID: id, Created: time.Now().Unix(), Name: name, Title: name, Mimetype: kind,
		Filetype: strings.TrimPrefix(filepath.Ext(name), "."), User: c.cfg.App.BotUserID, Size: size,
		URLPrivate: link, URLPrivateDownload: link, AltTxt: c.str("alt_txt")}}
	return obj{"upload_url": c.base + "/upload/" + id, "file_id": id}, nil
}

func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	done := s.calls.begin("upload", nil)
	f := s.fault.take("upload")
	if !f.before(s.ctx) {
		done("cut")
		panic(http.ErrAbortHandler)
	}
	if f.refuses() {
		done(f.Error)
		http.Error(w, f.Error, max(f.status(), http.StatusBadRequest))
		return
	}
	data, err := uploadedBytes(r)
	s.files.mu.Lock()
	u := s.files.byID[r.PathValue("id")]
	known := u != nil && !u.done
	if known && err == nil {
		u.data, u.sent, u.Size = data, true, len(data)
	}
	s.files.mu.Unlock()
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

// completeUpload finishes uploads and shares them where the caller says, if anywhere.
func completeUpload(c *call) (obj, *refusal) {
	var list []struct{ ID, Title string }
	v, ok := c.json("files")
	if !ok || decode(v, &list) != nil || len(list) == 0 {
		return nil, refuse("invalid_arguments")
	}
	c.files.mu.Lock()
	defer c.files.mu.Unlock()
	var shared []File
	for _, f := range list {
		u := c.files.byID[f.ID]
		switch {
		case u == nil:
			return nil, refuse("file_not_found")
		case !u.sent:
			return nil, refuse("file_update_failed")
		}
		if f.Title != "" {
			u.Title = f.Title
		}
		shared = append(shared, u.File)
	}
	if ref := c.share(shared); ref != nil {
		return nil, ref
	}
	out := []obj{}
	for _, f := range shared {
		c.files.byID[f.ID].done = true
		out = append(out, obj{"id": f.ID, "title": f.Title})
	}
	return obj{"files": out}, nil
}

// share posts completed files into the channels that a call names.
func (c *call) share(shared []File) *refusal {
	channels := c.list("channels")
	if id := c.str("channel_id"); id != "" {
		channels = append(channels, id)
	}
	if len(channels) == 0 {
		return nil
	}
	blocks, ref := c.readBlocks(c.args)
	if ref != nil {
		return ref
	}
	w := c.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, key := range channels {
		ch, ref := c.writable(key)
		if ref != nil {
			return ref
		}
		m := c.message(&draft{text: c.str("initial_comment"), blocks: blocks, thread: c.str("thread_ts"), files: shared})
		c.tellApp(ch, w.add(ch, m, false), "")
	}
	return nil
}

func fileInfo(c *call) (obj, *refusal) {
	f, ok := c.files.uploaded(c.str("file"))
	if !ok {
		return nil, refuse("file_not_found")
	}
	return obj{"file": f, "comments": []any{}}, nil
}

// serveFile gives an uploaded file to the page and to anyone else on this machine.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	s.files.mu.Lock()
	u := s.files.byID[r.PathValue("id")]
	var data []byte
	kind := ""
	if u != nil {
		data, kind = u.data, u.Mimetype
	}
	s.files.mu.Unlock()
	if data == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "sandbox")
	_, _ = w.Write(data) // the client may have gone
}
