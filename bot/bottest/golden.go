package bottest

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer/goldentest"
)

// Golden compares a message with the file that people have read.
func Golden(t *testing.T, name, text string, blocks []slack.Block) {
	t.Helper()
	goldentest.Compare(t, filepath.Join("testdata", name+".json"), indented(t, map[string]any{"text": text, "blocks": blocks}))
}

// GoldenView compares a view with the file that people have read. Slack's own
// types are held against the files too.
func GoldenView(t *testing.T, name string, view slack.ModalViewRequest, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	goldentest.Compare(t, filepath.Join("testdata", "form", name+".json"), indented(t, view))
}

// indented is what Slack gets, as people can read it.
func indented(t *testing.T, v any) []byte {
	t.Helper()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// Contains wants parts in a text.
func Contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is missing in %q", p, text)
		}
	}
}

// JSON is a value as it travels.
func JSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
