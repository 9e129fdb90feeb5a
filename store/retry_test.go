package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// A retry of many steps side by side is more than one commit takes.
func TestARetryOfManyFitsManyCommits(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	st := start("o", "web")
	st.Procedure = deployer.Procedure{ID: "p", SHA: "sha"}
	for i := range 70 {
		st.Procedure.Steps = append(st.Procedure.Steps, deployer.Step{ID: fmt.Sprint("s", i), Title: "Sign-off", Uses: deployer.KindConfirm, Timeout: time.Minute, With: deployer.Values{"role": {Text: "sre"}}})
	}
	c := begin(t, s, st)
	c.resolve()
	give := func(o deployer.Order, now time.Time) error {
		ev, m, err := telling.Decide(c.d, o, deployer.Facts{Now: now})
		if err != nil {
			return err
		}
		p := deployer.Pack(c.d, o, ev, m)
		if err := s.Append(t.Context(), p); err != nil {
			return err
		}
		c.d = p.After
		return nil
	}
	for _, now := range []time.Time{dawn, dawn.Add(time.Hour)} {
		for {
			due := deployer.Next(c.d, now).Due
			if len(due) == 0 {
				break
			}
			if err := give(deployer.Order{Command: due[0]}, now); err != nil {
				t.Fatal(err)
			}
		}
	}
	b := c.d.Broken()
	if err := give(deployer.Order{By: c.d.Requester, Nonce: "n", Command: deployer.Answer{Step: b.ID, Attempt: b.Attempt, Choice: deployer.ChoiceRetry}}, dawn.Add(time.Hour)); err != nil {
		t.Error(err)
	}
}
