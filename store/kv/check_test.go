package kv_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/store/kv"
)

// TestBatchesAtTheLimitsAreChecked has the cases next to each limit. What backends make of them is in
// kvtest.
func TestBatchesAtTheLimitsAreChecked(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", kv.KeyMax)
	for _, test := range []struct {
		name  string
		batch kv.Batch
		want  error
	}{
		{"nothing", kv.Batch{}, nil},
		{"a condition on a key that is put", kv.Batch{If: []kv.Match{{Key: "a"}}, Put: []kv.Entry{{Key: "a"}}}, nil},
		{"a condition on a key that is deleted", kv.Batch{If: []kv.Match{{Key: "a"}}, Delete: []string{"a"}}, nil},
		{"put and deleted", kv.Batch{Put: []kv.Entry{{Key: "a"}}, Delete: []string{"a"}}, kv.ErrInvalid},
		{"two conditions on a key", kv.Batch{If: []kv.Match{{Key: "a"}, {Key: "a", Rev: 1}}}, kv.ErrInvalid},
		{"64 puts", kv.Batch{Put: puts(64)}, nil},
		{"65 puts", kv.Batch{Put: puts(65)}, kv.ErrTooBig},
		{"a key of 512 bytes", kv.Batch{Delete: []string{long}}, nil},
		{"a key of 513 bytes", kv.Batch{Delete: []string{long + "k"}}, kv.ErrTooBig},
		{"a NUL", kv.Batch{Delete: []string{"a\x00b"}}, kv.ErrInvalid},
		{"an empty key", kv.Batch{Put: []kv.Entry{{}}}, kv.ErrInvalid},
		{"1 MiB", kv.Batch{Put: []kv.Entry{{Key: "a", Value: make([]byte, kv.BatchBytesMax-2)}}, Delete: []string{"b"}}, nil},
		{"1 MiB and a byte", kv.Batch{Put: []kv.Entry{{Key: "a", Value: make([]byte, kv.BatchBytesMax-2)}}, Delete: []string{"bb"}}, kv.ErrTooBig},
	} {
		if err := kv.Check(test.batch); !errors.Is(err, test.want) || (err != nil) != (test.want != nil) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

func puts(n int) []kv.Entry {
	var all []kv.Entry
	for i := range n {
		all = append(all, kv.Entry{Key: fmt.Sprint(i)})
	}
	return all
}
