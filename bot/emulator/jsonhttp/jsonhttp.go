// Package jsonhttp reads and answers the JSON requests of the page and of the control API.
package jsonhttp

import (
	"encoding/json"
	"net/http"
	"strings"
)

// BaseURL is the address that the caller used for this server.
func BaseURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// BodyMax bounds what one API call may send.
const BodyMax = 4 << 20

// Write answers with v.
func Write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) // the page may have gone
}

// Read reads a page's request. It takes no other content type, so that no foreign page's form can post here.
func Read(w http.ResponseWriter, r *http.Request, into any) bool {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		http.Error(w, "want application/json", http.StatusUnsupportedMediaType)
		return false
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, BodyMax)).Decode(into); err != nil {
		http.Error(w, "bad JSON: "+err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

// Outcome is {"ok":true}, or the words for the person.
func Outcome(err error) map[string]any {
	if err == nil {
		return obj{"ok": true}
	}
	return obj{"ok": false, "error": err.Error()}
}

// obj is a JSON object.
type obj = map[string]any
