package deployertest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

func TestTheJournalKeepsWhatAJournalPromises(t *testing.T) {
	RunJournal(t, func(*testing.T) Store { return NewJournal() })
}

// Whether it has landed or not, loading tells, and deciding again leads on.
func TestACommitEndsAsTheHookSays(t *testing.T) {
	for _, lands := range []bool{true, false} {
		j := NewJournal()
		x := begin(t, j, "web")
		seen := 0
		j.OnCommit(func(n int, c deployer.Commit) (bool, error) {
			if d, err := j.Load(t.Context(), c.After.ID); err != nil || d.Seq != c.Before.Seq {
				t.Errorf("the hook loads event %d, %v", d.Seq, err)
			}
			seen = n
			return lands, fmt.Errorf("sync: %w", deployer.ErrUnknown)
		})
		c := x.decide(deployer.Order{By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
		wantErr(t, j.Append(t.Context(), c), deployer.ErrUnknown)
		j.OnCommit(nil)
		want := c.Before
		if lands {
			want = c.After
		}
		if d, err := j.Load(t.Context(), c.After.ID); err != nil || d.Seq != want.Seq || seen != 2 || j.Commits() != 2 {
			t.Errorf("lands %v: it is at event %d, %v, after %d commits, of which the hook saw %d", lands, d.Seq, err, j.Commits(), seen)
		}
		if err := j.Append(t.Context(), c); lands != errors.Is(err, deployer.ErrConflict) {
			t.Errorf("lands %v: again it is %v", lands, err)
		}
	}
}

func TestABrokenJournalReadsNothing(t *testing.T) {
	j := NewJournal()
	x := begin(t, j, "web")
	broken := errors.New("input/output error")
	j.Break(broken)
	_, err := j.Load(t.Context(), x.d.ID)
	wantErr(t, err, broken)
	_, err = j.Started(t.Context(), "web")
	wantErr(t, err, broken)
	j.Break(nil)
	_, err = j.Load(t.Context(), x.d.ID)
	wantErr(t, err, nil)
}

// What a test lays into the mailbox is as good as what was committed.
func TestPutMessagesWait(t *testing.T) {
	j := NewJournal()
	arrivals, err := j.Arrivals(t.Context())
	wantErr(t, err, nil)
	j.Put(deployer.OutboxMessage{Message: deployer.Message{Channel: "C1", DedupKey: "more/1"}, Deployment: "tangerine-1"})
	<-arrivals
	m, err := j.Messages(t.Context(), "", 10)
	if err != nil || len(m) != 1 || m[0].Key == "" || m[0].Rev == 0 || m[0].At.IsZero() {
		t.Fatalf("there are %+v, %v", m, err)
	}
	j.Put(m[0])
	wantErr(t, j.Discard(t.Context(), m[0]), nil)
	if len(j.Waiting()) != 1 {
		t.Error("an older message was discarded for a newer one")
	}
}
