package command

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
)

const (
	reasonMax = 1000 // characters of a reason
	valueMax  = 1000 // characters of an input
)

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
		if !slices.Contains(known, name) {
			return nil, unknownFlag(r.Verb, name, known)
		}
		if seen[name] && name != "input" && name != "fail" {
			return nil, deployer.Refuse("Give it once.", "--%s is there twice.", name)
		}
		seen[name] = true
		if name == "dry-run" || name == "all" || name == "drill" {
			if value != nil {
				return nil, deployer.Refuse("Leave out what stands behind it: --"+name, "--%s takes no value.", name)
			}
			r.DryRun, r.All, r.Drill.On = r.DryRun || name == "dry-run", r.All || name == "all", r.Drill.On || name == "drill"
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

// flagExample shows how a flag is written.
var flagExample = map[string]string{
	"env": "--env prod", "procedure": "--procedure deployment", "reason": `--reason "orders are stuck"`,
	"input": "--input risk=low", "to": "--to 12", "at": "--at tomorrow 22:00", "for": "--for 2h", "fail": "--fail rollout",
}

func unknownFlag(verb, name string, known []string) error {
	hint := spelling.Suggest("--"+name, dashed(known))
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
	if deployer.Blank(value) {
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
	case "fail":
		if !slices.Contains(r.Drill.Fail, value) {
			r.Drill.Fail = append(r.Drill.Fail, value)
		}
	case "for":
		return r.duration(value)
	case "input":
		return r.input(value)
	}
	return nil
}

// duration reads how long something lasts, such as 90m, 2h or 3d.
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
