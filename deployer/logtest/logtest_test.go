package logtest

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

func TestBookKeepsWhatManyWriteAtOnce(t *testing.T) {
	var b Book
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() { fmt.Fprintln(&b, "line", i) })
	}
	all.Wait()
	if n := strings.Count(b.String(), "\n"); n != 20 {
		t.Errorf("it has %d lines, want 20", n)
	}
}

func TestTailIsTheLastLines(t *testing.T) {
	var b Book
	if got := b.Tail(3); got != "" {
		t.Errorf("the tail of nothing is %q", got)
	}
	fmt.Fprint(&b, "one\ntwo\nthree\n")
	for lines, want := range map[int]string{1: "three", 2: "two\nthree", 9: "one\ntwo\nthree"} {
		if got := b.Tail(lines); got != want {
			t.Errorf("the last %d lines are %q, want %q", lines, got, want)
		}
	}
}

func TestLogIsShownWhereItsVariableAsksForIt(t *testing.T) {
	for value, shown := range map[string]bool{"": false, "1": true} {
		t.Setenv(Variable, value)
		if got := Logger().Enabled(context.Background(), slog.LevelInfo); got != shown {
			t.Errorf("%s=%q: shown %t, want %t", Variable, value, got, shown)
		}
	}
}
