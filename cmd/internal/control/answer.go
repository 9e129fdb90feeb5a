package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/deployer"
)

// answer gives the order of what somebody says.
func (s *Server) answer(ctx context.Context, in request) (any, error) {
	a, err := readAnswer(in.Body)
	if err != nil {
		return nil, err
	}
	d, err := s.load(ctx, in)
	if err != nil {
		return nil, err
	}
	o, err := chosen(d, a)
	if err != nil {
		return nil, err
	}
	o.answer.Comment, o.answer.Values = strings.TrimSpace(a.Reason), a.Fields
	d, err = s.People.Order(ctx, deployer.Order{Deployment: d.ID, By: in.who, Nonce: nonce(in.who.ID, a.Nonce), Via: deployer.ViaTerminal, Command: o.answer})
	if err != nil {
		return nil, err
	}
	s.Log.Info("an answer came from a terminal", "deployment", d.ID, "choice", o.Choice.Choice, "step", o.Step, "person", in.who.ID, "login", in.here.Login)
	return Done{Did: o.Choice, Deployment: s.detail(d, in)}, nil
}

// readAnswer reads what a client says, and refuses what no client of ours would.
func readAnswer(r io.Reader) (Answer, error) {
	var a Answer
	body, err := io.ReadAll(r)
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return a, deployer.Refuse("Say less, and the rest in Slack when it is back.", "That is more than %d KB.", requestMax>>10)
	}
	if err == nil {
		err = json.Unmarshal(body, &a)
	}
	switch n := utf8.RuneCountInString(a.Reason); {
	case err != nil:
		return a, deployer.Refuse("Use the stationmaster that runs.", "What was sent can't be read.")
	case a.Nonce == "" || len(a.Nonce) > nonceMax:
		return a, deployer.Refuse("Use the stationmaster that runs.", "What was sent does not tell itself from another answer.")
	case n > reasonMax:
		return a, deployer.Refuse("Put the rest into the thread when Slack is back.", "That has %d characters; %d are the most.", n, reasonMax)
	case len(a.Fields) > fieldsMax:
		return a, deployer.Refuse("", "These are %d fields; %d are the most.", len(a.Fields), fieldsMax)
	case !slices.Contains(Words(), a.Choice):
		return a, deployer.Refuse("It is one of: "+strings.Join(Words(), ", ")+".", "Nothing is answered by %q.", clip(a.Choice))
	}
	return a, nil
}

// chosen is the offer that somebody means. What is approved has to be named by what
// was seen of it: nobody approves what they have not looked at.
func chosen(d deployer.Deployment, a Answer) (offer, error) {
	all := offers(d)
	fit := slices.DeleteFunc(slices.Clone(all), func(o offer) bool {
		return len(o.Services) > 0 || o.Choice.Choice != a.Choice || a.Step != "" && o.Step != a.Step || a.Item != "" && o.Item != a.Item
	})
	if a.Item == "" && sameStep(fit) && len(fit) > 1 && fit[0].answer.Choice == deployer.ChoiceDone {
		shown := slices.ContainsFunc(fit, func(o offer) bool { return o.Seen == a.Seen })
		fit = fit[:1] // all that the step asks for, of whoever answers
		if fit[0].Item, fit[0].answer.Item = "", ""; shown {
			fit[0].Seen = a.Seen
		}
	}
	switch {
	case len(fit) == 0 && d.Status.Ended() && len(all) == 0:
		return offer{}, deployer.HasEnded(d)
	case len(fit) == 0:
		return offer{}, deployer.Refuse(offered(all), "Nothing of %s waits for %s now%s.", d.ID, a.Choice, about(a)).Hint("See more", deployer.VerbStatus, d.ID)
	case len(fit) > 1:
		return offer{}, deployer.Refuse("Say which: "+which(fit)+".", "Several of %s wait for %s.", d.ID, a.Choice)
	}
	o := fit[0]
	switch {
	case len(a.Services) > 0 && o.answer.Choice != deployer.ChoiceRollBack:
		return offer{}, deployer.Refuse("Leave --services out.", "“%s” is not about services.", o.What)
	case len(a.Services) > 0:
		o.answer = goesBack(d, o.answer, a.Services)
		o.Services, o.Means, o.Seen = a.Services, means(d, o.answer), seen(d, o.answer)
	}
	if err := checkFields(o, a); err != nil {
		return offer{}, err
	}
	switch {
	case a.Seen == "" && o.answer.Choice == deployer.ChoiceApprove:
		return offer{}, deployer.Refuse("", "An approval is of what you have seen.").Hint("Look at it; the command to approve stands there", deployer.VerbStatus, d.ID)
	case a.Seen != "" && a.Seen != o.Seen:
		return offer{}, deployer.Refuse("", "What you have seen is not what is asked now.").Hint("Look again", deployer.VerbStatus, d.ID)
	}
	return o, nil
}

// sameStep reports whether all are about one step.
func sameStep(all []offer) bool {
	return !slices.ContainsFunc(all, func(o offer) bool { return o.Step != all[0].Step })
}

// checkFields refuses what nothing asks for: it would be lost.
func checkFields(o offer, a Answer) error {
	var known []string
	for _, f := range o.Fields {
		known = append(known, f.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Fields)) {
		if slices.Contains(known, name) {
			continue
		}
		if len(known) == 0 {
			return deployer.Refuse("Leave --field out.", "“%s” asks for no field.", o.What)
		}
		return deployer.Refuse("It asks for: "+strings.Join(known, ", ")+".", "“%s” asks for no field %q.", o.What, clip(name))
	}
	return nil
}

// about is what an answer names, for a refusal.
func about(a Answer) string {
	out := ""
	if a.Step != "" {
		out += " at the step " + clip(a.Step)
	}
	if a.Item != "" {
		out += " for " + clip(a.Item)
	}
	return out
}

// offered says what can be answered.
func offered(all []offer) string {
	if len(all) == 0 {
		return "Nothing waits for an answer."
	}
	return "What can be answered: " + which(all) + "."
}

// whichMax bounds how many choices a refusal names.
const whichMax = 8

// which names choices as they are typed.
func which(all []offer) string {
	var out []string
	for _, o := range all[:min(len(all), whichMax)] {
		said := o.Choice.Choice
		if o.Step != "" {
			said += " --step " + o.Step
		}
		if o.Item != "" {
			said += " --item " + o.Item
		}
		out = append(out, said)
	}
	if more := len(all) - whichMax; more > 0 {
		out = append(out, fmt.Sprint(more, " more"))
	}
	return strings.Join(out, ", ")
}

// nonce tells an order from any other, also from a click.
func nonce(person, given string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{deployer.ViaTerminal, person, given}, "\x00")))
	return hex.EncodeToString(sum[:16])
}
