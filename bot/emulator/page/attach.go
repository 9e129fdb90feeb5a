package page

import (
	"io"
	"net/http"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonhttp"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// attachmentMax is what a file in a form's file_input may weigh, in bytes.
const attachmentMax = 10 << 20

// serveAttach takes the bytes of one file. Its content type is none that a foreign page's form can send.
func (p *Page) serveAttach(w http.ResponseWriter, r *http.Request) {
	if name, data, ok := fileIn(w, r); ok {
		jsonhttp.Write(w, obj{"ok": true, "file": p.ws.Files.Attach(jsonhttp.BaseURL(r), r.URL.Query().Get("user"), name, data)})
	}
}

// fileIn reads the one file that a page sends; when it cannot, it has answered.
func fileIn(w http.ResponseWriter, r *http.Request) (name string, data []byte, ok bool) {
	name = r.URL.Query().Get("name")
	if r.Header.Get("Content-Type") != "application/octet-stream" {
		http.Error(w, "want application/octet-stream", http.StatusUnsupportedMediaType)
		return "", nil, false
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, attachmentMax))
	switch {
	case err != nil:
		jsonhttp.Write(w, jsonhttp.Outcome(workspace.Refusal("This file is larger than 10 MB.")))
	case name == "" || len(data) == 0:
		jsonhttp.Write(w, jsonhttp.Outcome(workspace.Refusal("This file is empty.")))
	default:
		return name, data, true
	}
	return "", nil, false
}
