package catalog

import "github.com/stationmaster/stationmaster/deployer"

// codeKinds are those of pipelines and code.
var codeKinds = []deployer.Kind{
	{
		Name: "jenkins.build",
		Doc:  "a job is built and followed, stage by stage",
		Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable, Mutates: true, Gate: "proceed",
		Params: []deployer.Param{
			{Name: "job", Type: deployer.TypeText, Required: true, Doc: "with its folders"},
			{Name: "parameters", Type: deployer.TypeTexts, Doc: "{name: text}"},
			{Name: "proceed", Type: deployer.TypeRole, Default: "nobody", Doc: "as for rollout"},
		},
		Outputs: []deployer.Param{
			{Name: "number", Type: deployer.TypeNumber, Doc: "of the build"},
			{Name: "url", Type: deployer.TypeText, Doc: "of the build"},
		},
		Fails: []string{"build-failed", "rejected"},
	},
	{
		Name: "github.workflow",
		Doc:  "a workflow runs to its end; with find, one that begins by itself is found and followed",
		Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable, Mutates: true, Gate: "proceed",
		Reads: deployer.Reading{Param: "find", Values: []string{"true"}},
		Params: []deployer.Param{
			{Name: "repository", Type: deployer.TypeText, Required: true, Doc: "owner/name"},
			{Name: "workflow", Type: deployer.TypeText, Required: true, Doc: "its file"},
			{Name: "ref", Type: deployer.TypeText, Default: "the default branch", Doc: "branch or tag"},
			{Name: "inputs", Type: deployer.TypeTexts, Doc: "{id: text}; with find, what tells the run"},
			{Name: "find", Type: deployer.TypeFlag, Default: "false", Doc: "true: nothing is started"},
			{Name: "after", Type: deployer.TypeTime, Default: "the step's beginning", Doc: "with find: when it should begin"},
			{Name: "within", Type: deployer.TypeDuration, Default: "10m", Doc: "with find: how long after that at most"},
			{Name: "proceed", Type: deployer.TypeRole, Default: "nobody", Doc: "as for rollout"},
		},
		Outputs: []deployer.Param{
			{Name: "run", Type: deployer.TypeNumber, Doc: "its id"},
			{Name: "url", Type: deployer.TypeText, Doc: "of the run"},
		},
		Fails: []string{"not-begun", "run-failed", "rejected"},
	},
	{
		Name:   "github.check",
		Doc:    "a commit is ready; its required checks are green, and waited for while they run",
		Expect: "Every required check of the commit is green.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads,
		Params: []deployer.Param{
			{Name: "repository", Type: deployer.TypeText, Required: true, Doc: "owner/name"},
			{Name: "ref", Type: deployer.TypeText, Required: true, Doc: "tag or commit"},
			{Name: "reviews", Type: deployer.TypeNumber, Default: "0", Doc: "approving reviews of its pull requests"},
			{Name: "conversations", Type: deployer.TypeFlag, Default: "false", Doc: "no review conversation is open"},
			{Name: "touches", Type: deployer.TypeList, Doc: "paths, of which one has to be changed, such as CHANGELOG.md"},
		},
		Outputs: []deployer.Param{
			{Name: "url", Type: deployer.TypeText, Doc: "of the checks"},
		},
		Fails: []string{"red", "reviews", "conversations", "untouched"},
	},
	{
		Name:   "github.changes",
		Doc:    "what lies between two versions",
		Expect: "It is known what lies between the two versions.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads,
		Params: []deployer.Param{
			{Name: "repository", Type: deployer.TypeText, Required: true, Doc: "owner/name"},
			{Name: "from", Type: deployer.TypeText, Required: true, Doc: "tag or commit"},
			{Name: "to", Type: deployer.TypeText, Required: true, Doc: "tag or commit"},
			{Name: "touching", Type: deployer.TypeList, Doc: "paths, such as **/migrations/**"},
		},
		Outputs: []deployer.Param{
			{Name: "count", Type: deployer.TypeNumber, Doc: "commits"},
			{Name: "url", Type: deployer.TypeText, Doc: "the comparison"},
			{Name: "text", Type: deployer.TypeText, Doc: "a line each, with author and pull request"},
			{Name: "touched", Type: deployer.TypeFlag, Doc: "one of touching was changed"},
		},
	},
	{
		Name: "github.release",
		Doc:  "a release is made from a tag that exists",
		Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable,
		Params: []deployer.Param{
			{Name: "repository", Type: deployer.TypeText, Required: true, Doc: "owner/name"},
			{Name: "tag", Type: deployer.TypeText, Required: true, Doc: "which"},
			{Name: "message", Type: deployer.TypeMessage, Default: "the step's id", Doc: "its title and text"},
			{Name: "draft", Type: deployer.TypeFlag, Default: "false", Doc: "not yet public"},
		},
		Outputs: []deployer.Param{
			{Name: "url", Type: deployer.TypeText, Doc: "of the release"},
		},
	},
	{
		Name:   "github.file",
		Doc:    "a file is read",
		Expect: "The file is there.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads,
		Params: []deployer.Param{
			{Name: "repository", Type: deployer.TypeText, Required: true, Doc: "owner/name"},
			{Name: "path", Type: deployer.TypeText, Required: true, Doc: "of the file"},
		},
		Outputs: []deployer.Param{
			{Name: "text", Type: deployer.TypeText, Doc: "its content, at most 4,000 characters"},
			{Name: "url", Type: deployer.TypeText, Doc: "of the file"},
		},
		Fails: []string{"not-found"},
	},
}
