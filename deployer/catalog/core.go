package catalog

import "github.com/stationmaster/stationmaster/deployer"

// coreKinds are those of what the bot does with its own record and with Slack.
var coreKinds = []deployer.Kind{
	{
		Name:   "access",
		Doc:    "the bot may do all that the later steps will, seen by asking each system, so that nothing is missing at night",
		Expect: "Nothing that later steps need is forbidden to the bot.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads,
		Fails: []string{"denied"},
	},
	{
		Name:   "history",
		Doc:    "the bot's own record knows of an earlier deployment",
		Expect: "The record has it.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads,
		Params: []deployer.Param{
			{Name: "environment", Type: deployer.TypeText, Required: true, Doc: "where"},
			{Name: "stable", Type: deployer.TypeDuration, Doc: "this version was completed there at least that long ago and has had no failure since"},
			{Name: "procedure", Type: deployer.TypeText, Doc: "instead: this procedure was completed there"},
			{Name: "within", Type: deployer.TypeDuration, Doc: "with procedure: at most that long ago"},
		},
		Outputs: []deployer.Param{
			{Name: "deployment", Type: deployer.TypeText, Doc: "its id"},
			{Name: "since", Type: deployer.TypeTime, Doc: "when it was complete"},
		},
		Fails: []string{"not-found", "too-young"},
	},
	{
		Name: "channel",
		Doc:  "a channel of Slack is found or created, and people invited; steps after it may announce there",
		Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable,
		Params: []deployer.Param{
			{Name: "name", Type: deployer.TypeText, Required: true, Doc: "its name, without #"},
			{Name: "as", Type: deployer.TypeText, Required: true, Doc: "the name that to has for it"},
			{Name: "invite", Type: deployer.TypeRoles, Doc: "who"},
			{Name: "topic", Type: deployer.TypeText, Doc: "its topic"},
		},
		Outputs: []deployer.Param{
			{Name: "url", Type: deployer.TypeText, Doc: "of the channel"},
		},
		Fails: []string{"denied"},
	},
	{
		Name: "promote",
		Doc:  "a held rollout goes on, to its next hold or to the end; nothing is left of the hold after the end",
		Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatConditional, Mutates: true, Deploys: true, OfTarget: true,
		Fails: []string{"crash-loop", "image-pull", "unschedulable", "quota", "stalled", "replaced", "refused"},
	},
}
