package bot

import (
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// The longest texts that people may give, in characters.
const (
	reasonMax = 1000
	valueMax  = 1000
	wantsMax  = 20
	tagMax    = 128
)

// A request is what somebody typed behind the command, taken apart. Names are
// as they were typed: whether they mean anything is not the grammar's matter.
type request struct {
	Verb      string   // deploy, form, or a subcommand
	Words     []string // behind a subcommand
	Wants     []deployer.Release
	Env       string
	Procedure string
	Reason    string
	To        string
	Inputs    map[string]string
	At        string // when it starts; "" at once
	For       time.Duration
	DryRun    bool
	Loose     string // a reason without quotes, and the words behind it, which may belong to it
}

const (
	verbDeploy = "deploy"
	verbForm   = "form"
)

// A verb is a subcommand: what goes with it.
type verb struct {
	words int // how many may follow
	flags []string
}

var verbs = map[string]verb{
	verbDeploy: {flags: []string{"env", "procedure", "reason", "input", "at", "dry-run"}},
	"help":     {words: 1},
	"status":   {words: 1, flags: []string{"env"}},
	"history":  {words: 1, flags: []string{"env"}},
	"versions": {words: wantsMax, flags: []string{"env"}},
	"rollback": {words: 1, flags: []string{"to", "env", "reason", "procedure", "input", "dry-run"}},
	"stop":     {words: 1, flags: []string{"reason"}},
	"lock":     {words: 1, flags: []string{"env", "for", "reason"}},
	"unlock":   {words: 1, flags: []string{"env"}},
	"locks":    {flags: []string{"env"}},
}

// reserved are subcommands to come; they are kept, so that no service takes their
// names.
var reserved = []string{"hotfix"}

// subcommands are the words that begin something else than a deployment.
func subcommands() []string {
	return []string{"help", "status", "history", "versions", "rollback", "stop", "lock", "unlock", "locks"}
}

// parse takes apart what somebody typed. An error is a *deployer.Refusal that
// says what was wrong and how it is written.
func parse(text string) (request, error) {
	words, err := split(tidy(unescape(text)))
	if err != nil {
		return request{}, err
	}
	if len(words) == 0 {
		return request{Verb: verbForm}, nil
	}
	r := request{Verb: verbDeploy}
	if name := strings.ToLower(words[0].text); !words[0].quoted && name != verbDeploy {
		if _, ok := verbs[name]; ok {
			r.Verb, words = name, words[1:]
		}
		for _, l := range reserved {
			if name == l {
				return request{}, refuse("See what there is: /deploy help", "%q is not in this version.", name)
			}
		}
	}
	rest, err := r.flags(words)
	if err != nil {
		return request{}, err
	}
	if r.Verb == verbDeploy {
		if err := r.pairs(rest); err != nil {
			return r, r.blameLoose(err)
		}
		return r, nil
	}
	if most := verbs[r.Verb].words; len(rest) > most {
		if r.Loose != "" {
			return request{}, r.blameLoose(nil)
		}
		return request{}, refuse(example(r.Verb), "%q is a word too many for %s.", clip(rest[most], 60), r.Verb)
	}
	r.Words = rest
	return r, nil
}

// flags takes the flags out and returns the words that are left.
func (r *request) flags(words []word) ([]string, error) {
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
			return nil, refuse("Give it once.", "--%s is there twice.", name)
		}
		seen[name] = true
		if name == "dry-run" {
			if value != nil {
				return nil, refuse("Leave out what stands behind it: --dry-run", "--dry-run takes no value.")
			}
			r.DryRun = true
			continue
		}
		if value == nil {
			if i++; i == len(words) || words[i].isFlag() {
				return nil, refuse("For example: "+flagExample[name], "--%s needs a value.", name)
			}
			value = &words[i].text
			if n := atWords(unquoted(words[i:])); name == "at" && n > 1 {
				value, i = new(strings.Join(unquoted(words[i:])[:n], " ")), i+n-1
			}
			if name == "reason" && !words[i].quoted {
				r.Loose = phrase(unquoted(words[i:]))
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

// blameLoose explains an error by a reason that has no quotes, if that may be it.
func (r *request) blameLoose(err error) error {
	if r.Loose == "" {
		return err
	}
	return refuse(`Put quotes around it: --reason "`+clip(r.Loose, 100)+`"`, "A reason of several words needs quotes.")
}

var flagExample = map[string]string{
	"env": "--env prod", "procedure": "--procedure deployment", "reason": `--reason "orders are stuck"`,
	"input": "--input risk=low", "to": "--to 12", "at": "--at tomorrow 22:00", "for": "--for 2h",
}

func unknownFlag(verb, name string, known []string) error {
	hint := didYouMean("--"+name, dashed(known))
	if hint == "" && len(known) > 0 {
		hint = "It takes: " + strings.Join(dashed(known), ", ") + "."
	}
	if hint == "" {
		hint = verb + " takes none."
	}
	return refuse(hint, "There is no flag --%s here.", name)
}

func dashed(flags []string) []string {
	out := make([]string, len(flags))
	for i, f := range flags {
		out[i] = "--" + f
	}
	return out
}

func (r *request) set(name, value string) error {
	if strings.TrimSpace(value) == "" {
		return refuse("For example: "+flagExample[name], "--%s is empty.", name)
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
			return refuse("Put the rest into the thread.", "The reason has %d characters; %d are the most.", n, reasonMax)
		}
		r.Reason = value
	case "at":
		r.At = value
	case "for":
		return r.lasting(value)
	case "input":
		return r.input(value)
	}
	return nil
}

// lasting reads a duration such as 90m, 2h or 3d.
func (r *request) lasting(value string) error {
	d, err := time.ParseDuration(value)
	if days, ok := strings.CutSuffix(value, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		d = time.Duration(n) * 24 * time.Hour
	}
	if err != nil || d < time.Minute || d > deployer.LockMax {
		return refuse("For example: "+flagExample["for"], "--for %q is no time from 1m to 30d.", clip(value, 40))
	}
	r.For = d
	return nil
}

func (r *request) input(pair string) error {
	id, value, ok := strings.Cut(pair, "=")
	id = strings.TrimSpace(id)
	switch {
	case !ok || id == "" || value == "":
		return refuse("For example: "+flagExample["input"], "--input %q is not ID=VALUE.", clip(pair, 40))
	case len([]rune(value)) > valueMax:
		return refuse("", "The input %s has more than %d characters.", clip(id, 40), valueMax)
	}
	if _, twice := r.Inputs[id]; twice {
		return refuse("Give it once.", "The input %s is there twice.", clip(id, 40))
	}
	if r.Inputs == nil {
		r.Inputs = map[string]string{}
	}
	r.Inputs[id] = value
	return nil
}

// pairs reads services with their tags.
func (r *request) pairs(words []string) error {
	for len(words) > 0 {
		service, tag, joined := strings.Cut(words[0], ":")
		words = words[1:]
		switch {
		case service == "" && !joined:
			return refuse(example(verbDeploy), "A service has no name.")
		case joined && (service == "" || tag == ""):
			return refuse("Say for example: /deploy web:v1.2.3", "%q is not SERVICE:TAG.", clip(service+":"+tag, 60))
		case joined:
		case len(words) == 0:
			return &unpairedWord{word: service, first: len(r.Wants) == 0}
		case strings.Contains(words[0], ":"):
			return refuse(example(verbDeploy), "%q has no tag.", clip(service, 60))
		default:
			tag, words = words[0], words[1:]
		}
		if !validTag(tag) {
			return notATag(tag)
		}
		r.Wants = append(r.Wants, deployer.Release{Service: service, Tag: tag})
	}
	switch {
	case len(r.Wants) == 0:
		return refuse(example(verbDeploy), "No service was named.")
	case len(r.Wants) > wantsMax:
		return refuse("Deploy them in several goes.", "%d services are too many at once.", len(r.Wants))
	}
	return nil
}

func notATag(tag string) error {
	return refuse("A tag has letters, digits and . _ - and begins with a letter, a digit or _ – for example: v1.2.3",
		"%q is not a tag.", clip(tag, 60))
}

// An unpairedWord is a word without a partner. Who knows the services can say more.
type unpairedWord struct {
	word  string
	first bool
}

func (o *unpairedWord) Error() string {
	return refuse(example(verbDeploy), "%q has no partner.", clip(o.word, 60)).Error()
}

// validTag is the grammar of a tag in the OCI distribution specification.
func validTag(tag string) bool {
	for i, c := range tag {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
		if !letter && (i == 0 || c != '.' && c != '-') {
			return false
		}
	}
	return tag != "" && len(tag) <= tagMax
}

func example(verb string) string {
	return "Say for example: /deploy " + map[string]string{
		verbDeploy: "web v1.2.3", "help": "help", "status": "status", "history": "history web",
		"versions": "versions web", "rollback": "rollback web", "stop": "stop tangerine-142",
		"lock": `lock web --for 2h --reason "stocktaking"`, "unlock": "unlock web", "locks": "locks",
	}[verb]
}

func refuse(instead, format string, args ...any) error {
	return deployer.Refuse(instead, format, args...)
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// clip cuts text to so many characters.
func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
