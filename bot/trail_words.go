package bot

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// happened says in one line what an event is, and when it was; d is the
// deployment as it is now, whose steps have the titles. A test holds the cases
// against the hall's events.
func happened(e deployer.Event, d deployer.Deployment, n names) (time.Time, string) {
	step := func(id string) string {
		if s := d.Step(id); s != nil && s.Title != "" {
			return "“" + esc(s.Title, titleMost) + "”"
		}
		return "“" + esc(id, titleMost) + "”"
	}
	why := func(s string) string {
		if s == "" {
			return ""
		}
		return ": " + esc(s, whyMost)
	}
	switch e := e.(type) {
	case deployer.Created:
		return e.At, begun(e, n)
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
		return e.At, "*" + name(n, e.By) + "* sent clients, for " + step(e.Step) + ": “" + esc(e.Words, whyMost) + "”"
	case deployer.Approved:
		return e.At, "*" + name(n, e.By) + "* approved, for " + step(e.Step) + ", exactly " + code(e.Subject, nameMost)
	case deployer.ApprovalVoided:
		return e.At, "The approvals of " + step(e.Step) + " are void" + why(e.Why)
	case deployer.TargetChanged:
		return e.At, "*" + esc(e.Service, nameMost) + "* was seen to run " + state(e.Before) + " now"
	case deployer.EffectIntended:
		return e.At, "Intended: " + code(e.Runner, nameMost) + " of *" + esc(e.Service, nameMost) + "*" + attempt(e.Attempt) + ", which runs " + state(e.Before)
	case deployer.EffectActed:
		return e.At, "Acted: " + code(e.Key, nameMost) + " · reference " + code(e.Ref, 160)
	case deployer.EffectSettled:
		return e.At, "Settled: " + code(e.Key, nameMost) + " · *" + esc(string(e.Outcome.Result), nameMost) + "*" + why(e.Outcome.Why)
	case deployer.EffectReopened:
		return e.At, "Looked at again: " + code(e.Key, nameMost) + attempt(e.Attempt)
	case deployer.StepExpired:
		return e.At, "The time of " + step(e.Step) + " has run out"
	case deployer.Reminded:
		return e.At, "Whoever is awaited for " + step(e.Step) + " was called again"
	case deployer.Decided:
		return e.At, ruled(e, n, step, why)
	case deployer.Delivered:
		return e.At, "Slack took the message " + code(e.Post.DedupKey, nameMost) + " in <#" + esc(e.Post.Channel, nameMost) + ">"
	case deployer.Undelivered:
		return e.At, "The message " + code(e.DedupKey, nameMost) + " can’t be delivered" + why(e.Why)
	case deployer.Ended:
		return e.At, "*Ended: " + esc(string(e.Status), nameMost) + "*" + why(e.Why)
	}
	return time.Time{}, esc(strings.TrimPrefix(fmt.Sprintf("%T", e), "deployer."), nameMost)
}

func begun(e deployer.Created, n names) string {
	s := e.Start
	line := "*" + name(n, e.By) + "* asked for " + wanted(s.Releases) + " in " + esc(s.Retailer, nameMost) + " " + esc(s.Environment, nameMost) +
		", by the procedure " + code(s.Procedure.ID, nameMost) + " " + hash(s.Procedure.SHA, 8)
	if s.Reason != "" {
		line += ": “" + esc(s.Reason, becauseMost) + "”"
	}
	for _, id := range slices.Sorted(maps.Keys(s.Inputs)) {
		line += " · " + esc(id, nameMost) + " " + code(s.Inputs[id], nameMost)
	}
	return line
}

func ruled(e deployer.Decided, n names, step, why func(string) string) string {
	line := "*" + name(n, e.By) + "* decided: *" + esc(string(e.Decision), nameMost) + "*"
	if e.Step != "" {
		line += ", at " + step(e.Step)
	}
	if len(e.Services) > 0 {
		line += ", of " + esc(join(slices.Clone(e.Services), "and", 6), 400)
	}
	return line + why(e.Reason)
}

// found lists what was resolved, as exactly as it is known.
func found(targets []deployer.Target) string {
	var out []string
	for _, t := range targets {
		words := "*" + esc(t.Service, nameMost) + "* " + state(t.Before) + " → " + state(t.After)
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
		return code(version(s), nameMost)
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
