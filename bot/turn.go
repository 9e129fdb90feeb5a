package bot

import (
	"context"
	"time"
)

// pass waits for a turn at a gate. It reports whether there was one before ctx
// ended.
func (g *gate) pass(ctx context.Context) bool {
	for !g.take(time.Now()) {
		if !sleep(ctx, max(time.Until(g.open(time.Now())), time.Millisecond)) {
			return false
		}
	}
	return true
}
