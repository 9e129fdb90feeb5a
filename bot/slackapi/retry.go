package slackapi

import (
	"context"
	"errors"
	"time"

	"github.com/slack-go/slack"
)

// RetryRateLimited does a call again after the time that Slack asks for, until ctx
// ends. It is for reading: what writes has its own ways of repeating.
func RetryRateLimited(ctx context.Context, call func() error) error {
	for {
		err := call()
		limit, ok := errors.AsType[*slack.RateLimitedError](err)
		if !ok || !Sleep(ctx, limit.RetryAfter) {
			return err
		}
	}
}

// Sleep waits and reports whether the time passed before ctx ended.
func Sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
