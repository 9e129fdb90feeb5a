package slackapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
)

func TestReadingIsDoneAgainWhenSlackPermits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began, calls := time.Now(), 0
		err := RetryRateLimited(context.Background(), func() error {
			if calls++; calls < 3 {
				return fmt.Errorf("list users: %w", &slack.RateLimitedError{RetryAfter: 30 * time.Second})
			}
			return nil
		})
		if took := time.Since(began); err != nil || calls != 3 || took != time.Minute {
			t.Errorf("%d calls in %s: %v", calls, took, err)
		}
	})
}

func TestReadingIsNotDoneAgainForAnotherError(t *testing.T) {
	t.Parallel()
	calls := 0
	err := RetryRateLimited(context.Background(), func() error { calls++; return io.EOF })
	if !errors.Is(err, io.EOF) || calls != 1 {
		t.Errorf("%d calls: %v", calls, err)
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		began, calls := time.Now(), 0
		err := RetryRateLimited(ctx, func() error { calls++; return &slack.RateLimitedError{RetryAfter: time.Hour} })
		if _, ok := errors.AsType[*slack.RateLimitedError](err); !ok || calls != 1 || time.Since(began) != 10*time.Second {
			t.Errorf("%d calls in %s: %v", calls, time.Since(began), err)
		}
	})
}

func TestSleepTellsWhetherTheTimePassed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if !Sleep(ctx, 9*time.Second) {
			t.Error("nine seconds of ten did not pass")
		}
		if Sleep(ctx, 2*time.Second) {
			t.Error("eleven seconds of ten passed")
		}
		if Sleep(ctx, 0) {
			t.Error("no time at all passes after the end")
		}
	})
}
