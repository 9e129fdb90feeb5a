package deployertest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// ID tells this journal from every other one.
func (j *Journal) ID() string { return j.id }

// Head is the present end of the chain of all commits, as one short text.
func (j *Journal) Head(ctx context.Context) (string, error) {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d-%s", j.records(), j.id), nil
}

// Holds says whether a Head was one of this journal.
func (j *Journal) Holds(ctx context.Context, head string) error {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return err
	}
	number, id, _ := strings.Cut(head, "-")
	n, err := strconv.Atoi(number)
	switch {
	case err != nil || n < 0:
		return fmt.Errorf("%q is no head of a journal", head)
	case id != j.id || n > j.records():
		return fmt.Errorf("the journal does not hold %s: it ends with record %d", head, j.records())
	}
	return nil
}

// records is how many commits with events there were.
func (j *Journal) records() int {
	n := 0
	for _, h := range j.histories {
		n += len(h.records)
	}
	return n
}
