package catalog

import "github.com/stationmaster/stationmaster/deployer"

// clusterKinds are those of Kubernetes, the registry and jobs.
var clusterKinds = []deployer.Kind{
	{
		Name: "promote",
		Doc:  "a held rollout goes on, to its next hold or to the end; nothing is left of the hold after the end",
		Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatConditional, Mutates: true, Deploys: true, OfTarget: true,
		Fails: []string{"crash-loop", "image-pull", "unschedulable", "quota", "stalled", "replaced", "refused"},
	},
	{
		Name:   "kubernetes.check",
		Doc:    "it is the cluster that the config means, and what runs now is healthy",
		Expect: "It is the right cluster, and what runs now is healthy.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads,
		Fails: []string{"wrong-cluster", "crash-loop", "not-ready", "no-endpoints"},
	},
	{
		Name:   "registry.check",
		Doc:    "the image is there, for every platform",
		Expect: "The image is in the registry, for every platform.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads,
		Params: []deployer.Param{
			{Name: "platforms", Type: deployer.TypeList, Default: "[linux/amd64]", Doc: "which"},
		},
		Outputs: []deployer.Param{
			{Name: "digest", Type: deployer.TypeText, Doc: "sha256"},
			{Name: "created", Type: deployer.TypeTime, Doc: "when it was built"},
		},
		Fails: []string{"not-found", "no-platform"},
	},
	{
		Name: "job.run",
		Doc:  "a command runs once, in a Job or in a pod that runs already; its end goes into the thread",
		Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatConditional, Mutates: true,
		Params: []deployer.Param{
			{Name: "command", Type: deployer.TypeText, Required: true, Escape: deployer.EscapeShell, Doc: "for a shell"},
			{Name: "in", Type: deployer.TypeText, Options: []string{"job", "pod"}, Default: "job", Doc: "where"},
			{Name: "image", Type: deployer.TypeText, Options: []string{"new", "current"}, Default: "new", Doc: "of the service"},
			{Name: "output", Type: deployer.TypePattern, Doc: "what must be in its output"},
			{Name: "outputs", Type: deployer.TypeOutputs, Doc: "{name: pattern with one group}"},
		},
		Outputs: []deployer.Param{
			{Name: "output", Type: deployer.TypeText, Doc: "its last lines"},
		},
		Fails: []string{"exit-code", "output", "image-pull"},
	},
}
