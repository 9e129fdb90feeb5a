package command

import (
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

const reasonMax = 1000

const valueMax = 1000

const releasesMax = 20

// A Request is what somebody typed behind the command, taken apart. Names are
// as they were typed: whether they mean anything is not the grammar's matter.
type Request struct {
	Verb           string   // deploy, form, or a subcommand
	Words          []string // behind a subcommand
	Releases       []deployer.Release
	Env            string
	Procedure      string
	Reason         string
	To             string
	Inputs         map[string]string
	At             string // when it starts; "" at once
	For            time.Duration
	DryRun         bool
	UnquotedReason string // a reason without quotes, and the words behind it, which may belong to it
}

const (
	VerbDeploy = "deploy"
	VerbForm   = "form"
)

// A verb is a subcommand: what goes with it.
type verb struct {
	words int // how many may follow
	flags []string
}

var verbs = map[string]verb{
	VerbDeploy: {flags: []string{"env", "procedure", "reason", "input", "at", "dry-run"}},
	"help":     {words: 1},
	"status":   {words: 1, flags: []string{"env"}},
	"history":  {words: 1, flags: []string{"env"}},
	"versions": {words: releasesMax, flags: []string{"env"}},
	"rollback": {words: 1, flags: []string{"to", "env", "reason", "procedure", "input", "dry-run"}},
	"stop":     {words: 1, flags: []string{"reason"}},
	"lock":     {words: 1, flags: []string{"env", "for", "reason"}},
	"unlock":   {words: 1, flags: []string{"env"}},
	"locks":    {flags: []string{"env"}},
}

// reserved are subcommands to come; they are kept, so that no service takes their
// names.
var reserved = []string{"hotfix"}

// Subcommands are the words that begin something else than a deployment.
func Subcommands() []string {
	return []string{"help", "status", "history", "versions", "rollback", "stop", "lock", "unlock", "locks"}
}

// Parse takes apart what somebody typed. An error is a *deployer.Refusal that
// says what was wrong and how it is written.
func Parse(text string) (Request, error) {
	words, err := split(mrkdwn.Tidy(mrkdwn.Unescape(text)))
	if err != nil {
		return Request{}, err
	}
	if len(words) == 0 {
		return Request{Verb: VerbForm}, nil
	}
	r := Request{Verb: VerbDeploy}
	if name := strings.ToLower(words[0].text); !words[0].quoted && name != VerbDeploy {
		if _, ok := verbs[name]; ok {
			r.Verb, words = name, words[1:]
		}
		for _, l := range reserved {
			if name == l {
				return Request{}, deployer.Refuse("", "%q is not in this version.", name).Hint("See what there is", "help")
			}
		}
	}
	rest, err := r.flags(words)
	if err != nil {
		return Request{}, err
	}
	if r.Verb == VerbDeploy {
		if err := r.ReadReleases(rest); err != nil {
			return r, r.BlameUnquotedReason(err)
		}
		return r, nil
	}
	if most := verbs[r.Verb].words; len(rest) > most {
		if r.UnquotedReason != "" {
			return Request{}, r.BlameUnquotedReason(nil)
		}
		return Request{}, RefuseWithExample(r.Verb, "%q is a word too many for %s.", mrkdwn.Clip(rest[most], 60), r.Verb)
	}
	if len(rest) == 0 && needsWord[r.Verb] != nil {
		return Request{}, needsWord[r.Verb]()
	}
	r.Words = rest
	return r, nil
}

// needsWord refuses subcommands that say nothing without a word.
var needsWord = map[string]func() error{
	"rollback": func() error {
		return RefuseWithExample("rollback", "What should be rolled back?").Hint("or, for one under way", deployer.VerbRollBack, "tangerine-142")
	},
	"stop": func() error {
		return RefuseWithExample("stop", "Which deployment should be stopped?").Hint("the ids are in", deployer.VerbStatus)
	},
}

// flags takes the flags out and returns the words that are left.
func (r *Request) flags(words []word) ([]string, error) {
	var rest []string
	seen := map[string]bool{}
	for i := 0; i < len(words); i++ {
		name, value, ok := words[i].flag()
		if !ok {
			rest = append(rest, words[i].text)
			continue
		}
		known := verbs[r.Verb].flags
		if !has(known, name) {
			return nil, unknownFlag(r.Verb, name, known)
		}
		if seen[name] && name != "input" {
			return nil, deployer.Refuse("Give it once.", "--%s is there twice.", name)
		}
		seen[name] = true
		if name == "dry-run" {
			if value != nil {
				return nil, deployer.Refuse("Leave out what stands behind it: --dry-run", "--dry-run takes no value.")
			}
			r.DryRun = true
			continue
		}
		if value == nil {
			if i++; i == len(words) || words[i].isFlag() {
				return nil, deployer.Refuse("For example: "+flagExample[name], "--%s needs a value.", name)
			}
			value = &words[i].text
			if n := atWords(unquoted(words[i:])); name == "at" && n > 1 {
				value, i = new(strings.Join(unquoted(words[i:])[:n], " ")), i+n-1
			}
			if name == "reason" && !words[i].quoted {
				r.UnquotedReason = phrase(unquoted(words[i:]))
			}
		}
		if err := r.set(name, *value); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// unquoted are the words before the first flag or quote.
func unquoted(words []word) []string {
	var out []string
	for _, w := range words {
		if w.quoted || w.isFlag() {
			break
		}
		out = append(out, w.text)
	}
	return out
}

// phrase joins words, if there is more than one.
func phrase(words []string) string {
	if len(words) < 2 {
		return ""
	}
	return strings.Join(words, " ")
}

// BlameUnquotedReason explains an error by a reason that has no quotes, if that may be it.
func (r *Request) BlameUnquotedReason(err error) error {
	if r.UnquotedReason == "" {
		return err
	}
	return deployer.Refuse(`Put quotes around it: --reason "`+mrkdwn.Clip(r.UnquotedReason, 100)+`"`, "A reason of several words needs quotes.")
}

var flagExample = map[string]string{
	"env": "--env prod", "procedure": "--procedure deployment", "reason": `--reason "orders are stuck"`,
	"input": "--input risk=low", "to": "--to 12", "at": "--at tomorrow 22:00", "for": "--for 2h",
}

func unknownFlag(verb, name string, known []string) error {
	hint := deployer.Suggest("--"+name, dashed(known))
	if hint == "" && len(known) > 0 {
		hint = "It takes: " + strings.Join(dashed(known), ", ") + "."
	}
	if hint == "" {
		hint = verb + " takes none."
	}
	return deployer.Refuse(hint, "There is no flag --%s here.", name)
}

func dashed(flags []string) []string {
	out := make([]string, len(flags))
	for i, f := range flags {
		out[i] = "--" + f
	}
	return out
}

func (r *Request) set(name, value string) error {
	if strings.TrimSpace(value) == "" {
		return deployer.Refuse("For example: "+flagExample[name], "--%s is empty.", name)
	}
	switch name {
	case "env":
		r.Env = value
	case "procedure":
		r.Procedure = value
	case "to":
		r.To = value
	case "reason":
		if n := len([]rune(value)); n > reasonMax {
			return deployer.Refuse("Put the rest into the thread.", "The reason has %d characters; %d are the most.", n, reasonMax)
		}
		r.Reason = value
	case "at":
		r.At = value
	case "for":
		return r.duration(value)
	case "input":
		return r.input(value)
	}
	return nil
}

// duration reads a duration such as 90m, 2h or 3d.
func (r *Request) duration(value string) error {
	d, err := time.ParseDuration(value)
	if days, ok := strings.CutSuffix(value, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		d = time.Duration(n) * 24 * time.Hour
	}
	if err != nil || d < time.Minute || d > deployer.LockMax {
		return deployer.Refuse("For example: "+flagExample["for"], "--for %q is no time from 1m to 30d.", mrkdwn.Clip(value, 40))
	}
	r.For = d
	return nil
}

func (r *Request) input(pair string) error {
	id, value, ok := strings.Cut(pair, "=")
	id = strings.TrimSpace(id)
	switch {
	case !ok || id == "" || value == "":
		return deployer.Refuse("For example: "+flagExample["input"], "--input %q is not ID=VALUE.", mrkdwn.Clip(pair, 40))
	case len([]rune(value)) > valueMax:
		return deployer.Refuse("", "The input %s has more than %d characters.", mrkdwn.Clip(id, 40), valueMax)
	}
	if _, twice := r.Inputs[id]; twice {
		return deployer.Refuse("Give it once.", "The input %s is there twice.", mrkdwn.Clip(id, 40))
	}
	if r.Inputs == nil {
		r.Inputs = map[string]string{}
	}
	r.Inputs[id] = value
	return nil
}

// ReadReleases reads services with their tags.
func (r *Request) ReadReleases(words []string) error {
	for len(words) > 0 {
		service, tag, joined := strings.Cut(words[0], ":")
		words = words[1:]
		switch {
		case service == "" && !joined:
			return RefuseWithExample(VerbDeploy, "A service has no name.")
		case joined && (service == "" || tag == ""):
			return deployer.Refuse("", "%q is not SERVICE:TAG.", mrkdwn.Clip(service+":"+tag, 60)).Hint("Say for example", VerbDeploy, "web:v1.2.3")
		case joined:
		case len(words) == 0:
			return &UnpairedWord{Word: service, First: len(r.Releases) == 0}
		case strings.Contains(words[0], ":"):
			return RefuseWithExample(VerbDeploy, "%q has no tag.", mrkdwn.Clip(service, 60))
		default:
			tag, words = words[0], words[1:]
		}
		if !deployer.ValidTag(tag) {
			return RefuseTag(tag)
		}
		r.Releases = append(r.Releases, deployer.Release{Service: service, Tag: tag})
	}
	switch {
	case len(r.Releases) == 0:
		return RefuseWithExample(VerbDeploy, "No service was named.")
	case len(r.Releases) > releasesMax:
		return deployer.Refuse("Deploy them in several goes.", "%d services are too many at once.", len(r.Releases))
	}
	return nil
}

func RefuseTag(tag string) error {
	return deployer.Refuse("A tag has letters, digits and . _ - and begins with a letter, a digit or _ – for example: v1.2.3",
		"%q is not a tag.", mrkdwn.Clip(tag, 60))
}

// An UnpairedWord is a word without a partner. Who knows the services can say more.
type UnpairedWord struct {
	Word  string
	First bool
}

func (o *UnpairedWord) Error() string {
	return RefuseWithExample(VerbDeploy, "%q has no partner.", mrkdwn.Clip(o.Word, 60)).Error()
}

// Examples show by verb what stands behind it.
var Examples = map[string]string{
	VerbDeploy: "web v1.2.3", "history": "web", "versions": "web", "rollback": "web", "stop": "tangerine-142",
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

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
