package store

import (
	"errors"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
	"github.com/stationmaster/stationmaster/store/kv"
)

// What waits for its place holds none, is found among what is live, and takes its place
// when that is free, and not before.
func TestWhoWaitsTakesTheirPlaceOnce(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	first := begin(t, s, start("o", "web"))
	first.resolve()
	c := &fixture{TB: t, s: s, now: dawn}
	cmd := start("p", "web", "api")
	cmd.Wait = true
	id, err := s.Allocate(t.Context(), "tangerine")
	if err != nil {
		t.Fatal(err)
	}
	facts := deployer.Facts{Now: dawn, ID: id, Holders: map[string]deployer.Deployment{"tangerine/prod/web": first.d}}
	o := deployer.Order{By: ana, Nonce: "p", Command: cmd}
	events, messages, err := telling.Decide(deployer.Deployment{}, o, facts)
	if err != nil {
		t.Fatal(err)
	}
	created := deployer.Pack(deployer.Deployment{}, o, events, messages)
	if err := s.Append(t.Context(), created); err != nil {
		t.Fatal(err)
	}
	if c.d = created.After; len(created.Claim) > 0 || len(messages) != 1 || !messages[0].IsCard() {
		t.Errorf("it claims %v, and sends %+v", created.Claim, messages)
	}
	verifies(t, s)
	wakeups, err := s.Wakeups(t.Context())
	if err != nil || !wakeups[id].Queued || wakeups[first.d.ID].Queued {
		t.Errorf("wakeups are %+v, %v", wakeups, err)
	}
	took := c.decide(deployer.Order{Command: deployer.Resolve{Targets: c.targets()}}) // it is not known that the place is taken
	if err := s.Append(t.Context(), took); !errors.Is(err, deployer.ErrConflict) {
		t.Errorf("a place is taken by two: %v", err)
	}
	verifies(t, s)
	first.do(deployer.Order{By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
	took = c.decide(deployer.Order{Command: deployer.Resolve{Targets: c.targets()}})
	if err := s.Append(t.Context(), took); err != nil {
		t.Fatal(err)
	}
	c.d = took.After
	holders, err := s.Holders(t.Context(), c.d.Places())
	if err != nil || len(holders) != 2 || holders["tangerine/prod/api"] != id {
		t.Errorf("the places are %v, %v", holders, err)
	}
	verifies(t, s)
	place := scanAll(t, s, placePrefix)[0]
	if err := s.kv.Commit(t.Context(), kv.Batch{Delete: []string{place.Key}}); err != nil {
		t.Fatal(err)
	}
	wantSays(t, s.VerifyAll(t.Context()), place.Key)
	put(t, s, place)
	if wakeups, err = s.Wakeups(t.Context()); err != nil || wakeups[id].Queued {
		t.Errorf("wakeups are %+v, %v", wakeups, err)
	}
	c.do(deployer.Order{By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
	verifies(t, s)
}
