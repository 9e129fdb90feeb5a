package inflight

import (
	"context"
	"errors"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

const (
	againAfter = time.Minute // what can't be read is tried again
	pauseShare = 2           // after each deployment of the backlog: so many times as long as that took
)

// read reads what is to be read until ctx ends.
func (x *Index) read(ctx context.Context) {
	for ctx.Err() == nil {
		id, pauses := x.nextToRead()
		if id == "" {
			x.await(ctx)
			continue
		}
		began := time.Now()
		d, err := x.records.Load(ctx, id)
		if ctx.Err() != nil {
			return
		}
		x.take(id, d, err, pauses)
		if took := time.Since(began); pauses && took > 0 {
			sleep(ctx, pauseShare*took)
		}
	}
}

// await waits for something to read. What can't be read is tried again now and
// then.
func (x *Index) await(ctx context.Context) {
	t := time.NewTimer(againAfter)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-x.work:
	case <-t.C:
		x.mu.Lock()
		for id := range x.broken {
			x.backlog[id] = true
		}
		x.mu.Unlock()
	}
}

// nextToRead takes the next one: what has changed goes first.
func (x *Index) nextToRead() (id string, pauses bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for id := range x.changes {
		delete(x.changes, id)
		delete(x.backlog, id)
		return id, false
	}
	if x.needed {
		for id := range x.backlog {
			delete(x.backlog, id)
			return id, true
		}
	}
	x.settle()
	return "", false
}

// take takes over what was read. Of a backlog it tells when that is done: lists
// say meanwhile that it is not.
func (x *Index) take(id string, d deployer.Deployment, err error, backlog bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case err == nil:
		x.put(d)
	case errors.Is(err, deployer.ErrNotFound):
		x.remove(id)
	default:
		if !x.broken[id] {
			x.log.Error("a deployment can't be read; its places stay held", "deployment", id, "err", err)
		}
		x.spoil(id)
	}
	if !backlog || x.unread == 0 {
		x.tell()
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
