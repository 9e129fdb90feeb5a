package slackapi

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// Each call carries the token that it needs, and goes where the configuration
// says.
func TestCallsCarryTheirToken(t *testing.T) {
	t.Parallel()
	var got []string
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := r.FormValue("token")
		if token == "" {
			token = r.Header.Get("Authorization")
		}
		got = append(got, r.URL.Path+" "+token)
		_, _ = w.Write([]byte(`{"ok":true,"url":"wss://slack.example/link"}`))
	}))
	defer h.Close()
	c := New("xoxb-one", "xapp-two", h.URL+"/api/")
	if _, err := c.AuthTestContext(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.StartSocketModeContext(context.Background()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"/api/auth.test xoxb-one", "/api/apps.connections.open Bearer xapp-two"}; !slices.Equal(got, want) {
		t.Errorf("the calls are %q, want %q", got, want)
	}
	if c.HTTP.Timeout != CallWithin {
		t.Errorf("a call may take %s", c.HTTP.Timeout)
	}
}

func TestWithoutAnAddressItIsSlack(t *testing.T) {
	t.Parallel()
	if c := New("xoxb-one", "xapp-two", ""); c.Client == nil || c.HTTP == nil {
		t.Error("there is no client")
	}
}
