package emulator_test

import (
	"net/http"
	"testing"
)

func TestPermalinkLeadsToThePage(t *testing.T) {
	w := start(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for path, want := range map[string]string{
		"/archives/C1/p1700000000123456":                             "/?channel=C1&message=1700000000.123456",
		"/archives/C1/p1700000000123456?thread_ts=1600000000.000001": "/?channel=C1&message=1700000000.123456&thread=1600000000.000001",
		"/archives/C1/nothing":                                       "",
	} {
		r, err := client.Get(w.url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if got := r.Header.Get("Location"); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
}
