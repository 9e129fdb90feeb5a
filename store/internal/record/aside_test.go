package record

import (
	"fmt"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// Deployments that follow the same procedure share it in memory, and that it is
// remembered hides no damage.
func TestProceduresAreSharedAndStillProven(t *testing.T) {
	t.Parallel()
	start := deployer.Start{Procedure: deployer.Procedure{ID: "p", SHA: "sha", Steps: []deployer.Step{{ID: "ready"}}}}
	b, blobs, err := Commit{Seq: 1, Events: []deployer.Event{deployer.Created{ID: "tangerine-1", Start: start}}}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	aside := asideOf(blobs)
	aside.Procedures = &Procedures{}
	steps := func() *deployer.Step {
		c, err := DecodeCommit(b, aside)
		if err != nil {
			t.Fatal(err)
		}
		return &c.Events[0].(deployer.Created).Start.Procedure.Steps[0]
	}
	if first, second := steps(), steps(); first != second {
		t.Error("each has a procedure of its own")
	}
	for hash := range blobs {
		blobs[hash] = append(blobs[hash], ' ')
	}
	if c, err := DecodeCommit(b, aside); err == nil {
		t.Errorf("what was changed is read as %v", c)
	}
}

func TestOnlySoManyProceduresAreRemembered(t *testing.T) {
	t.Parallel()
	var all Procedures
	for i := range 2 * proceduresMax {
		hash := fmt.Sprint(i)
		all.put(hash, deployer.Procedure{ID: hash})
		if p, ok := all.get(hash); !ok || p.ID != hash || len(all.all) > proceduresMax {
			t.Fatalf("after %d procedures %d are remembered, and the last is %q, %v", i+1, len(all.all), p.ID, ok)
		}
	}
}
