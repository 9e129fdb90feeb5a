package bot

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// eventLine says in one line what an event is, and when it was; d is the
// deployment as it is now, whose steps have the titles. A test holds the cases
// against the hall's events.
func eventLine(e deployer.Event, d deployer.Deployment, n names) (time.Time, string) {
	step := func(id string) string {
		if s := d.Step(id); s != nil && s.Title != "" {
			return "“" + escape(s.Title, titleMax) + "”"
		}
		return "“" + escape(id, titleMax) + "”"
	}
	why := func(s string) string {
		if s == "" {
			return ""
		}
		return ": " + escape(s, whyMax)
	}
	switch e := e.(type) {
	case deployer.Created:
		return e.At, createdLine(e, n)
	case deployer.Resolved:
		return e.At, "Looked up what that means: " + found(e.Targets)
	case deployer.OrderSeen:
		return e.At, name(n, e.By) + " gave an order · click " + hash(e.Nonce, 8)
	case deployer.StepBegan:
		return e.At, step(e.Step) + " begins" + attempt(e.Attempt) + lookOnly(e.Look)
	case deployer.StepEnded:
		return e.At, step(e.Step) + " " + map[deployer.StepStatus]string{
			deployer.Done: "is done", deployer.StepFailed: "*failed*", deployer.StepInterrupted: "was *interrupted*",
		}[e.Status] + why(e.Why)
	case deployer.Confirmed:
		return e.At, "*" + name(n, e.By) + "* confirmed " + step(e.Step)
	case deployer.Reviewed:
		return e.At, "*" + name(n, e.By) + "* sent clients, for " + step(e.Step) + ": “" + escape(e.Words, whyMax) + "”"
	case deployer.Approved:
		return e.At, "*" + name(n, e.By) + "* approved, for " + step(e.Step) + ", exactly " + code(e.Subject, nameMax)
	case deployer.ApprovalVoided:
		return e.At, "The approvals of " + step(e.Step) + " are void" + why(e.Why)
	case deployer.TargetChanged:
		return e.At, "*" + escape(e.Service, nameMax) + "* was seen to run " + state(e.Before) + " now"
	case deployer.EffectIntended:
		return e.At, "Intended: " + code(e.Runner, nameMax) + " of *" + escape(e.Service, nameMax) + "*" + attempt(e.Attempt) + ", which runs " + state(e.Before)
	case deployer.EffectActed:
		return e.At, "Acted: " + code(e.Key, nameMax) + " · reference " + code(e.Ref, 160)
	case deployer.EffectSettled:
		return e.At, "Settled: " + code(e.Key, nameMax) + " · *" + escape(string(e.Outcome.Result), nameMax) + "*" + why(e.Outcome.Why)
	case deployer.EffectReopened:
		return e.At, "Looked at again: " + code(e.Key, nameMax) + attempt(e.Attempt)
	case deployer.StepExpired:
		return e.At, "The time of " + step(e.Step) + " has run out"
	case deployer.Reminded:
		return e.At, "Whoever is awaited for " + step(e.Step) + " was called again"
	case deployer.Decided:
		return e.At, decidedLine(e, n, step, why)
	case deployer.Delivered:
		return e.At, "Slack took the message " + code(e.Post.DedupKey, nameMax) + " in <#" + escape(e.Post.Channel, nameMax) + ">"
	case deployer.Undelivered:
		return e.At, "The message " + code(e.DedupKey, nameMax) + " can’t be delivered" + why(e.Why)
	case deployer.Ended:
		return e.At, "*Ended: " + escape(string(e.Status), nameMax) + "*" + why(e.Why)
	}
	return time.Time{}, escape(strings.TrimPrefix(fmt.Sprintf("%T", e), "deployer."), nameMax)
}

func createdLine(e deployer.Created, n names) string {
	s := e.Start
	line := "*" + name(n, e.By) + "* asked for " + wanted(s.Releases) + " in " + escape(s.Retailer, nameMax) + " " + escape(s.Environment, nameMax) +
		", by the procedure " + code(s.Procedure.ID, nameMax) + " " + hash(s.Procedure.SHA, 8)
	if s.Reason != "" {
		line += ": “" + escape(s.Reason, becauseMax) + "”"
	}
	for _, id := range slices.Sorted(maps.Keys(s.Inputs)) {
		line += " · " + escape(id, nameMax) + " " + code(s.Inputs[id], nameMax)
	}
	return line
}

func decidedLine(e deployer.Decided, n names, step, why func(string) string) string {
	line := "*" + name(n, e.By) + "* decided: *" + escape(string(e.Decision), nameMax) + "*"
	if e.Step != "" {
		line += ", at " + step(e.Step)
	}
	if len(e.Services) > 0 {
		line += ", of " + escape(join(slices.Clone(e.Services), "and", 6), 400)
	}
	return line + why(e.Reason)
}

// found lists what was resolved, as exactly as it is known.
func found(targets []deployer.Target) string {
	var out []string
	for _, t := range targets {
		words := "*" + escape(t.Service, nameMax) + "* " + state(t.Before) + " → " + state(t.After)
		if t.Live {
			words += ", which runs already"
		}
		out = append(out, words)
	}
	return join(out, "and", 8)
}

// state is what a target runs: the digest is what proves it.
func state(s deployer.State) string {
	if s.Image == "" {
		return code(version(s), nameMax)
	}
	image := s.Image
	if at := strings.Index(image, "@sha256:"); at >= 0 {
		image = clip(image[:at]+image[at:min(len(image), at+20)], 200)
	}
	return code(image, 200)
}

func attempt(n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(" (attempt %d)", n)
}

func lookOnly(look bool) string {
	if look {
		return ", only to look at what was begun before"
	}
	return ""
}
