package workspace

import "context"

// Scheduled is a message that waits for its time.
type Scheduled struct {
	ID, Channel string
	At, Created int64
	Text        string
	Cancel      context.CancelFunc
}
