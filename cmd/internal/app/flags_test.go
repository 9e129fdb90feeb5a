package app_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// The flags of a command, from what is typed to what runs.
func TestFlagsReachWhatRuns(t *testing.T) {
	t.Parallel()
	tw := newAppFixture(t, plan{})
	for text, part := range map[string]string{
		"/deploy web v2 --procedure short":                                     "Add for example: --input risk=low",
		"/deploy web v2 --procedure short --input risk=lwo":                    "Did you mean low?",
		"/deploy web v2 --procedure short --input rsk=low":                     "Did you mean risk?",
		"/deploy web v2 --procedure shrot":                                     "Did you mean short?",
		"/deploy web v2 --env stagin":                                          "Did you mean staging?",
		"/deploy web v2 --procedure short --input risk=low --dry-run":          "A short one",
		"/deploy web v2 api v2 --env staging --dry-run":                        "in tangerine staging",
		"/deploy web v2 --procedure short --input risk=low --at 22:00":         "does not wait for a planned start",
		"/deploy web v2 --at banana":                                           "is not a time",
		"/deploy web v2 --procedure short --input risk=low --input risk=high":  "twice",
		"/deploy web v2 --procedure short --input risk=low --reason \"\" ":     "--reason is empty",
		"/deploy rollback web --env staging":                                   "nothing to go back to",
		"/deploy rollback tangerine-1 --dry-run":                               "no deployment",
		"/deploy versions web --env staging":                                   "*Tangerine staging*",
		"/deploy history --env staging":                                        "None yet.",
		"/deploy web v9 --procedure short --input risk=low --env staging":      `web has no tag "v9"`,
		"/deploy web v2 --procedure deployment --input size=big --env staging": "no input",
	} {
		if said := tw.says("eve", text); !strings.Contains(said, part) {
			t.Errorf("%s: %q has no %q", text, said, part)
		}
	}
	tw.starts("ana", `/deploy web v2 --env staging --procedure short --input risk=high --reason "try it"`)
	tw.presses("ana", "Done")
	tw.shows("Complete, not proven.")
	if prod, staging := tw.runs("prod", "web").tag(), tw.runs("staging", "web").tag(); prod != "v1" || staging != "v2" {
		t.Errorf("prod runs %s and staging %s", prod, staging)
	}
	all := slices.Collect(maps.Values(tw.deployments()))
	if len(all) != 1 {
		t.Fatalf("%d deployments: what was refused has started something", len(all))
	}
	if d := all[0]; d.Status != deployer.Complete || d.Site.Environment != "staging" || d.Procedure.ID != "short" || d.Inputs["risk"] != "high" || d.Reason != "try it" {
		t.Errorf("it is %+v", d)
	}
}

// Two services that are containers of one workload can't be rolled out together:
// one would wait for a revision that the other has replaced.
func TestTwoServicesOfOneWorkloadAreNotRolledOutTogether(t *testing.T) {
	t.Parallel()
	tw := newAppFixture(t, plan{config: func(text string) string { return strings.ReplaceAll(text, "deployment/api", "deployment/web") }})
	tw.starts("ana", "/deploy web v2 api v2")
	tw.eventually("Ana is told", func() bool {
		return slices.ContainsFunc(tw.slack.Ephemerals("ana"), func(m emulator.Message) bool {
			return strings.Contains(m.Text, "web and api both run in deployment/web. Deploy them one after the other.")
		})
	})
	tw.upgrade("web v2")
}

// One service in two environments is two places.
func TestEnvironmentsAreIndependent(t *testing.T) {
	t.Parallel()
	tw := newAppFixture(t, plan{})
	tw.starts("ana", "/deploy web v2")
	tw.starts("eve", "/deploy web v2 --env staging")
	if said := tw.says("eve", "/deploy web v6"); !strings.Contains(said, "web in tangerine prod is being deployed by ana") || !strings.Contains(said, "/deploy stop tangerine-1") {
		t.Errorf("it says %s", said)
	}
	tw.says("ana", "/deploy stop tangerine-1") // which has a card by now, or never will
	tw.starts("eve", "/deploy web v6")         // a place is left behind by nobody (deployphp 3335), nor a number by what was refused
	all := tw.deployments()
	if last := all["tangerine-3"]; len(all) != 3 || last.Requester.Name != "eve" || last.Releases[0].Tag != "v6" {
		t.Errorf("there are %d deployments, the last is %+v by %+v", len(all), last.Releases, last.Requester)
	}
}

// The record of a deployment: who, when, what, where, why, and how it stands.
func TestHistoryTellsAll(t *testing.T) {
	t.Parallel()
	tw := newAppFixture(t, plan{})
	tw.starts("ana", `/deploy web v2 --env staging --procedure short --input risk=low --reason "orders are stuck"`)
	tw.presses("ana", "Done")
	tw.shows("Complete, not proven.")
	tw.starts("eve", `/deploy api v2`)
	tw.says("eve", `/deploy stop tangerine-2 --reason "not today"`)
	tw.says("bob", "/deploy api v1") // live already
	tw.eventually("that is known", func() bool { return len(tw.slack.Ephemerals("bob")) > 0 })
	said := tw.says("rosa", "/deploy history")
	for _, line := range []string{
		"⚪ web `v2`", "tangerine-1", "*done after ", " · staging · ana · ", "“orders are stuck”",
		"⚪ api `v2`", "tangerine-2", "*stopped after ", " · prod · eve · ", "not today",
		"⚪ api `v1`", "tangerine-3", "*refused*", " · prod · bob · ", "api v1 is already live. Nothing was done.",
		"<!date^",
	} {
		if !strings.Contains(said, line) {
			t.Errorf("%q is missing in\n%s", line, said)
		}
	}
}
