package deployertest

import "context"

type pin struct{ kind, name string }

// Pinned returns the id that a name of a kind is remembered by, or "".
func (j *Journal) Pinned(ctx context.Context, kind, name string) (string, error) {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return "", err
	}
	return j.pins[pin{kind, name}], nil
}

// Pin remembers an id for a name of a kind, in the place of any other.
func (j *Journal) Pin(ctx context.Context, kind, name, id string) error {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return err
	}
	j.pins[pin{kind, name}] = id
	return nil
}
