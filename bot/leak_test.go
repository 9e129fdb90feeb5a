package bot

import (
	"bytes"
	"context"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Every goroutine that a test starts, and every one that these start, bears the
// label of its fixture: tests run side by side, and each of them looks for what
// its own bot has left behind.
const leakLabel = "fixture"

var fixtures atomic.Int64

// labelGoroutines labels the test's goroutine, and whatever it starts from now on.
// The returned check fails the test if anything of that still runs.
func labelGoroutines(t testing.TB) (check func()) {
	label := strconv.FormatInt(fixtures.Add(1), 10)
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels(leakLabel, label)))
	return func() {
		t.Helper()
		pprof.SetGoroutineLabels(context.Background())
		if left := labelled(label, time.Second); left != "" {
			t.Errorf("goroutines are left behind:\n%s", left)
		}
	}
}

// labelled waits until no goroutine bears the label; what still does after that
// time is returned as stacks.
func labelled(label string, within time.Duration) (left string) {
	mark := "# labels: {" + strconv.Quote(leakLabel) + ":" + strconv.Quote(label) + "}"
	for wait := time.Millisecond; ; wait *= 2 {
		var all bytes.Buffer
		if err := pprof.Lookup("goroutine").WriteTo(&all, 1); err != nil {
			return err.Error()
		}
		left = ""
		for stack := range strings.SplitSeq(all.String(), "\n\n") {
			if strings.Contains(stack, mark) {
				left += stack + "\n\n"
			}
		}
		if left == "" || wait > within {
			return left
		}
		time.Sleep(wait)
	}
}

// What is left behind is found: a check that finds nothing would prove nothing.
func TestGoroutineLeftBehindIsFound(t *testing.T) {
	t.Parallel()
	label := strconv.FormatInt(fixtures.Add(1), 10)
	begun, over := make(chan struct{}), make(chan struct{})
	pprof.Do(context.Background(), pprof.Labels(leakLabel, label), func(context.Context) {
		go func() { // one that another one starts
			go func() {
				close(begun)
				<-over
			}()
		}()
	})
	<-begun
	if left := labelled(label, 0); !strings.Contains(left, "TestGoroutineLeftBehindIsFound") {
		t.Errorf("of one goroutine there is %q", left)
	}
	close(over)
	if left := labelled(label, time.Second); left != "" {
		t.Errorf("it has ended, and there is %q", left)
	}
}
