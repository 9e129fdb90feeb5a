package command

import (
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// The verbs that nobody types.
const (
	VerbDeploy = "deploy" // services with their tags; it may be left out
	VerbForm   = "form"   // nothing at all was typed
)

// VerbStart starts a procedure by its name, with services or, where it is about none,
// without.
const VerbStart = "start"

// A verb is a subcommand: what goes with it.
type verb struct {
	words int // how many may follow
	flags []string
}

// verbs are all subcommands. A new one is a line here, in Subcommands and, for a word
// that it can't do without, in needsWord.
var verbs = map[string]verb{
	VerbDeploy: {flags: []string{"env", "procedure", "reason", "input", "at", "dry-run", "drill", "fail"}},
	VerbStart:  {words: 1 + 2*releasesMax, flags: []string{"env", "reason", "input", "at", "dry-run", "drill", "fail"}},
	"help":     {words: 1},
	"status":   {words: 1, flags: []string{"env"}},
	"history":  {words: 1, flags: []string{"env"}},
	"versions": {words: releasesMax, flags: []string{"env"}},
	"rollback": {words: releasesMax, flags: []string{"to", "env", "reason", "procedure", "input", "dry-run"}},
	"stop":     {words: 1, flags: []string{"reason"}},
	"lock":     {words: 1, flags: []string{"env", "for", "reason", "all"}},
	"unlock":   {words: 1, flags: []string{"env", "all"}},
	"locks":    {flags: []string{"env"}},
}

// reserved are subcommands to come; they are kept, so that no service takes their
// names.
var reserved = []string{"hotfix"}

// everything stands for all services behind lock and unlock, and what follows it is the
// reason: at night nobody looks for quotes.
const everything = "everything"

// Subcommands are the words that begin something else than a deployment.
func Subcommands() []string {
	return []string{VerbStart, "help", "status", "history", "versions", "rollback", "stop", "lock", "unlock", "locks"}
}

// Reserved are the words that no service may be called, since they are or will
// be subcommands, or mean something behind one.
func Reserved() []string { return slices.Concat(Subcommands(), reserved, []string{everything}) }

// needsWord refuses subcommands that say nothing without a word.
var needsWord = map[string]func() error{
	VerbStart: func() error {
		return RefuseWithExample(VerbStart, "Which procedure should start?")
	},
	"rollback": func() error {
		return RefuseWithExample("rollback", "What should be rolled back?").Hint("or, for one under way", deployer.VerbRollBack, "tangerine-142")
	},
	"stop": func() error {
		return RefuseWithExample("stop", "Which deployment should be stopped?").Hint("the ids are in", deployer.VerbStatus)
	},
}

// Examples show by verb what stands behind it.
var Examples = map[string]string{
	VerbDeploy: "web v1.2.3", VerbStart: "hotfix web v1.2.3", "history": "web", "versions": "web", "rollback": "web", "stop": "tangerine-142",
	"lock": `web --for 2h --reason "stocktaking"`, "unlock": "web",
}

// RefuseWithExample refuses with an example of how the verb is said.
func RefuseWithExample(verb, format string, args ...any) *deployer.Refusal {
	var like []string
	if words := Examples[verb]; words != "" {
		like = []string{words}
	}
	return deployer.Refuse("", format, args...).Hint("Say for example", deployer.Verb(verb), like...)
}
