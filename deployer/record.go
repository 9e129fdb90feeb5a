package deployer

import "time"

// A Record is one commit in the history of a deployment, as it was written.
type Record struct {
	Seq    int       // the number of its first event; the first record's is 1
	At     time.Time // when it was written
	Hash   string    // of this record
	Prev   string    // of the record before it; "" for the first
	Events []Event
}
