package bot

import (
	"context"
	"errors"

	"github.com/slack-go/slack"
)

// retryRateLimited does a call again after the time that Slack asks for, until ctx
// ends. It is for reading: what writes has its own ways of repeating.
func retryRateLimited(ctx context.Context, call func() error) error {
	for {
		err := call()
		limit, ok := errors.AsType[*slack.RateLimitedError](err)
		if !ok || !sleep(ctx, limit.RetryAfter) {
			return err
		}
	}
}
