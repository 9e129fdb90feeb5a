package language

import (
	"cel.dev/cel-go/common/types"

	"github.com/stationmaster/stationmaster/deployer"
)

// objectMark begins the names of objects' types, so that nothing that is written can
// be taken for one.
const objectMark = '#'

// object is the type of what has fields; see Names.field.
func object(name string) *types.Type { return types.NewObjectType(string(objectMark) + name) }

// The objects.
var (
	aPerson      = object("person")
	aService     = object("service")
	aRetailer    = object("retailer")
	environment  = object("environment")
	aMaintenance = object("maintenance")
	aFailure     = object("failure")
	theInputs    = object("inputs")
	theVars      = object("vars")
	theValues    = object("values")
	theSteps     = object("steps")
	texts        = types.NewListType(types.StringType)
)

// objectStep and objectMember begin the names of the objects of single steps, and of
// what a step leaves behind for one of those that it is done for.
const (
	objectStep   = "step "
	objectMember = "member "
)

// A field is what a name stands for.
type field struct {
	name    string // as it is written, with its hyphens
	is      *types.Type
	absent  bool     // it may be there or not: a condition has to ask first
	options []string // all that it can be; none: anything
	empty   bool     // of options: it may be "" as well
	clients bool     // words for clients may hold it
}

// A root is a name that stands at the beginning of a path.
type root struct {
	field
	texts bool // it stands in texts alone
	early bool // it is known when only inputs are
}

// roots are all names that a path can begin with. Where they may stand, Place says.
var roots = []root{
	{field: field{name: "inputs", is: theInputs}, early: true},
	{field: field{name: "vars", is: theVars}, early: true},
	{field: field{name: "values", is: theValues}, early: true},
	{field: field{name: "steps", is: theSteps}},
	{field: field{name: "service", is: aService}, early: true},
	{field: field{name: "services", is: types.NewListType(aService)}, early: true},
	{field: field{name: "retailers", is: texts}, early: true},
	{field: field{name: "each", is: types.StringType}},
	{field: field{name: "retailer", is: aRetailer}, early: true},
	{field: field{name: "product", is: aRetailer}, early: true},
	{field: field{name: "environment", is: environment}, early: true},
	{field: field{name: "requester", is: aPerson}, early: true},
	{field: field{name: "tam", is: aPerson}, early: true},
	{field: field{name: "approvers", is: types.NewListType(aPerson)}},
	{field: field{name: "maintenance", is: aMaintenance}},
	{field: field{name: "now", is: types.TimestampType}, early: true},
	{field: field{name: "planned", is: types.TimestampType}, early: true},
	{field: field{name: "start", is: types.TimestampType, clients: true}},
	{field: field{name: "end", is: types.TimestampType, clients: true}},
	{field: field{name: "next_update", is: types.TimestampType, clients: true}},
	{field: field{name: "duration", is: types.DurationType, clients: true}, texts: true},
	{field: field{name: "id", is: types.StringType}},
	{field: field{name: "card", is: types.StringType}},
	{field: field{name: "procedure", is: types.StringType}, early: true},
	{field: field{name: "reason", is: types.StringType}, early: true},
	{field: field{name: "notice", is: types.StringType}},
	{field: field{name: "what", is: types.StringType}, early: true},
	{field: field{name: "what_before", is: types.StringType}},
	{field: field{name: "what_stays", is: types.StringType}},
	{field: field{name: "what_back", is: types.StringType}},
	{field: field{name: "skipped", is: types.StringType}},
	{field: field{name: "failure", is: aFailure}},
	{field: field{name: "outcome", is: types.StringType, options: []string{string(deployer.Complete), string(deployer.RolledBack), string(deployer.Stopped)}}},
}

// rootNamed finds one.
func rootNamed(name string) (root, bool) {
	for _, r := range roots {
		if r.name == name {
			return r, true
		}
	}
	return root{}, false
}

// Begins reports whether a path may begin with a name.
func Begins(name string) bool {
	_, ok := rootNamed(name)
	return ok
}

// fields are those of the objects that are the same in every procedure.
var fields = map[string][]field{
	aPerson.TypeName(): {text("name")},
	aService.TypeName(): {
		text("name"), text("owner"), text("from"), text("to"), text("image"),
	},
	aRetailer.TypeName(): {
		text("name"), {name: "title", is: types.StringType, clients: true}, text("zone"), {name: "groups", is: texts},
	},
	environment.TypeName(): {text("name"), text("namespace")},
	aMaintenance.TypeName(): {
		{name: "open", is: types.BoolType}, {name: "begun", is: types.BoolType}, {name: "own", is: types.BoolType},
		text("id"), text("url"), {name: "start", is: types.TimestampType}, {name: "end", is: types.TimestampType},
	},
	aFailure.TypeName(): {text("step"), text("why"), text("kind")},
}

func text(name string) field { return field{name: name, is: types.StringType} }

// stepFields are what every step leaves behind.
var stepFields = []field{
	{name: "done", is: types.BoolType}, {name: "skipped", is: types.BoolType}, {name: "failed", is: types.BoolType},
	{name: "by", is: aPerson}, {name: "at", is: types.TimestampType}, {name: "took", is: types.DurationType}, text("why"),
}

// groupFields are what a step leaves behind besides, that is done for several.
func groupFields(id string) []field {
	member := object(objectMember + id)
	return []field{
		{name: "of", is: types.NewMapType(types.StringType, member)}, {name: "all", is: types.NewListType(member)},
		{name: "done_for", is: texts}, {name: "not_done_for", is: texts},
	}
}

// renamed are the placeholders of old, with what they are called now.
var renamed = map[string]string{
	"step": "failure.step", "why": "failure.why", "next-update": "next_update",
	"from": "what_before", "to": "what", "stays": "what_stays",
}

// BuiltInRoles are those that every config has.
var BuiltInRoles = []string{"requester", "approvers", "tam", "owner", "on-call", "everyone"}

// A Name is one that texts and conditions may hold, for people to read.
type Name struct {
	Path    string // such as service.to; ID stands for any
	Type    string // what it is, such as a text
	Doc     string
	Texts   bool // it stands in texts alone
	Clients bool // words for clients may hold it
}

// Reference is every name, in the order in which people read them.
func Reference() []Name {
	out := []Name{
		{Path: "inputs.ID", Type: "as its kind says", Doc: "what was given at the start; absent where a number, time, duration or person was not given"},
		{Path: "vars.ID", Type: "a text", Doc: "what the config sets, or the procedure’s own"},
		{Path: "values.ID", Type: "what it comes to", Doc: "a named condition, computed anew at each use"},
		{Path: "steps.ID.OUTPUT", Type: "as its kind says", Doc: "what a step has left behind, see its kind"},
	}
	of := func(path string, fields []field) {
		for _, f := range fields {
			is := words(f.is)
			if f.is.Kind() == types.MapKind {
				is = "by member"
			}
			out = append(out, Name{Path: path + f.name, Type: is, Doc: sentences[path+f.name], Clients: f.clients})
		}
	}
	of("steps.ID.", stepFields)
	of("steps.ID.", groupFields("ID"))
	for _, r := range roots {
		switch r.is {
		case theInputs, theVars, theValues, theSteps:
			continue
		}
		out = append(out, Name{Path: r.name, Type: words(r.is), Doc: sentences[r.name], Texts: r.texts, Clients: r.clients})
		if r.name != "product" {
			of(r.name+".", fields[r.is.TypeName()])
		}
	}
	return out
}

// sentences say what each name is.
var sentences = map[string]string{
	"steps.ID.done": "it came to a good end, by itself or by hand", "steps.ID.skipped": "somebody has skipped it",
	"steps.ID.failed": "it failed, in any try", "steps.ID.by": "who answered it", "steps.ID.at": "when it was over",
	"steps.ID.took": "how long it took", "steps.ID.why": "why it failed, was skipped or not needed",
	"steps.ID.of": "with each: what it left behind for one member, as steps.ID.of[\"lemon\"].done", "steps.ID.all": "with each: the same of all members",
	"steps.ID.done_for": "with each: the members for whom it is done", "steps.ID.not_done_for": "with each: the others",
	"service":      "one of them, in a step that is done for each, or with services: one",
	"service.name": "as people type it", "service.owner": "whose it is", "service.from": "the version before", "service.to": "the version that is deployed", "service.image": "the exact image",
	"services": "all of them", "retailers": "the names of all retailers that have them", "each": "the member, in a step with each",
	"retailer": "whose channel it was typed in", "product": "the same, where there are products",
	"retailer.name": "as the config names it", "retailer.title": "as clients read it", "retailer.zone": "its time zone", "retailer.groups": "its groups in the config",
	"environment": "where", "environment.name": "as the config names it", "environment.namespace": "the cluster’s namespace",
	"requester": "who started it", "requester.name": "how they are called", "tam": "the retailer’s account manager", "tam.name": "how they are called",
	"approvers":   "who has approved it",
	"maintenance": "the one that a step has scheduled or found", "maintenance.open": "scheduled or in progress, and not completed", "maintenance.begun": "in progress",
	"maintenance.own": "this deployment has scheduled it", "maintenance.id": "of the status page", "maintenance.url": "its page", "maintenance.start": "when it begins", "maintenance.end": "when it ends",
	"now": "when it is read", "planned": "when it was to start (--at), else when it did",
	"start": "when the maintenance begins, else the first change", "end": "when the maintenance ends, else by the estimates", "next_update": "when clients hear again",
	"duration": "from start to end", "id": "of this deployment", "card": "the link to its card", "procedure": "its title", "reason": "why, as --reason says",
	"notice": "that it was announced late; else nothing", "what": "as in web v2, api v3", "what_before": "what ran before", "what_stays": "what a rollback leaves", "what_back": "what a rollback goes to",
	"skipped": "what was skipped or went wrong and was passed over, by whom, and why",
	"failure": "what failed: in failure, rollback, after and their words", "failure.step": "its title", "failure.why": "why", "failure.kind": "the name of the failure, as its kind lists them",
	"outcome": "complete, rolled-back or stopped: in after alone",
}
