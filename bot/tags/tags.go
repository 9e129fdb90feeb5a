// Package tags remembers which tags of a service there are, so that a typing mistake is noticed at once.
package tags

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	within = time.Second      // how long a command waits for a list of tags
	again  = 5 * time.Second  // a list is not read again sooner
	fresh  = time.Minute      // as old as what is suggested may be
	none   = 10 * time.Minute // nor sooner than that where there is none
)

// A Source says which tags there are.
type Source interface {
	// Tags that exist, the newest first where that is known. None: not known.
	Tags(ctx context.Context, service string) ([]string, error)
}

// Lists remember which tags there are, so that a typing mistake is noticed
// at once. They are no proof: resolving looks the tag up itself. Safe for
// concurrent use.
type Lists struct {
	source Source
	mu     sync.Mutex
	lists  map[string]list
}

type list struct {
	tags []string
	read time.Time
}

// New remembers nothing yet.
func New(source Source) *Lists { return &Lists{source: source, lists: map[string]list{}} }

// LastRead are the tags of a service as they were last read; it asks nobody.
func (t *Lists) LastRead(service string) []string { return t.of(service).tags }

// Lacks returns the tags of the service if they are known and tag is not among
// them. Only for a tag that was not seen before does it ask the system.
func (t *Lists) Lacks(ctx context.Context, service, tag string) []string {
	l := t.of(service)
	if slices.Contains(l.tags, tag) {
		return nil
	}
	if age := time.Since(l.read); age > none || age > again && len(l.tags) > 0 {
		l = t.read(ctx, service)
	}
	if slices.Contains(l.tags, tag) {
		return nil
	}
	return l.tags
}

// Known returns the tags of the service, asking the system where the answer is
// old. None: there is no list.
func (t *Lists) Known(ctx context.Context, service string) []string {
	l := t.of(service)
	if age := time.Since(l.read); service != "" && (age > none || age > fresh && len(l.tags) > 0) {
		if renewed := t.read(ctx, service); len(renewed.tags) > 0 {
			return renewed.tags
		}
	}
	return l.tags
}

// Has reports whether there is a list of the service's tags.
func (t *Lists) Has(service string) bool { return len(t.of(service).tags) > 0 }

func (t *Lists) of(service string) list {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lists[service]
}

// read asks the system. Where that fails no tag is known to be wrong.
func (t *Lists) read(ctx context.Context, service string) list {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tags, err := t.source.Tags(ctx, service)
	l := list{read: time.Now()}
	if err == nil {
		l.tags = tags
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lists[service] = l
	return l
}

// Warm reads the lists of all services, one after the other.
func (t *Lists) Warm(ctx context.Context, services []string) {
	for _, s := range services {
		if ctx.Err() != nil {
			return
		}
		t.read(ctx, s)
	}
}
