package socketmode

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/slackapi"
)

// The address of a socket holds a ticket that lets anybody in.
func TestErrorsDoNotTellTheTicketOfASocket(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, err := dial(ctx, slackapi.New("xoxb-local", "xapp-local", "").HTTP, "ws://127.0.0.1:1/socket?ticket=secret")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error is %v", err)
	}
}
