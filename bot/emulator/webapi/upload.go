package webapi

import (
	"crypto/rand"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// Limits of files and snippets in bytes, and of the description of an image in characters.
const (
	uploadMax  = 32 << 20
	snippetMax = 1 << 20
	altTextMax = 1000
)

func uploadURL(c *call) (obj, *Failure) {
	name := c.Str("filename")
	size, ok := c.integer("length", 0)
	switch {
	case !ok || size < 0:
		return nil, invalidArguments("must provide an integer [json-pointer:/length]")
	case size == 0:
		return nil, refuse("missing_argument")
	case size > uploadMax:
		return nil, refuse("file_upload_size_restricted")
	case c.Str("snippet_type") != "" && size > snippetMax:
		return nil, refuse("snippet_too_large")
	case utf8.RuneCountInString(c.Str("alt_txt")) > altTextMax:
		return nil, refuse("alt_txt_too_large")
	}
	c.ws.Lock()
	id := c.ws.NextID("F")
	c.ws.Unlock()
	f := c.ws.Files.NewFile(c.base, id, name, c.cfg.App.BotUserID, size)
	f.AltTxt = c.Str("alt_txt")
	if t := c.Str("snippet_type"); t != "" {
		f.Filetype, f.Mode = t, "snippet"
	}
	c.ws.Files.Lock()
	defer c.ws.Files.Unlock()
	u := &workspace.Upload{File: f, Ticket: rand.Text()}
	c.ws.Files.ByID[id] = u
	return obj{"upload_url": c.base + "/upload/" + id + "." + u.Ticket, "file_id": id}, nil
}

func (s *API) serveUpload(w http.ResponseWriter, r *http.Request) {
	done := s.calls.begin("upload", nil)
	f := s.fault.Take("upload")
	if !before(s.ws.Background.Context(), f) {
		done("cut")
		panic(http.ErrAbortHandler)
	}
	if refuses(f) {
		done(f.Error)
		http.Error(w, f.Error, max(faultStatus(f), http.StatusBadRequest))
		return
	}
	data, err := uploadedBytes(r)
	id, ticket, _ := strings.Cut(r.PathValue("ticket"), ".")
	s.ws.Files.Lock()
	u := s.ws.Files.ByID[id]
	known := u != nil && !u.Done && !u.Gone && u.Ticket == ticket
	if known && err == nil {
		u.Data, u.Sent, u.Size = data, true, len(data)
	}
	s.ws.Files.Unlock()
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
	r.Body = http.MaxBytesReader(nil, r.Body, uploadMax+1<<20)
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
			return io.ReadAll(io.LimitReader(p, uploadMax))
		}
	}
}

// serveFile gives an uploaded file to whoever may see the page.
func (s *API) serveFile(w http.ResponseWriter, r *http.Request) {
	s.ws.Files.Lock()
	u := s.ws.Files.ByID[r.PathValue("id")]
	var data []byte
	kind := ""
	if u != nil {
		data, kind = u.Data, u.Mimetype
	}
	s.ws.Files.Unlock()
	if data == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "sandbox")
	_, _ = w.Write(data) // the client may have gone
}
