package tags

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// source has a list of each service, and counts how often it is asked.
type source struct {
	lists map[string][]string
	asked int
}

func (s *source) Tags(_ context.Context, service string) ([]string, error) {
	s.asked++
	if l, ok := s.lists[service]; ok {
		return l, nil
	}
	return nil, errors.New("it is silent")
}

// A tag that was seen costs no question, nor does one that is missed in a list that is new.
func TestTagsAreLookedUpOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := &source{lists: map[string][]string{"web": {"v2", "v1"}}}
	l := New(s)
	if l.Has("web") || l.LastRead("web") != nil || s.asked != 0 {
		t.Errorf("before anybody asks, %d times was asked", s.asked)
	}
	for range 3 {
		if got := l.Lacks(ctx, "web", "v1"); got != nil {
			t.Errorf("v1 is there, and of %v", got)
		}
		if got := l.Lacks(ctx, "web", "v3"); !slices.Equal(got, []string{"v2", "v1"}) {
			t.Errorf("v3 is missed in %v", got)
		}
	}
	if got := l.Known(ctx, "web"); s.asked != 1 || !slices.Equal(got, l.LastRead("web")) {
		t.Errorf("%v after %d questions", got, s.asked)
	}
}

// Where a system does not answer, no tag is known to be wrong.
func TestWithoutAListNoTagIsWrong(t *testing.T) {
	t.Parallel()
	s := &source{}
	l := New(s)
	for range 2 {
		if got := l.Lacks(context.Background(), "api", "v1"); got != nil || l.Has("api") {
			t.Errorf("v1 is missed in %v", got)
		}
	}
	if s.asked != 1 {
		t.Errorf("it was asked %d times", s.asked)
	}
}
