package app_test

import (
	"strings"
	"testing"
)

const aloneProcedure = `
id: alone
title: Nobody else
phases:
  - id: go
    steps:
      - {id: alone, title: Others are kept away, uses: lock, with: {for: 2h, reason: A migration, everything: true}}
      - {id: migrated, title: It is migrated, uses: confirm}
`

// A step of a procedure keeps other deployments away, of whoever it is, until its
// deployment has ended.
func TestStepKeepsOtherDeploymentsAway(t *testing.T) {
	t.Parallel()
	tw := newAppFixture(t, plan{
		files: map[string]string{"procedures/alone.yaml": aloneProcedure},
		config: func(text string) string {
			return strings.Replace(text, "{short: developers}", "{alone: developers}", 1)
		},
	})
	tw.starts("ana", "/deploy web v2 --procedure alone")
	tw.shows("Waiting for ana: It is migrated")
	for _, who := range []string{"ana", "bob"} {
		if said := tw.says(who, "/deploy api v2 --procedure alone"); !strings.Contains(said, "A migration") {
			t.Errorf("%s is told %q", who, said)
		}
	}
	tw.presses("ana", "Done")
	tw.shows("Nothing was rolled out")
	tw.starts("bob", "/deploy api v2 --procedure alone")
	tw.presses("bob", "Done")
	tw.shows("Nothing was rolled out")
}
