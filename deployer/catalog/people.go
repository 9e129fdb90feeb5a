package catalog

import "github.com/stationmaster/stationmaster/deployer"

// peopleKinds are those of what people are asked.
var peopleKinds = []deployer.Kind{
	{
		Name: "ask",
		Doc:  "somebody fills in a form; its inputs are this step's outputs",
		Work: deployer.WorkPeople, Scope: deployer.ScopeOnce,
		Asks: &deployer.Asks{Role: "role", Choices: []deployer.Option{{Choice: deployer.ChoiceDone, Leads: deployer.LeadDone}}},
		Params: []deployer.Param{
			{Name: "inputs", Type: deployer.TypeInputs, Required: true, Doc: "as at the top of a procedure"},
			{Name: "role", Type: deployer.TypeRole, Default: "requester", Doc: "who may"},
		},
	},
	{
		Name: "call",
		Doc:  "somebody of each role must be there; whoever has not pressed “I'm here” is written to, then escalated",
		Work: deployer.WorkPeople, Scope: deployer.ScopeOnce,
		Asks: &deployer.Asks{Roles: "roles", Choices: []deployer.Option{{Choice: deployer.ChoiceDone, Leads: deployer.LeadDone}}},
		Params: []deployer.Param{
			{Name: "roles", Type: deployer.TypeRoles, Required: true, Doc: "one person of each"},
			{Name: "link", Type: deployer.TypeURL, Escape: deployer.EscapeURL, Doc: "the meeting"},
		},
		Outputs: []deployer.Param{
			{Name: "present", Type: deployer.TypeList, Doc: "names"},
			{Name: "missing", Type: deployer.TypeList, Doc: "roles nobody came for"},
		},
		Fails: []string{"missing"},
	},
	{
		Name: "decide",
		Doc:  "somebody chooses one of several, with a reason where it says so",
		Work: deployer.WorkPeople, Scope: deployer.ScopeOnce,
		Asks: &deployer.Asks{Role: "role", Choices: []deployer.Option{{Choice: deployer.ChoiceDone, Leads: deployer.LeadDone}}},
		Params: []deployer.Param{
			{Name: "role", Type: deployer.TypeRole, Default: "requester", Doc: "who may"},
			{Name: "question", Type: deployer.TypeText, Default: "the title", Doc: "what is asked"},
			{Name: "choices", Type: deployer.TypeChoices, Required: true, Doc: "[{id, label, reason: true}]"},
			{Name: "default", Type: deployer.TypeChoice, Doc: "taken when its time is over"},
		},
		Outputs: []deployer.Param{
			{Name: "choice", Type: deployer.TypeChoice, Doc: "the id that was chosen"},
			{Name: "reason", Type: deployer.TypeText, Doc: "why"},
		},
	},
}
