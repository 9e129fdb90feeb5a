package catalog

import "github.com/stationmaster/stationmaster/deployer"

// clientsKinds are those of clients, calendars, tickets, people on call.
var clientsKinds = []deployer.Kind{
	{
		Name: "statuspage.schedule",
		Doc:  "a scheduled maintenance is made, which begins by itself and never ends by itself; later steps mean it",
		Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable,
		Params: []deployer.Param{
			{Name: "message", Type: deployer.TypeMessage, Default: "the step's id", Doc: "title and text for clients"},
			{Name: "start", Type: deployer.TypeTime, Default: "planned", Doc: "when it begins"},
			{Name: "end", Type: deployer.TypeTime, Required: true, Doc: "when it should end"},
			{Name: "components", Type: deployer.TypeList, Default: "those of the retailer's config", Doc: "which"},
			{Name: "review", Type: deployer.TypeRole, Default: "requester", Doc: "who reads and edits the words first"},
		},
		Outputs: []deployer.Param{
			{Name: "id", Type: deployer.TypeText, Doc: "of the maintenance"},
			{Name: "url", Type: deployer.TypeText, Doc: "of its page"},
		},
		Fails: []string{"refused"},
	},
	{
		Name:   "statuspage.find",
		Doc:    "a maintenance that somebody else has scheduled for a time is found; later steps mean it",
		Expect: "It is known whether a maintenance covers that time.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads,
		Params: []deployer.Param{
			{Name: "at", Type: deployer.TypeTime, Required: true, Doc: "it covers this moment"},
		},
		Outputs: []deployer.Param{
			{Name: "found", Type: deployer.TypeFlag, Doc: "there is one"},
			{Name: "id", Type: deployer.TypeText, Doc: "of the maintenance"},
			{Name: "url", Type: deployer.TypeText, Doc: "of its page"},
			{Name: "end", Type: deployer.TypeTime, Doc: "when it should end"},
		},
	},
	{
		Name:   "statuspage.started",
		Doc:    "the maintenance is seen to be in progress",
		Expect: "The maintenance is in progress.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads,
		Fails: []string{"not-begun", "closed"},
	},
	{
		Name: "statuspage.update",
		Doc:  "clients read something new",
		Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable,
		Params: []deployer.Param{
			{Name: "message", Type: deployer.TypeMessage, Default: "the step's id", Doc: "title and text for clients"},
			{Name: "review", Type: deployer.TypeRole, Default: "requester", Doc: "who reads and edits the words first"},
		},
	},
	{
		Name:   "statuspage.complete",
		Doc:    "the maintenance is completed, early if need be, and its components are seen to be operational",
		Expect: "The maintenance is completed, and its components are operational.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatConditional,
		Params: []deployer.Param{
			{Name: "message", Type: deployer.TypeMessage, Default: "the step's id", Doc: "title and text for clients"},
			{Name: "review", Type: deployer.TypeRole, Default: "requester", Doc: "who reads and edits the words first"},
		},
		Fails: []string{"refused", "not-operational"},
	},
	{
		Name: "calendar.event",
		Doc:  "an event is made and people are invited; overlaps are shown",
		Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatConditional,
		Params: []deployer.Param{
			{Name: "calendar", Type: deployer.TypeText, Required: true, Doc: "its name in the config"},
			{Name: "title", Type: deployer.TypeText, Required: true, Doc: "of the event"},
			{Name: "text", Type: deployer.TypeText, Doc: "its description"},
			{Name: "start", Type: deployer.TypeTime, Default: "planned", Doc: "when"},
			{Name: "end", Type: deployer.TypeTime, Required: true, Doc: "until when"},
			{Name: "guests", Type: deployer.TypeRoles, Doc: "who is invited"},
		},
		Outputs: []deployer.Param{
			{Name: "id", Type: deployer.TypeText, Doc: "of the event"},
			{Name: "url", Type: deployer.TypeText, Doc: "of the event"},
			{Name: "overlaps", Type: deployer.TypeList, Doc: "titles"},
		},
	},
	{
		Name:   "calendar.find",
		Doc:    "the first event of a calendar that matches",
		Expect: "It is known whether there is such an event.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads,
		Params: []deployer.Param{
			{Name: "calendar", Type: deployer.TypeText, Required: true, Doc: "its name in the config"},
			{Name: "match", Type: deployer.TypeText, Required: true, Doc: "what its title contains"},
			{Name: "from", Type: deployer.TypeTime, Default: "now", Doc: "at the earliest"},
			{Name: "to", Type: deployer.TypeTime, Required: true, Doc: "at the latest"},
		},
		Outputs: []deployer.Param{
			{Name: "found", Type: deployer.TypeFlag, Doc: "there is one"},
			{Name: "id", Type: deployer.TypeText, Doc: "of the event"},
			{Name: "title", Type: deployer.TypeText, Doc: "of the event"},
			{Name: "url", Type: deployer.TypeText, Doc: "of the event"},
			{Name: "start", Type: deployer.TypeTime, Doc: "when"},
			{Name: "end", Type: deployer.TypeTime, Doc: "until when"},
		},
	},
	{
		Name: "jira.ticket",
		Doc:  "a ticket is found by its key, or made",
		Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable,
		Params: []deployer.Param{
			{Name: "ticket", Type: deployer.TypeText, Doc: "its key"},
			{Name: "project", Type: deployer.TypeText, Required: true, Doc: "where it is made"},
			{Name: "type", Type: deployer.TypeText, Default: "Task", Doc: "what it is made as"},
			{Name: "summary", Type: deployer.TypeText, Required: true, Doc: "of a new one"},
		},
		Outputs: []deployer.Param{
			{Name: "key", Type: deployer.TypeText, Doc: "such as CC-123"},
			{Name: "url", Type: deployer.TypeText, Doc: "of the ticket"},
			{Name: "status", Type: deployer.TypeText, Doc: "of the ticket"},
		},
		Fails: []string{"not-found"},
	},
	{
		Name: "jira.update",
		Doc:  "a ticket is moved on, commented, and given the record of this deployment",
		Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable,
		Params: []deployer.Param{
			{Name: "ticket", Type: deployer.TypeText, Required: true, Doc: "its key"},
			{Name: "status", Type: deployer.TypeText, Doc: "where it is moved to"},
			{Name: "comment", Type: deployer.TypeText, Doc: "what is written"},
			{Name: "attach", Type: deployer.TypeFlag, Default: "false", Doc: "the record up to here"},
		},
		Fails: []string{"no-transition"},
	},
	{
		Name: "page.send",
		Doc:  "somebody is paged; done when it is acknowledged",
		Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatDeduplicated,
		Params: []deployer.Param{
			{Name: "role", Type: deployer.TypeRole, Required: true, Doc: "who"},
			{Name: "text", Type: deployer.TypeText, Required: true, Doc: "what they read"},
		},
		Outputs: []deployer.Param{
			{Name: "acknowledged_by", Type: deployer.TypeText, Doc: "their name"},
			{Name: "url", Type: deployer.TypeText, Doc: "of the alert"},
		},
		Fails: []string{"unanswered"},
	},
	{
		Name: "mail.send",
		Doc:  "one message to each list; unclear means that a person looks, never that it is sent again",
		Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatAtMostOnce,
		Params: []deployer.Param{
			{Name: "to", Type: deployer.TypeList, Required: true, Doc: "lists of the config or addresses"},
			{Name: "message", Type: deployer.TypeMessage, Default: "the step's id", Doc: "title and text"},
			{Name: "review", Type: deployer.TypeRole, Default: "nobody", Doc: "who reads and edits it first"},
		},
		Fails: []string{"refused"},
	},
}
