package view

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/awaited"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// cardQuestion is what people are asked on a card.
type cardQuestion struct{ card }

// question says what is asked, of whom, since when.
func (c cardQuestion) question(s deployer.StepState) string {
	lines := []string{"*" + c.asks(s) + "*"}
	if why := c.unanswerable(s); why != "" {
		lines = append(lines, signalWrong+why)
	}
	lines = append(lines, c.otherwise(s))
	if s.Approves() {
		if given := c.givenSoFar(s); given != "" {
			lines = append(lines, given)
		}
		lines = append(lines, c.requests(s)...)
		if until := c.holdsUntil(s); until != "" {
			lines = append(lines, until)
		}
		if back := cardBack(c).wayBackLater(); back != "" && s.Part == deployer.PartMain {
			lines = append(lines, back)
		}
		if lost := cardBack(c).lost("The rollback undoes this, too"); lost != "" && s.Part == deployer.PartRollback {
			lines = append(lines, lost)
		}
		if s.Why != "" {
			lines = append(lines, "Asked again: "+mrkdwn.Shorten(s.Why, c.text))
		}
	}
	if _, _, ok := s.GateOf(); ok {
		return strings.Join(append(lines, c.elsewhere(s)...), "\n")
	}
	if asks := cardStep(c).asksWhat(s, ""); asks != "" {
		lines = append(lines, asks)
	}
	lines = append(lines, cardStep(c).instructions(s)...)
	lines = append(lines, cardStep(c).checklist(s, onlyOf(c.d, s))...)
	lines = append(lines, c.answered(s)...)
	if s.Reviewed() {
		lines = append(lines, c.reviewing(s))
	}
	return strings.Join(lines, "\n")
}

// onlyOf is the one thing that a step asks for; "": all, or several.
func onlyOf(d deployer.Deployment, s deployer.StepState) string {
	if all := deployer.AskedOf(d, s); len(all) == 1 {
		return all[0]
	}
	return ""
}

// answered says, of a step that asks for several things, which are answered by whom,
// and which are not.
func (c cardQuestion) answered(s deployer.StepState) []string {
	all, open := deployer.AskedOf(c.d, s), deployer.Unanswered(c.d, s)
	if len(all) < 2 {
		return nil
	}
	var given []string
	for _, g := range s.Given {
		if g.Item != "" && slices.Contains(all, g.Item) && !slices.Contains(open, g.Item) {
			given = append(given, mrkdwn.Escape(g.Item, mrkdwn.NameMax)+" ("+name(c.Names, g.By)+")")
		}
	}
	line := fmt.Sprintf("%d of %d", len(all)-len(open), len(all))
	if len(given) > 0 {
		line += " so far: " + mrkdwn.Join(given, "and", 4)
	}
	return []string{line + " · open: " + c.someOf(open)}
}

// someOf names a few things, and counts the rest.
func (c card) someOf(items []string) string {
	var out []string
	for _, item := range items {
		out = append(out, mrkdwn.Escape(item, mrkdwn.NameMax))
	}
	return mrkdwn.Join(out, "and", 4)
}

// otherwise says since when nobody has answered, and what happens if it stays
// so. Nothing more is promised.
func (c cardQuestion) otherwise(s deployer.StepState) string {
	out := []string{mrkdwn.Ago("Asked", s.Asked())}
	q, _ := deployer.AwaitingAt(c.d, s)
	switch r := q.Reminder(); {
	case !r.IsZero():
		out = append(out, "reminder "+c.timely(r))
	case s.Reminded > 0:
		out = append(out, "last reminder "+c.timely(s.Asked().Add(s.Remind[s.Reminded-1])))
	}
	if until := deadline(s); !until.IsZero() && !s.Expired {
		out = append(out, c.unanswered(s)+" "+c.timely(until)+" without an answer")
	}
	return strings.Join(append([]string{strings.Join(out, " · ")}, cardPatience(c).patience(q)...), "\n")
}

// unanswered is what becomes of a step that nobody answers in time.
func (c cardQuestion) unanswered(s deployer.StepState) string {
	with := s.WithOf("")
	for _, row := range with["choices"].Rows {
		if row["id"] == with["default"].Text && row["id"] != "" {
			return "“" + mrkdwn.Escape(cmp.Or(row["label"], row["id"]), mrkdwn.NameMax) + "” is taken"
		}
	}
	if s.OnFailure == deployer.FailureContinue {
		return "it goes on"
	}
	return "it fails"
}

// asks says who is waited for, and for what.
func (c cardQuestion) asks(s deployer.StepState) string {
	if g, item, ok := s.GateOf(); ok {
		return c.asksAtGate(s, g, deployer.ItemName(c.d, s, item))
	}
	switch {
	case s.Approves() && len(deployer.OpenRequests(s)) > 0:
		return "Waiting for " + c.replies() + " to reply"
	case s.Approves():
		return "Waiting for " + c.whom(s) + " to approve"
	case awaited.CallsRoles(s):
		return "Waiting for " + c.whom(s) + ": " + StepTitle(s)
	}
	return "Waiting for " + c.whom(s) + ": " + StepTitle(s) + handWords(s)
}

// whom are the people who are waited for.
func (c cardQuestion) whom(s deployer.StepState) string {
	switch _, _, gated := s.GateOf(); {
	case gated && s.GateRole() != "":
		return mrkdwn.Join(holdersOrSomebody(c.Names, s.GateRole()), "or", 4)
	case gated:
		return "somebody in " + system(s)
	case s.Approves() && len(deployer.OpenRequests(s)) > 0:
		return c.replies()
	case s.Approves():
		return c.awaitedApprovers(s)
	case awaited.CallsRoles(s):
		return c.called(s)
	case s.Role() != "":
		return mrkdwn.Join(holdersOrSomebody(c.Names, s.Role()), "or", 4)
	}
	return name(c.Names, c.d.Requester)
}

// handWords say that a person does what its system would do, if it were there.
func handWords(s deployer.StepState) string {
	if s.Hand {
		return ", by hand"
	}
	return ""
}

// called are those of the roles of which nobody is there yet.
func (c cardQuestion) called(s deployer.StepState) string {
	var out []string
	for _, role := range deployer.Unanswered(c.d, s) {
		who := mrkdwn.Join(holdersOrSomebody(c.Names, role), "or", 3)
		if len(c.Role(role)) > 0 {
			who += " (" + mrkdwn.Escape(role, mrkdwn.NameMax) + ")"
		}
		out = append(out, who)
	}
	return mrkdwn.Join(out, "and", 4)
}

// asksAtGate says who is waited for at a gate, and what its system asks.
func (c cardQuestion) asksAtGate(s deployer.StepState, g deployer.Gate, item string) string {
	return "Waiting for " + c.whom(s) + ": " + gateWords(s.Title, item) + ": " + mrkdwn.Escape(g.Asks, c.text)
}

// gateWords is the step at whose gate something waits, and which of several items.
func gateWords(title, item string) string {
	words := titled(title)
	if item != "" {
		words += " of " + mrkdwn.Escape(item, mrkdwn.NameMax)
	}
	return words
}

// system is the system that a step works in, as its kind is called: jenkins.
func system(s deployer.StepState) string {
	if name, _, ok := strings.Cut(s.Uses, "."); ok {
		return mrkdwn.Escape(name, mrkdwn.NameMax)
	}
	return "its system"
}

// elsewhere says where a gate is answered that nobody can answer here.
func (c cardQuestion) elsewhere(s deployer.StepState) []string {
	if len(c.answers(s)) > 0 {
		return nil
	}
	return []string{"It is answered in " + system(s) + ", not here."}
}

// replies is who answers what somebody wants changed.
func (c card) replies() string {
	if c.d.Requester.Kind == deployer.ActorPerson {
		return name(c.Names, c.d.Requester)
	}
	return mrkdwn.Join(deciders(c.d, c.Names), "or", 4)
}

// requestsMax is how many requests for changes a card shows, the last ones.
const requestsMax = 2

// requests are what people want changed at a step, each with its reply.
func (c card) requests(s deployer.StepState) []string {
	var out []string
	for _, r := range s.Requests[max(0, len(s.Requests)-requestsMax):] {
		line := name(c.Names, r.By) + " asks for changes: " + mrkdwn.Sentence(mrkdwn.Shorten(r.Comment, c.text))
		if r.Reply.By.Name != "" {
			line += "\n" + name(c.Names, r.Reply.By) + ": " + mrkdwn.Sentence(mrkdwn.Shorten(r.Reply.Comment, c.text))
		}
		out = append(out, line)
	}
	return out
}

// givenSoFar says whose approval a step has, as what it counts where there are several
// roles, and who is missing. "": nobody's.
func (c cardQuestion) givenSoFar(s deployer.StepState) string {
	given := approvals(s, c.Names)
	if len(given) == 0 {
		return ""
	}
	if len(s.RoleCounts()) == 0 {
		return fmt.Sprintf("%d of %d so far: %s", len(given), max(s.Count(), 1), mrkdwn.Join(given, "and", 4))
	}
	var missing []string
	for i, a := range s.Approvals {
		var role string
		if role, missing = deployer.ApprovedAs(c.d, s, a.By); role != "" {
			given[i] += " as " + mrkdwn.Escape(role, mrkdwn.NameMax)
		}
	}
	line := "Approved by " + mrkdwn.Join(given, "and", 4)
	if len(missing) > 0 {
		line += " · missing: " + c.someOf(missing)
	}
	return line
}

// holdsUntil says when an approval that was given is over. "": none is.
func (c card) holdsUntil(s deployer.StepState) string {
	if at := deployer.LapsesAt(c.d, s); !at.IsZero() {
		return "What is approved so far holds until " + c.until(at)
	}
	return ""
}

// approvers are those who may still approve: not the requester, and nobody
// twice, whichever approval they have given.
func (c cardQuestion) approvers(s deployer.StepState) []string {
	_, not := c.stillMissing(s)
	who := holders(c.Names, s.Role(), not...)
	switch {
	case len(who) > 0:
		return who
	case len(c.Role(s.Role())) == 0:
		return []string{"somebody of " + mrkdwn.Escape(s.Role(), mrkdwn.NameMax) + " other than " + name(c.Names, c.d.Requester)}
	}
	return []string{"somebody else of " + mrkdwn.Escape(s.Role(), mrkdwn.NameMax)}
}

// awaitedApprovers are they, of each of several roles by itself.
func (c cardQuestion) awaitedApprovers(s deployer.StepState) string {
	counts := s.With["roles"].Counts
	if len(counts) == 0 {
		return mrkdwn.Join(c.approvers(s), "or", 4)
	}
	_, not := c.stillMissing(s)
	missing := map[string]int{}
	for _, role := range deployer.MissingApprovals(c.d, s) {
		missing[role]++
	}
	var out []string
	for _, role := range slices.Sorted(maps.Keys(missing)) {
		who := mrkdwn.Escape(role, mrkdwn.NameMax)
		if known := holders(c.Names, role, not...); len(known) > 0 {
			who = mrkdwn.Join(known, "or", 4) + " (" + who + ")"
		}
		if missing[role] > 1 {
			who = fmt.Sprintf("%d of %s", missing[role], who)
		}
		out = append(out, who)
	}
	return mrkdwn.Join(out, "and", 4)
}

func approvals(s deployer.StepState, n Names) []string {
	var out []string
	for _, a := range s.Approvals {
		who := name(n, a.By)
		if a.From != "" {
			who += " (in " + mrkdwn.Escape(a.From, mrkdwn.NameMax) + ")"
		}
		out = append(out, who)
	}
	return out
}

// unanswerable says that nobody can answer, and why; "": somebody can, or that is
// not known. One human says yes once over all approvals of what is to run.
func (c cardQuestion) unanswerable(s deployer.StepState) string {
	role, missing := s.Role(), 1
	var but []string
	switch _, _, gated := s.GateOf(); {
	case gated:
		role = s.GateRole()
	case s.Approves():
		missing, but = c.stillMissing(s)
	}
	if role == "" {
		return ""
	}
	h := c.Names.Holders(role)
	if q, _ := deployer.AwaitingAt(c.d, s); len(cardPatience(c).standIns(q)) > 0 {
		return "" // somebody else can
	}
	may := len(h.Except(but...))
	switch {
	case h.Unknown || may >= missing:
		return ""
	case may > 0:
		return fmt.Sprintf("Nobody can complete this: %d more of %s have to answer, and only %d can.", missing, mrkdwn.Escape(role, mrkdwn.NameMax), may)
	case len(h.People) > 0:
		return "Nobody can answer this: everybody of " + mrkdwn.Escape(role, mrkdwn.NameMax) + " has asked for it, or has approved already."
	case len(h.Lacks) > 0:
		return "Nobody can answer this: " + mrkdwn.Escape(strings.Join(h.Lacks, "; "), c.text) + "."
	}
	return "Nobody can answer this: nobody is " + mrkdwn.Escape(role, mrkdwn.NameMax) + "."
}

// stillMissing is how many more have to approve a step, and who can't: whoever asked
// for that, or has approved already.
func (c cardQuestion) stillMissing(s deployer.StepState) (n int, but []string) {
	but = append(but, c.d.Requester.ID)
	for _, p := range deployer.Patched(c.d) {
		but = append(but, p.By.ID)
	}
	if s.Part == deployer.PartRollback {
		but = append(but, c.d.RolledBackBy.ID)
	}
	hash := c.d.Subject().Hash()
	n = max(s.Count(), 1)
	for _, other := range c.d.Steps {
		for _, given := range other.Approvals {
			if given.Subject != hash {
				continue
			}
			but = append(but, given.By.ID)
			if other.ID == s.ID {
				n--
			}
		}
	}
	return n, but
}
