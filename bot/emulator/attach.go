package emulator

import (
	"io"
	"net/http"
)

// maxAttachment is what a file in a form's file_input may weigh, in bytes.
const maxAttachment = 10 << 20

// attach keeps a file that a person has put into a form's file_input. The app sees it in the form's state, and may ask
// for it with files.info. A name without a known extension is plain text.
func (p *People) attach(base, user, name string, data []byte) File {
	p.ws.Lock()
	id := p.ws.nextID("F")
	p.ws.Unlock()
	f := p.ws.files.newFile(base, id, name, p.ws.userID(user), len(data))
	p.ws.files.Lock()
	defer p.ws.files.Unlock()
	p.ws.files.byID[id] = &upload{File: f, data: data, sent: true, done: true}
	return f
}

// pageAttach takes the bytes of one file. Its content type is none that a foreign page's form can send.
func (p *Page) pageAttach(w http.ResponseWriter, r *http.Request) {
	if name, data, ok := fileIn(w, r); ok {
		writeJSON(w, obj{"ok": true, "file": p.people.attach(baseURL(r), r.URL.Query().Get("user"), name, data)})
	}
}

// fileIn reads the one file that a page sends; when it cannot, it has answered.
func fileIn(w http.ResponseWriter, r *http.Request) (name string, data []byte, ok bool) {
	name = r.URL.Query().Get("name")
	if r.Header.Get("Content-Type") != "application/octet-stream" {
		http.Error(w, "want application/octet-stream", http.StatusUnsupportedMediaType)
		return "", nil, false
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAttachment))
	switch {
	case err != nil:
		writeJSON(w, outcome(Refusal("This file is larger than 10 MB.")))
	case name == "" || len(data) == 0:
		writeJSON(w, outcome(Refusal("This file is empty.")))
	default:
		return name, data, true
	}
	return "", nil, false
}
