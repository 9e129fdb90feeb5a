package bot

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	tagsWithin = time.Second      // how long a command waits for a list of tags
	tagsAgain  = 5 * time.Second  // a list is not read again sooner
	tagsFresh  = time.Minute      // as old as what is suggested may be
	tagsNone   = 10 * time.Minute // nor sooner than that where there is none
)

// tagLists remember which tags there are, so that a typing mistake is noticed
// at once. They are no proof: resolving looks the tag up itself. Safe for
// concurrent use.
type tagLists struct {
	systems Systems
	mu      sync.Mutex
	lists   map[string]tagList
}

type tagList struct {
	tags []string
	read time.Time
}

// lacks returns the tags of the service if they are known and tag is not among
// them. Only for a tag that was not seen before does it ask the system.
func (t *tagLists) lacks(ctx context.Context, service, tag string) []string {
	l := t.list(service)
	if slices.Contains(l.tags, tag) {
		return nil
	}
	if age := time.Since(l.read); age > tagsNone || age > tagsAgain && len(l.tags) > 0 {
		l = t.read(ctx, service)
	}
	if slices.Contains(l.tags, tag) {
		return nil
	}
	return l.tags
}

// known returns the tags of the service, asking the system where the answer is
// old. None: there is no list.
func (t *tagLists) known(ctx context.Context, service string) []string {
	l := t.list(service)
	if age := time.Since(l.read); service != "" && (age > tagsNone || age > tagsFresh && len(l.tags) > 0) {
		if again := t.read(ctx, service); len(again.tags) > 0 {
			return again.tags
		}
	}
	return l.tags
}

// has reports whether there is a list of the service's tags.
func (t *tagLists) has(service string) bool { return len(t.list(service).tags) > 0 }

func (t *tagLists) list(service string) tagList {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lists[service]
}

// read asks the system. Where that fails no tag is known to be wrong.
func (t *tagLists) read(ctx context.Context, service string) tagList {
	ctx, cancel := context.WithTimeout(ctx, tagsWithin)
	defer cancel()
	tags, err := t.systems.Tags(ctx, service)
	l := tagList{read: time.Now()}
	if err == nil {
		l.tags = tags
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lists == nil {
		t.lists = map[string]tagList{}
	}
	t.lists[service] = l
	return l
}

// warm reads the lists of all services, one after the other.
func (t *tagLists) warm(ctx context.Context, services []string) {
	for _, s := range services {
		if ctx.Err() != nil {
			return
		}
		t.read(ctx, s)
	}
}
