package trail

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// How many units of what people and systems have said stand in a line.
const (
	whyMax    = 600
	reasonMax = 150 // of why a deployment was asked for
)

// eventLine says in one line what an event is, and when it was; d is the
// deployment as it is now, whose steps have the titles. A test holds the cases
// against the core's events.
func eventLine(e deployer.Event, d deployer.Deployment, n view.Names) (time.Time, string) {
	step := func(id string) string {
		if s := d.Step(id); s != nil && s.Title != "" {
			return "“" + view.StepTitle(*s) + "”"
		}
		return "“" + mrkdwn.Escape(id, mrkdwn.TitleMax) + "”"
	}
	why := func(s string) string {
		if s == "" {
			return ""
		}
		return ": " + mrkdwn.Escape(s, whyMax)
	}
	switch e := e.(type) {
	case deployer.Created:
		return e.At, createdLine(e, n)
	case deployer.Resolved:
		return e.At, "Looked up what that means: " + found(e.Targets)
	case deployer.OrderSeen:
		return e.At, recorded(n, e.By) + " gave an order" + fromTerminal(e) + " · click " + hash(e.Nonce, 8)
	case deployer.StepBegan:
		return e.At, step(e.Step) + " begins" + attempt(e.Attempt) + lookOnly(e.Look)
	case deployer.StepEnded:
		return e.At, step(e.Step) + " " + map[deployer.StepStatus]string{
			deployer.Done: "is done", deployer.StepNotNeeded: "is not needed", deployer.StepFailed: "*failed*", deployer.StepInterrupted: "was *interrupted*",
		}[e.Status] + why(e.Why)
	case deployer.Answered:
		return e.At, answeredLine(e, d, n, step, why)
	case deployer.ApprovalVoided:
		return e.At, "The approvals of " + step(e.Step) + " are void" + why(e.Why)
	case deployer.ApprovalLapsed:
		return e.At, "The approval of " + step(e.Step) + " is asked again" + why(e.Why)
	case deployer.ApprovalCarried:
		return e.At, "The approval that " + recorded(n, e.Approval.By) + " gave in " + mrkdwn.Escape(e.Approval.From, mrkdwn.NameMax) + " at " + mrkdwn.Date(e.Approval.At) +
			" counts for " + step(e.Step) + ", exactly " + mrkdwn.Code(e.Approval.Subject, mrkdwn.NameMax)
	case deployer.TargetChanged:
		return e.At, changedLine(e, n) + why(e.Why)
	case deployer.EffectIntended:
		return e.At, intendedLine(e, step)
	case deployer.EffectTried:
		return e.At, "Tried: " + mrkdwn.Code(e.Key, mrkdwn.NameMax)
	case deployer.GateOpened:
		return e.At, mrkdwn.Code(e.Key, mrkdwn.NameMax) + " waits at the gate " + mrkdwn.Code(e.Gate.ID, mrkdwn.NameMax) + why(e.Gate.Asks)
	case deployer.ConditionSeen:
		return e.At, "Whether " + step(e.Step) + " is needed: " + map[deployer.Truth]string{deployer.Unasked: "it can’t be told", deployer.Holds: "yes", deployer.Fails: "no"}[e.Is] + why(e.Why)
	case deployer.Overridden:
		return e.At, recorded(n, e.By) + " (" + mrkdwn.Escape(e.Role, mrkdwn.NameMax) + ") overrode “" + mrkdwn.Shorten(strings.TrimSuffix(e.Why, "."), 300) + "”" + why(e.Reason)
	case deployer.StepHeld:
		if e.Held.Why == "" {
			return e.At, "Nothing holds " + step(e.Step) + " any more"
		}
		until := ""
		if !e.Held.Until.IsZero() {
			until = " until " + mrkdwn.Date(e.Held.Until)
		}
		return e.At, step(e.Step) + " is held" + until + why(e.Held.Why)
	case deployer.EffectActed:
		return e.At, "Acted: " + mrkdwn.Code(e.Key, mrkdwn.NameMax) + " · reference " + mrkdwn.Code(e.Ref, 160)
	case deployer.EffectSettled:
		return e.At, "Settled: " + mrkdwn.Code(e.Key, mrkdwn.NameMax) + " · *" + mrkdwn.Escape(string(e.Outcome.Result), mrkdwn.NameMax) + "*" + why(said(e.Outcome.Why, e.Outcome.Remark))
	case deployer.EffectRechecked:
		return e.At, "Looked at once more: " + mrkdwn.Code(e.Key, mrkdwn.NameMax) + " · *" + mrkdwn.Escape(string(e.Outcome.Result), mrkdwn.NameMax) + "*" + why(said(e.Outcome.Why, e.Outcome.Detail, e.Outcome.Remark))
	case deployer.EffectReopened:
		return e.At, "Looked at again: " + mrkdwn.Code(e.Key, mrkdwn.NameMax) + attempt(e.Attempt)
	case deployer.StepExpired:
		return e.At, "The time of " + step(e.Step) + " has run out"
	case deployer.Reminded:
		if e.Step == "" {
			return e.At, "Whoever decides was called again"
		}
		return e.At, "Whoever is awaited for " + step(e.Step) + " was called again"
	case deployer.Escalated:
		return e.At, escalatedLine(e, step, n)
	case deployer.Delivered:
		return e.At, "Slack took the message " + mrkdwn.Code(e.Post.DedupKey, mrkdwn.NameMax) + " in <#" + mrkdwn.Escape(e.Post.Channel, mrkdwn.NameMax) + ">"
	case deployer.Undelivered:
		if deployer.MessageKindOf(e.DedupKey) == deployer.MessageCard {
			return e.At, "The card can’t be shown" + why(e.Why)
		}
		return e.At, "The message " + mrkdwn.Code(e.DedupKey, mrkdwn.NameMax) + " can’t be delivered" + why(e.Why)
	case deployer.PlacesFreed:
		return e.At, "The places are free"
	case deployer.Ended:
		return e.At, "*Ended: " + mrkdwn.Escape(string(e.Status), mrkdwn.NameMax) + "*" + why(e.Why)
	}
	return time.Time{}, mrkdwn.Escape(strings.TrimPrefix(fmt.Sprintf("%T", e), "deployer."), mrkdwn.NameMax)
}

// escalatedLine says who may answer now, or was paged, since nobody came.
func escalatedLine(e deployer.Escalated, step func(string) string, n view.Names) string {
	what := "the decision"
	if e.Step != "" {
		what = step(e.Step)
	}
	switch e.Level {
	case deployer.LevelDeputies:
		return "Nobody came for " + what + ": deputies may answer too"
	case deployer.LevelPage:
		var who []string
		for _, p := range e.People {
			who = append(who, recorded(n, p))
		}
		if len(who) == 0 {
			return "Nobody came for " + what + ": whoever is on call was paged"
		}
		return "Nobody came for " + what + ": paged " + mrkdwn.Join(who, "and", 6)
	}
	return "Nobody came for " + what + ": the glass may be broken"
}

// fromTerminal says so of an order that did not come from Slack.
func fromTerminal(e deployer.OrderSeen) string {
	if e.Via == deployer.ViaTerminal {
		return " from a terminal"
	}
	return ""
}

// said joins what was said of an outcome, as far as anything was.
func said(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " · ")
}

func createdLine(e deployer.Created, n view.Names) string {
	s := e.Start
	line := recorded(n, e.By) + " asked for " + view.ReleaseWords(s.Releases) + " in " + mrkdwn.Escape(s.Site.Name, mrkdwn.NameMax) + " " + mrkdwn.Escape(s.Site.Environment, mrkdwn.NameMax) +
		", by the procedure " + mrkdwn.Code(s.Procedure.ID, mrkdwn.NameMax) + " " + hash(s.Procedure.SHA, 8)
	if s.Wait {
		line += ", and waits for its turn"
	}
	if s.Reason != "" {
		line += ": “" + mrkdwn.Escape(s.Reason, reasonMax) + "”"
	}
	for _, id := range slices.Sorted(maps.Keys(s.Inputs)) {
		line += " · " + mrkdwn.Escape(id, mrkdwn.NameMax) + " " + mrkdwn.Code(s.Inputs[id], mrkdwn.NameMax)
	}
	return line
}

func answeredLine(e deployer.Answered, d deployer.Deployment, n view.Names, step, why func(string) string) string {
	who := recorded(n, e.By) + counted(e) + " "
	switch e.Choice {
	case deployer.ChoiceDone, deployer.ChoiceByHand:
		return who + confirmedWords(e, d, step) + why(e.Comment)
	case deployer.ChoiceSave:
		return who + tickedWords(e, d, step)
	case deployer.ChoiceSend:
		to := "sent, for "
		if s := d.Step(e.Step); s == nil || s.ForClients() {
			to = "sent clients, for "
		}
		return who + to + step(e.Step) + ": “" + mrkdwn.Escape(e.Words(), whyMax) + "”"
	case deployer.ChoiceApprove:
		return who + "approved, for " + step(e.Step) + ", exactly " + mrkdwn.Code(e.Subject, mrkdwn.NameMax) + why(e.Comment)
	}
	switch e.Choice {
	case deployer.ChoiceChanges:
		return who + "asked for changes, at " + step(e.Step) + why(e.Comment)
	case deployer.ChoiceReply:
		return who + "replied to that, at " + step(e.Step) + why(e.Comment)
	case deployer.ChoiceView:
		return who + "would decide: *" + mrkdwn.Escape(string(e.Viewed()), mrkdwn.NameMax) + "*, at " + step(e.Step) + why(e.Comment)
	}
	of := ""
	if e.Item != "" {
		of = " of *" + mrkdwn.Escape(e.Item, mrkdwn.NameMax) + "*"
	}
	switch e.Choice {
	case deployer.ChoiceProceed:
		return who + "let " + step(e.Step) + of + " proceed, at the gate " + mrkdwn.Code(e.Subject, mrkdwn.NameMax) + why(e.Comment)
	case deployer.ChoicePatch:
		var to []string
		for _, service := range slices.Sorted(maps.Keys(e.Values)) {
			to = append(to, mrkdwn.Escape(service, mrkdwn.NameMax)+" "+mrkdwn.Code(e.Values[service], mrkdwn.NameMax))
		}
		return who + "decided: *Patch forward* to " + mrkdwn.Join(to, "and", 6) + ", at " + step(e.Step) + why(e.Comment)
	case deployer.ChoiceUnpatched:
		return "*It was not patched forward*, at " + step(e.Step) + why(e.Comment)
	case deployer.ChoiceAbort:
		return who + "aborted " + step(e.Step) + of + ", at the gate " + mrkdwn.Code(e.Subject, mrkdwn.NameMax) + why(e.Comment)
	}
	switch e.Choice {
	case deployer.ChoiceTakeOver:
		return who + "took it over" + why(e.Comment)
	case deployer.ChoiceHandBack:
		return who + "handed it back" + why(e.Comment)
	}
	line := who + "decided: *" + mrkdwn.Escape(string(e.Choice), mrkdwn.NameMax) + "*"
	if e.Step != "" {
		line += ", at " + step(e.Step)
	}
	if len(e.Services) > 0 {
		line += ", of " + mrkdwn.Escape(mrkdwn.Join(slices.Clone(e.Services), "and", 6), 400)
	}
	return line + why(e.Why())
}

// changedLine is what a target was seen to run, and who had taken over.
func changedLine(e deployer.TargetChanged, n view.Names) string {
	line := "*" + mrkdwn.Escape(e.Service, mrkdwn.NameMax) + "* was seen to run " + state(e.Before) + " now"
	if e.By.ID != "" {
		line += ", which is wanted; " + recorded(n, e.By) + " had taken over"
	}
	return line
}

// tickedWords are what somebody has ticked of a checklist, and the evidence.
func tickedWords(e deployer.Answered, d deployer.Deployment, step func(string) string) string {
	line := "ticked, of " + step(e.Step)
	if e.Item != "" {
		line += " for *" + mrkdwn.Escape(e.Item, mrkdwn.NameMax) + "*"
	}
	s := d.Step(e.Step)
	if s == nil {
		return line
	}
	if evidence := e.Values[deployer.EvidenceOf(0)]; evidence != "" {
		line += " " + mrkdwn.Code(evidence, whyMax)
	}
	if e.Values[deployer.TickOf(0)] == deployer.Unticked {
		line += " · taken back: the evidence"
	}
	for i, it := range deployer.Checklist(*s, e.Item) {
		evidence := e.Values[deployer.EvidenceOf(i+1)]
		if evidence == "" && e.Values[deployer.TickOf(i+1)] == "" {
			continue
		}
		if line += " · "; e.Values[deployer.TickOf(i+1)] == deployer.Unticked {
			line += "taken back: "
		}
		if line += "“" + mrkdwn.Escape(it.Title, whyMax) + "”"; evidence != "" {
			line += " " + mrkdwn.Code(evidence, whyMax)
		}
	}
	return line
}

// confirmedWords are what somebody has done or answered, of which of several things, and
// what was filled in, by the fields' ids as it was recorded.
func confirmedWords(e deployer.Answered, d deployer.Deployment, step func(string) string) string {
	line := "confirmed " + step(e.Step)
	if s := d.Step(e.Step); s != nil && s.Hand || e.Choice == deployer.ChoiceByHand {
		line = "did " + step(e.Step) + " by hand"
	}
	if e.Item != "" {
		line += " for *" + mrkdwn.Escape(e.Item, mrkdwn.NameMax) + "*"
	}
	for _, id := range slices.Sorted(maps.Keys(e.Values)) {
		line += " · " + mrkdwn.Escape(id, mrkdwn.NameMax) + " " + mrkdwn.Code(e.Values[id], whyMax)
	}
	return line
}

// intendedLine says what is about to be tried: what a step is for, or what only
// holds or answers it.
func intendedLine(e deployer.EffectIntended, step func(string) string) string {
	key := deployer.ParseEffectKey(e.Key)
	line := "Intended: " + mrkdwn.Code(e.Runner, mrkdwn.NameMax)
	if key.Verb != "" && key.Verb != deployer.VerbPause { // which the runner's name says
		line += ", the answer " + mrkdwn.Code(key.Verb, mrkdwn.NameMax)
	}
	if key.Item == "" {
		return line + " for " + step(key.Step) + attempt(e.Attempt)
	}
	line += " of *" + mrkdwn.Escape(key.Item, mrkdwn.NameMax) + "*" + attempt(e.Attempt)
	if e.Before != (deployer.State{}) { // of what is done already, from before the first try
		line += ", which ran " + state(e.Before) + " before"
	}
	return line
}

// found lists what was resolved, as exactly as it is known.
func found(targets []deployer.Target) string {
	var out []string
	for _, t := range targets {
		words := "*" + mrkdwn.Escape(t.Service, mrkdwn.NameMax) + "* " + state(t.Before) + " → " + state(t.After)
		if t.Live {
			words += ", which runs already"
		}
		if len(t.Remarks) > 0 {
			words += " (" + mrkdwn.Escape(strings.Join(t.Remarks, " "), whyMax) + ")"
		}
		out = append(out, words)
	}
	return mrkdwn.Join(out, "and", 8)
}

// state is what a target runs: the digest is what proves it.
func state(s deployer.State) string {
	if s.Image == "" {
		return mrkdwn.Code(view.Version(s), mrkdwn.NameMax)
	}
	image := s.Image
	if at := strings.Index(image, "@sha256:"); at >= 0 {
		image = mrkdwn.Clip(image[:at]+image[at:min(len(image), at+20)], 200)
	}
	return mrkdwn.Code(image, 200)
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
