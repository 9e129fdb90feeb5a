package command

import (
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// A Request is what somebody typed behind the command, taken apart. Names are
// as they were typed: whether they mean anything is for whoever knows them to say.
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
	Drill          deployer.Drill
	All            bool   // at all sites
	UnquotedReason string // a reason without quotes, and the words behind it, which may belong to it
}

// start reads a procedure, and the services behind it if there are any.
func (r Request) start(words []string) (Request, error) {
	r.Procedure = words[0]
	if len(words) == 1 {
		return r, nil
	}
	if err := r.ReadReleases(words[1:]); err != nil {
		return r, r.BlameUnquotedReason(err)
	}
	return r, nil
}

// lockedAll takes away the word that stands for all services behind lock and unlock, and
// the reason behind it.
func (r *Request) lockedAll(words []string) ([]string, error) {
	if r.Verb != "lock" && r.Verb != "unlock" || len(words) == 0 || !strings.EqualFold(words[0], everything) {
		return words, nil
	}
	words = words[1:]
	switch {
	case r.Verb == "unlock" || len(words) == 0:
		return words, nil
	case r.UnquotedReason != "":
		return nil, r.BlameUnquotedReason(nil)
	case r.Reason != "":
		return nil, deployer.Refuse("Give it once.", "The reason is there twice.")
	}
	return nil, r.set("reason", strings.Join(words, " "))
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
		if slices.Contains(reserved, name) {
			return Request{}, deployer.Refuse("", "%q is not in this version.", name).Hint("See what there is", "help")
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
	if rest, err = r.lockedAll(rest); err != nil {
		return Request{}, err
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
	if r.Verb == VerbStart {
		return r.start(rest)
	}
	r.Words = rest
	return r, nil
}
