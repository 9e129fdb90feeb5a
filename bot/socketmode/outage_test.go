package socketmode

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Of two sockets one is enough: nothing is missed when the other one goes.
func TestOfTwoSocketsOneIsEnough(t *testing.T) {
	t.Parallel()
	var o Outages
	o.opened()
	o.found = nil // the first one counts
	o.opened()
	o.left()
	o.opened()
	o.left()
	if o.found != nil {
		t.Errorf("it counts %v", *o.found)
	}
	o.left()
	o.opened()
	if o.found == nil {
		t.Error("a time without a socket does not count")
	}
}

func TestOutagesAreToldOneAfterTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var o Outages
		var told []Outage
		o.After(func(_ context.Context, out Outage) {
			told = append(told, out)
			time.Sleep(10 * time.Second) // it takes a while to read everything again
		})
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { o.Run(ctx); close(done) }()
		began := time.Now()
		synctest.Wait()
		time.Sleep(time.Second)
		o.opened() // the first socket: what was read at the start may have changed
		for range 2 {
			time.Sleep(time.Second)
			o.left()
			time.Sleep(time.Second)
			o.opened() // while the hook works: both are told as one
		}
		time.Sleep(time.Minute)
		cancel()
		<-done
		want := []Outage{{began, began.Add(time.Second)}, {began.Add(2 * time.Second), began.Add(5 * time.Second)}}
		if !slices.Equal(told, want) {
			t.Errorf("told are %v, want %v", told, want)
		}
	})
}
