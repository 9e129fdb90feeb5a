package catalog

import "github.com/stationmaster/stationmaster/deployer"

// measureKinds are those of what can be measured.
var measureKinds = []deployer.Kind{
	{
		Name:   "prometheus.check",
		Doc:    "figures are as they should be, once or over a time; no data is not healthy",
		Expect: "Every figure is within its limits.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads,
		Params: []deployer.Param{
			{Name: "checks", Type: deployer.TypeChecks, Required: true, Escape: deployer.EscapePromQL, Doc: "[{name, query, below, above, before: at most so many times what it was before the rollout, baseline: at most so many times what the old pods show now; critical: one bad is enough}]; without query, the config's query of that name; with baseline the query holds {pods} and is asked for the new and for the old ones"},
			{Name: "for", Type: deployer.TypeDuration, Default: "once", Doc: "how long they are watched"},
			{Name: "while", Type: deployer.TypeSteps, Doc: "instead of for: as long as these steps beside it wait for people; a turn to bad fails it, and they are asked no more"},
			{Name: "samples", Type: deployer.TypeNumber, Default: "5", Doc: "fewer than that are inconclusive"},
			{Name: "dry_run", Type: deployer.TypeFlag, Default: "false", Doc: "true: only looked at and kept; it says what it would have done"},
		},
		Outputs: []deployer.Param{
			{Name: "url", Type: deployer.TypeText, Doc: "of the graph"},
			{Name: "verdict", Type: deployer.TypeText, Doc: "good, bad, inconclusive or no-data"},
		},
		Fails: []string{"threshold", "worse", "inconclusive", "no-data"},
	},
	{
		Name:   "grafana.check",
		Doc:    "the queries of a dashboard are as its thresholds say",
		Expect: "Every query of the dashboard is within its thresholds.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads,
		Params: []deployer.Param{
			{Name: "dashboard", Type: deployer.TypeText, Required: true, Doc: "its uid"},
			{Name: "variables", Type: deployer.TypeTexts, Doc: "{name: text}"},
			{Name: "for", Type: deployer.TypeDuration, Default: "once", Doc: "how long they are watched"},
			{Name: "dry_run", Type: deployer.TypeFlag, Default: "false", Doc: "true: only looked at and kept; it says what it would have done"},
		},
		Outputs: []deployer.Param{
			{Name: "url", Type: deployer.TypeText, Doc: "of the dashboard, at the right time"},
		},
		Fails: []string{"threshold", "worse", "no-data"},
	},
	{
		Name:   "alertmanager.check",
		Doc:    "no alert fires",
		Expect: "No alert fires.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads,
		Params: []deployer.Param{
			{Name: "match", Type: deployer.TypeTexts, Required: true, Doc: "{label: text}"},
			{Name: "for", Type: deployer.TypeDuration, Default: "once", Doc: "how long it is watched"},
		},
		Outputs: []deployer.Param{
			{Name: "firing", Type: deployer.TypeList, Doc: "names"},
		},
		Fails: []string{"firing"},
	},
	{
		Name: "alertmanager.silence",
		Doc:  "alerts are silent until this deployment has ended, at the longest for a time",
		Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable,
		Params: []deployer.Param{
			{Name: "match", Type: deployer.TypeTexts, Required: true, Doc: "{label: text}"},
			{Name: "for", Type: deployer.TypeDuration, Required: true, Doc: "at the longest"},
		},
		Outputs: []deployer.Param{
			{Name: "id", Type: deployer.TypeText, Doc: "of the silence"},
		},
	},
}
