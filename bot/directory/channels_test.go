package directory

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
)

// listed runs a test in a bubble of synctest, with channels that were read.
func listed(t *testing.T, do func(t *testing.T, f *fixture, c *Channels)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		c := NewChannels(f.api, nil, slog.New(slog.NewTextHandler(f.book, nil)))
		if err := c.Refresh(context.Background()); err != nil {
			t.Fatal(err)
		}
		do(t, f, c)
	})
}

func TestChannelsAreThoseThatTheBotIsIn(t *testing.T) {
	t.Parallel()
	listed(t, func(t *testing.T, f *fixture, c *Channels) {
		if got := c.Names(); !slices.Equal(got, []string{"deploys", "secret"}) {
			t.Errorf("they are %q", got)
		}
		for _, key := range []string{"secret", "#secret", "CSECRET"} {
			if got, ok := c.Known(key); !ok || got != (Channel{ID: "CSECRET", Name: "secret", Private: true}) {
				t.Errorf("%s is %v, %t", key, got, ok)
			}
		}
		if got, ok := c.Known("outside"); ok {
			t.Errorf("it is in %v", got)
		}
	})
}

func TestAMissingChannelIsLookedForButNotAgainAndAgain(t *testing.T) {
	t.Parallel()
	listed(t, func(t *testing.T, f *fixture, c *Channels) {
		ctx := context.Background()
		f.slack.SetBotMember("outside", true)
		if _, ok := c.Find(ctx, "outside"); ok {
			t.Error("the list was read again at once")
		}
		time.Sleep(channelsFreshWithin)
		if _, ok := c.Find(ctx, "outside"); !ok {
			t.Error("the list was not read again")
		}
		before := f.slack.CallCount("users.conversations")
		for range 10 {
			c.Find(ctx, "none")
			time.Sleep(time.Second)
		}
		if n := f.slack.CallCount("users.conversations") - before; n > 1 {
			t.Errorf("in ten seconds it was read %d times", n)
		}
		time.Sleep(channelsFreshWithin)
		f.slack.Inject(emulator.Fault{Method: "users.conversations", Error: "internal_error"})
		if _, ok := c.Find(ctx, "none"); ok {
			t.Error("a channel is found that is not there")
		}
		bottest.Contains(t, f.book.String(), "channels could not be listed")
	})
}

func TestEventsKeepTheChannelsRight(t *testing.T) {
	t.Parallel()
	listed(t, func(t *testing.T, f *fixture, c *Channels) {
		c.Renamed("CDEPLOYS", "rollouts")
		c.Renamed("COUT", "nobody cares")
		if got := c.Names(); !slices.Equal(got, []string{"rollouts", "secret"}) {
			t.Errorf("after a new name they are %q", got)
		}
		c.Left("CSECRET")
		c.Left("COUT")
		if got := c.Names(); !slices.Equal(got, []string{"rollouts"}) {
			t.Errorf("after it left one they are %q", got)
		}
	})
}

// A list that was begun before an event may say what was so before it.
func TestAnEventDuringAReadingCounts(t *testing.T) {
	t.Parallel()
	listed(t, func(t *testing.T, f *fixture, c *Channels) {
		f.slack.Inject(emulator.Fault{Method: "users.conversations", Late: 5 * time.Second})
		read := make(chan error)
		go func() { read <- c.RefreshWithin(context.Background(), 0) }()
		time.Sleep(time.Second) // the list is made, and on its way
		f.slack.SetBotMember("secret", false)
		c.Left("CSECRET")
		if err := <-read; err != nil {
			t.Fatal(err)
		}
		if got := c.Names(); !slices.Equal(got, []string{"deploys"}) {
			t.Errorf("they are %q", got)
		}
	})
}

func TestOnlyOneReadsTheList(t *testing.T) {
	t.Parallel()
	listed(t, func(t *testing.T, f *fixture, c *Channels) {
		f.slack.Inject(emulator.Fault{Method: "users.conversations", Late: 5 * time.Second})
		read := make(chan error)
		go func() { read <- c.RefreshWithin(context.Background(), 0) }()
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := c.Refresh(ctx); err == nil {
			t.Error("the list was read twice at once")
		}
		if err := <-read; err != nil {
			t.Fatal(err)
		}
	})
}

func TestOneChannelIsAskedAbout(t *testing.T) {
	t.Parallel()
	listed(t, func(t *testing.T, f *fixture, c *Channels) {
		ctx := context.Background()
		for id, want := range map[string]bool{"CDEPLOYS": true, "COUT": false, "CHIDDEN": false} {
			if got, in, err := c.LookUp(ctx, id); err != nil || in != want || got.ID != id {
				t.Errorf("%s is %v, %t: %v", id, got, in, err)
			}
		}
		f.slack.SetBotMember("hidden", true)
		if _, in, err := c.LookUp(ctx, "CHIDDEN"); err != nil || !in {
			t.Errorf("it was invited: %t, %v", in, err)
		}
		if _, ok := c.Known("hidden"); !ok {
			t.Error("the channel that was asked about is not known")
		}
		f.slack.Inject(emulator.Fault{Method: "conversations.info", Error: "internal_error"})
		if _, _, err := c.LookUp(ctx, "CDEPLOYS"); err == nil {
			t.Error("Slack did not answer, and nobody says so")
		}
	})
}

func TestChannelsAreReadAgainByThemselves(t *testing.T) {
	t.Parallel()
	listed(t, func(t *testing.T, f *fixture, c *Channels) {
		before := f.slack.CallCount("users.conversations")
		ctx, cancel := context.WithTimeout(context.Background(), 2*channelsEvery+time.Second)
		defer cancel()
		f.slack.Inject(emulator.Fault{Method: "users.conversations", Error: "internal_error"})
		c.Run(ctx)
		if n := f.slack.CallCount("users.conversations") - before; n != 2 {
			t.Errorf("in ten minutes they were read %d times", n)
		}
		bottest.Contains(t, f.book.String(), "channels could not be listed")
	})
}
