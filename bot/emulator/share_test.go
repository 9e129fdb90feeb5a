package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket/wsjson"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// stage asks for an upload and sends the bytes, raw or in a form; it gives the file's id.
func (w *fixture) stage(name, content string, multi bool) string {
	w.t.Helper()
	var up struct {
		URL string `json:"upload_url"`
		ID  string `json:"file_id"`
	}
	w.into(&up, "files.getUploadURLExternal", "filename", name, "length", fmt.Sprint(len(content)))
	var body io.Reader = strings.NewReader(content)
	kind := "application/octet-stream"
	if multi {
		var buf bytes.Buffer
		mp := multipart.NewWriter(&buf)
		part, err := mp.CreateFormFile("filename", name)
		w.must(err)
		_, _ = part.Write([]byte(content))
		w.must(mp.Close())
		body, kind = &buf, mp.FormDataContentType()
	}
	resp, err := http.Post(up.URL, kind, body)
	w.must(err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		w.t.Fatalf("upload: %s", resp.Status)
	}
	return up.ID
}

// Two files, sent in both ways, in one message of a thread; then seen in lists and taken away.
func TestFilesAreListedAndTakenAway(t *testing.T) {
	w := start(t)
	id := w.ChannelID(deploys)
	parent := w.form("chat.postMessage", "channel", id, "text", "see").TS
	one, two := w.stage("log.txt", "hello", false), w.stage("chart.png", "PNG!", true)
	files, _ := json.Marshal([]o{{"id": one, "title": "The log"}, {"id": two}})
	w.refuse([]refusal{{"files.completeUploadExternal", []string{"files", string(files), "channel_id", id, "thread_ts", parent, "initial_comment", "both"}, ""}})
	m := w.Thread(deploys, parent)
	if len(m) != 1 || m[0].Text != "both" || len(m[0].Files) != 2 || m[0].Files[0].Title != "The log" || m[0].Files[1].Mimetype != "image/png" ||
		m[0].Files[1].Size != 4 || m[0].Files[0].Mode != "hosted" {
		t.Fatalf("message: %+v", m)
	}
	f, _, _, err := w.api.GetFileInfo(one, 0, 0)
	w.must(err)
	if f.Title != "The log" || f.Channels[0] != id || f.Shares.Public[id][0].Ts != m[0].TS || f.Shares.Public[id][0].ThreadTs != parent || !f.IsPublic {
		t.Errorf("info: %+v", f)
	}
	list, paging, err := w.api.GetFiles(slack.GetFilesParameters{Channel: id, Count: 1, Page: 2})
	w.must(err)
	if len(list) != 1 || paging.Total != 2 || paging.Pages != 2 {
		t.Errorf("list: %+v, %+v", list, paging)
	}
	list, _, err = w.api.GetFiles(slack.GetFilesParameters{Channel: id, Types: "images,pdfs", Count: 10, Page: 1})
	w.must(err)
	if len(list) != 1 || list[0].ID != two {
		t.Errorf("pictures: %+v", list)
	}
	w.must(w.api.DeleteFile(one))
	w.refuse([]refusal{{"files.info", []string{"file", one}, "file_deleted"}, {"files.delete", []string{"file", one}, "file_deleted"}})
	if m := w.Thread(deploys, parent); len(m[0].Files) != 1 || m[0].Files[0].ID != two {
		t.Errorf("after the deletion: %+v", m[0].Files)
	}
	alone := w.stage("unshared.txt", "x", false)
	w.refuse([]refusal{
		{"files.completeUploadExternal", []string{"files", `[{"id":"` + alone + `"}]`, "channel_id", id, "initial_comment", "The words count.", "blocks", `[{"type":"divider"}]`}, ""},
		{"files.info", []string{"file", alone}, ""},
	})
	m = w.Messages(deploys)
	if last := m[len(m)-1]; last.Text != "The words count." || len(last.Blocks) > 0 {
		t.Errorf("with a comment and blocks: %+v", last)
	}
}

func TestFileMethodsRefuseInSlacksWords(t *testing.T) {
	w := start(t)
	id := w.ChannelID(deploys)
	ready, theirs := w.stage("a.txt", "x", false), ""
	_, err := w.Share(w.url, "alice", deploys, "", "mine", "b.txt", []byte("y"))
	w.must(err)
	theirs = w.Messages(deploys)[0].Files[0].ID
	var empty struct {
		ID string `json:"file_id"`
	}
	w.into(&empty, "files.getUploadURLExternal", "filename", "c.txt", "length", "1")
	w.refuse([]refusal{
		{"files.getUploadURLExternal", []string{"filename", "a.txt"}, "invalid_arguments"},
		{"files.getUploadURLExternal", []string{"filename", "a.txt", "length", "many"}, "invalid_arguments"},
		{"files.getUploadURLExternal", []string{"filename", "a.txt", "length", "0"}, "missing_argument"},
		{"files.getUploadURLExternal", []string{"filename", "a.txt", "length", "99999999999"}, "file_upload_size_restricted"},
		{"files.getUploadURLExternal", []string{"filename", "a.txt", "length", "1", "alt_txt", xs(1001)}, "alt_txt_too_large"},
		{"files.getUploadURLExternal", []string{"filename", "a.py", "length", "2000000", "snippet_type", "python"}, "snippet_too_large"},
		{"files.completeUploadExternal", []string{"files", "[]"}, "invalid_arguments"},
		{"files.completeUploadExternal", []string{"files", `[{"id":"FNOPE"}]`}, "file_not_found"},
		{"files.completeUploadExternal", []string{"files", `[{"id":"` + empty.ID + `"}]`}, "file_update_failed"},
		{"files.completeUploadExternal", []string{"files", `[{"id":"` + ready + `"}]`, "channel_id", "CNOPE"}, "channel_not_found"},
		{"files.completeUploadExternal", []string{"files", `[{"id":"` + ready + `"}]`, "channel_id", "COLD"}, "is_archived"},
		{"files.completeUploadExternal", []string{"files", `[{"id":"` + ready + `"}]`, "channel_id", id, "thread_ts", "soon"}, "invalid_thread_ts"},
		{"files.completeUploadExternal", []string{"files", `[{"id":"` + ready + `"}]`, "channel_id", "CGENERAL"}, "not_in_channel"},
		{"files.info", []string{"file", ready}, "file_not_found"}, // not completed yet
		{"files.info", []string{"file", "FNOPE"}, "file_not_found"},
		{"files.delete", []string{"file", "FNOPE"}, "file_not_found"},
		{"files.delete", []string{"file", theirs}, "cant_delete_file"},
		{"files.list", []string{"page", "0"}, "invalid_arguments"},
		{"files.list", []string{"types", "images,dreams"}, "unknown_type"},
	})
	resp, err := http.Post(w.url+"/upload/FNOPE", "application/octet-stream", strings.NewReader("x"))
	w.must(err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("bytes for no upload: %s", resp.Status)
	}
	if n := len(w.Messages(deploys)); n != 1 {
		t.Errorf("%d messages, want the person's alone", n)
	}
}

// A file in a channel tells the app that it was made, shared, and shown in a message.
func TestFileEventsTellOfItsWay(t *testing.T) {
	w := start(t, func(c *emulator.Config) {
		c.App.Events = []string{"message.channels", "file_created", "file_shared", "file_deleted"}
	})
	c := w.dial()
	w.read(c)
	_, err := w.Share(w.url, "alice", deploys, "", "look", "b.txt", []byte("y"))
	w.must(err)
	got := map[string]o{}
	for range 3 {
		f := w.read(c)
		w.must(wsjson.Write(w.ctx(), c, o{"envelope_id": f.ID}))
		e := f.Payload["event"].(o)
		got[e["type"].(string)] = e
	}
	if m := got["message"]; m["subtype"] != "file_share" || m["upload"] != true || len(m["files"].(l)) != 1 || m["text"] != "look" {
		t.Errorf("message: %v", m)
	}
	if got["file_shared"]["channel_id"] != w.ChannelID(deploys) || got["file_created"]["user_id"] != "UALICE" {
		t.Errorf("events: %v", got)
	}
}
