package view

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// Everything that can stand in the thread, for the same deployment.
func TestThreadMessagesReadAsInTheirFiles(t *testing.T) {
	t.Parallel()
	d := bottest.Failed(t).Deployment()
	note := func(kind deployer.NoteKind, n deployer.Note) deployer.Message {
		n.Kind = kind
		return deployer.Message{Kind: deployer.MessageNote, Note: n}
	}
	for name, m := range map[string]deployer.Message{
		"step-done":          note("step-done", deployer.Note{Step: "Roll out"}),
		"step-remarked":      note("step-done", deployer.Note{Step: "Roll out", Why: "6 pods, healthy for 10s.", Detail: stillEnds}),
		"disproved":          note(deployer.NoteDisproved, deployer.Note{Step: "Pods run the new version", Why: putBack}),
		"unproven":           note(deployer.NoteUnproven, deployer.Note{Step: "Pods run the new version", Why: "Whether it is so still can not be told: connection refused"}),
		"target-changed":     note(deployer.NoteTargetChanged, deployer.Note{Why: "web is not as it was when this began: its environment was changed by <kubectl-set>."}),
		"taken-over":         {Kind: deployer.MessageNote, To: "UANA", Note: deployer.Note{Kind: deployer.NoteDecided, Choice: deployer.ChoiceTakeOver, By: bottest.Bob, Why: "it <pages> all night"}},
		"handed-back":        note(deployer.NoteDecided, deployer.Note{Choice: deployer.ChoiceHandBack, By: bottest.Bob}),
		"arrived":            note(deployer.NoteArrived, deployer.Note{By: bottest.Bob, Detail: "<web>"}),
		"let-go":             note(deployer.NoteRechecked, deployer.Note{Step: "Roll out", Why: letGo}),
		"rollback-undoes":    note(deployer.NoteDecided, deployer.Note{Choice: deployer.ChoiceRollBack, Step: "Roll out", By: bottest.Bob, Why: "It undoes this, too: " + setEnv, Detail: "web to v1"}),
		"step-failed":        note("step-failed", deployer.Note{Step: "Roll out", Why: bottest.Crash, Detail: "boom\npanic: <no> `database` & more"}),
		"step-interrupted":   note("step-interrupted", deployer.Note{Step: "Roll out", Why: "Somebody else changed it."}),
		"confirmed":          note("confirmed", deployer.Note{Step: "Change control is followed", By: bottest.Ana}),
		"approved":           note("approved", deployer.Note{Step: "Tech lead approves", By: bottest.Bob}),
		"voided":             note("voided", deployer.Note{Step: "Tech lead approves", Why: "It runs 3 now."}),
		"decided-check":      note(deployer.NoteDecided, deployer.Note{Choice: deployer.ChoiceCheck, Step: "Roll out", By: bottest.Bob}),
		"decided-rollback":   note(deployer.NoteDecided, deployer.Note{Choice: deployer.ChoiceRollBack, Step: "Roll out", By: bottest.Bob, Why: "customers wait", Detail: "orders, web"}),
		"decided-patch":      note(deployer.NoteDecided, deployer.Note{Choice: deployer.ChoicePatch, Step: "Roll out", By: bottest.Bob, Why: "v3 <mends> it", Detail: "web from v2 to v3"}),
		"not-patched":        {Kind: deployer.MessageNote, To: "UBOB", Note: deployer.Note{Kind: deployer.NoteDecided, Choice: deployer.ChoiceUnpatched, Step: "Roll out", By: deployer.Itself, Why: "There is no tag <v3>."}},
		"decided-stop":       note(deployer.NoteDecided, deployer.Note{Choice: deployer.ChoiceStop, By: bottest.Bob, Why: "Stopped by Bob: <!channel>"}),
		"rejected":           {Kind: deployer.MessageNote, To: "UANA", Note: deployer.Note{Kind: deployer.NoteDecided, Choice: deployer.ChoiceReject, By: bottest.Bob, Why: "Rejected by Bob: not today"}},
		"undelivered":        note("undelivered", deployer.Note{DedupKey: "starting/change", Why: "I am not in the channel for change: invite me there with /invite."}),
		"undelivered-card":   note("undelivered", deployer.Note{DedupKey: "card", Why: "The channel is archived."}),
		"card-lost":          note(deployer.NoteCardLost, deployer.Note{Why: "The one before was deleted."}),
		"ended-stopped":      note(deployer.NoteEnded, deployer.Note{Status: deployer.Stopped, Why: "Stopped by Bob."}),
		"ended-complete":     note(deployer.NoteEnded, deployer.Note{Status: deployer.Complete}),
		"unknown":            note("something-new", deployer.Note{Step: "Roll out", Why: "as it is"}),
		"ask-approve":        {Kind: deployer.MessageAsk, Role: "tech-lead", Note: deployer.Note{Kind: "approve", Step: "Tech lead approves", Why: "web runs 3 now"}},
		"ask-nobody":         {Kind: deployer.MessageAsk, Role: "nobody", Note: deployer.Note{Kind: "approve", Step: "Tech lead approves"}},
		"ask-requester":      {Kind: deployer.MessageAsk, To: "UANA", Note: deployer.Note{Kind: "confirm", Step: "Wrap up"}},
		"remind-approve":     {Kind: deployer.MessageRemind, Role: "tech-lead", Args: map[string]string{deployer.RemindSince: "1770328920"}, Note: deployer.Note{Kind: "approve", Step: "Tech lead approves"}},
		"remind-last":        {Kind: deployer.MessageRemind, Role: "tech-lead", Args: map[string]string{deployer.RemindSince: "1770328920", deployer.RemindLast: "yes"}, Note: deployer.Note{Kind: "approve", Step: "Tech lead approves"}},
		"remind-requester":   {Kind: deployer.MessageRemind, Args: map[string]string{deployer.RemindSince: "1770328920", deployer.RemindLast: "yes"}, Note: deployer.Note{Kind: "confirm", Step: "Wrap up"}},
		"held":               {Kind: deployer.MessageNote, Note: deployer.Note{Kind: deployer.NoteStepHeld, Step: "Roll out", Why: "web is locked by Bob: incident 4711."}, Args: map[string]string{deployer.HeldUntil: "2026-02-06T00:00:00Z"}},
		"released":           note(deployer.NoteStepReleased, deployer.Note{Step: "Roll out"}),
		"ask-override":       {Kind: deployer.MessageAsk, Role: "tech-lead", Note: deployer.Note{Kind: deployer.NoteAsksOverride, Step: "Roll out", Why: "It is night."}},
		"overridden":         {Kind: deployer.MessageOverridden, Note: deployer.Note{Kind: deployer.NoteOverridden, By: bottest.Bob, Why: "Frozen: <Holidays>."}, Args: map[string]string{deployer.OverriddenAs: "tech-lead", deployer.OverriddenReason: "nobody can <pay>"}},
		"gate-proceed":       note(deployer.NoteDecided, deployer.Note{Choice: deployer.ChoiceProceed, Step: "Build", By: bottest.Bob}),
		"gate-abort":         note(deployer.NoteDecided, deployer.Note{Choice: deployer.ChoiceAbort, Step: "Build", Detail: "api", By: bottest.Bob, Why: "wrong <branch>"}),
		"ask-gate":           {Kind: deployer.MessageAsk, Role: "tech-lead", Note: deployer.Note{Kind: deployer.NoteAsksGate, Step: "Build", Why: "Deploy build #7 to prod?"}},
		"ask-gate-nobody":    {Kind: deployer.MessageAsk, To: "UANA", Note: deployer.Note{Kind: deployer.NoteAsksGate, Step: "Build", Why: "Deploy build #7 to prod?"}},
		"remind-gate":        {Kind: deployer.MessageRemind, Role: "tech-lead", Args: map[string]string{deployer.RemindSince: "1770328920", deployer.RemindLast: "yes"}, Note: deployer.Note{Kind: deployer.NoteAsksGate, Step: "Build", Why: "Deploy build #7 to prod?"}},
		"refused":            {Kind: deployer.MessageRefused, To: "UANA", Note: deployer.Note{Kind: "refused", Why: "There is no tag v9. Did you mean v8?"}},
		"escalated-deputies": {Kind: deployer.MessageEscalated, Role: "deputies of tech-lead", Args: map[string]string{deployer.RemindSince: "1770328920", deployer.EscalatedLevel: "deputies"}, Note: deployer.Note{Kind: "approve", Step: "Tech lead approves"}},
		"escalated-nobody":   {Kind: deployer.MessageEscalated, Role: "deputies of sre", Args: map[string]string{deployer.RemindSince: "1770328920", deployer.EscalatedLevel: "deputies"}, Note: deployer.Note{Kind: "approve", Step: "Tech lead approves"}},
		"escalated-page":     {Kind: deployer.MessageEscalated, Role: "tech-lead", Args: map[string]string{deployer.RemindSince: "1770328920", deployer.EscalatedLevel: "page"}, Note: deployer.Note{Kind: "approve", Step: "Tech lead approves"}},
		"escalated-glass":    {Kind: deployer.MessageEscalated, Role: "tech-lead", Args: map[string]string{deployer.RemindSince: "1770328920", deployer.EscalatedLevel: "break-glass"}, Note: deployer.Note{Kind: "confirm", Step: "Wrap up"}},
		"escalated-decision": {Kind: deployer.MessageEscalated, Role: "deputies of tech-lead", Args: map[string]string{deployer.RemindSince: "1770328920", deployer.EscalatedLevel: "deputies"}, Note: deployer.Note{Kind: "asks-decide", Step: "Roll out"}},
		"paged":              {Kind: deployer.MessagePaged, Channel: "UOLGA", Args: map[string]string{deployer.RemindSince: "1770328920", deployer.EscalatedLevel: "page"}, Note: deployer.Note{Kind: deployer.NoteAsksDecide, Step: "Roll <out>"}},
		"glass-broken":       {Kind: deployer.MessageGlass, Note: deployer.Note{Kind: deployer.NoteDecided, Choice: deployer.ChoiceApprove, By: bottest.Bob, Why: "the shop is <!channel> down", Detail: "tech-lead", Step: "Tech lead approves"}},
		"remind-decision":    {Kind: deployer.MessageRemind, Args: map[string]string{deployer.RemindSince: "1770328920", deployer.RemindLast: "yes"}, Note: deployer.Note{Kind: deployer.NoteAsksDecide, Step: "Roll out"}},
		"approved-by-deputy": {Kind: deployer.MessageNote, Args: map[string]string{deployer.AnsweredAs: "deputies"}, Note: deployer.Note{Kind: deployer.NoteApproved, Step: "Tech lead approves", By: bottest.Dora}},
		"held-default":       note(deployer.NoteDecided, deployer.Note{Choice: deployer.ChoiceHold, Step: "Roll out", By: bottest.Bob}),
		"reviewed-glass":     note(deployer.NoteDecided, deployer.Note{Choice: deployer.ChoiceReviewed, By: bottest.Bob}),
	} {
		if m.Note.Kind.StepBroke() { // for the first time
			m.To = "UANA"
		}
		t.Run(name, func(t *testing.T) {
			d := d
			d.Ended = d.Created.Add(19 * time.Minute)
			text, blocks := Message(m, d, plainRenderer)
			if e := bottest.BlockFaults(blocks); e != "" {
				t.Error(e)
			}
			bottest.Golden(t, filepath.Join("thread", name), text, blocks)
		})
	}
}

// Whoever is awaited was called when there was the card before: the note that there is
// another one calls them again.
func TestNoteOfAnotherCardCallsTheAwaited(t *testing.T) {
	t.Parallel()
	m := deployer.Message{Kind: deployer.MessageNote, Note: deployer.Note{Kind: deployer.NoteCardLost, Why: "The one before was deleted."}}
	for name, c := range map[string]struct {
		d    deployer.Deployment
		want string
	}{
		"approval":    {bottest.Confirmed(t).Deployment(), plainRenderer.Mention("tech-lead") + ": the buttons are on the card above."},
		"failure":     {bottest.Failed(t).Deployment(), "<@UANA>"},
		"rolling out": {bottest.RollingOut(t, bottest.Web).Deployment(), ""},
	} {
		_, blocks := Message(m, c.d, plainRenderer)
		b, err := json.Marshal(blocks)
		if err != nil {
			t.Fatal(err)
		}
		said := strings.NewReplacer("\\u003c", "<", "\\u003e", ">").Replace(string(b))
		if !strings.Contains(said, c.want) || c.want == "" && strings.Contains(said, "on the card above") {
			t.Errorf("%s: it says %s, want %q", name, said, c.want)
		}
	}
}

// What nobody can tell after a stop calls those who decide, while they can.
func TestUntoldCallsTheDeciders(t *testing.T) {
	t.Parallel()
	m := deployer.Message{Kind: deployer.MessageNote, Note: deployer.Note{Kind: deployer.NoteUntold, Why: "connection refused."}}
	n := bottest.Untold(t, bottest.Web)
	text, blocks := Message(m, n.Deployment(), plainRenderer)
	bottest.Golden(t, filepath.Join("thread", "untold"), text, blocks)
	n.Does(bottest.Bob, deployer.Answer{Choice: deployer.ChoiceStop, Comment: "gone"})
	if _, blocks := Message(m, n.Deployment(), plainRenderer); len(blocks) != 1 {
		t.Errorf("it is decided, and they are called: %s", bottest.JSON(t, blocks))
	}
}

// A long log stands in several blocks, line by line, and none is missing.
func TestLongLogIsShownInBlocks(t *testing.T) {
	t.Parallel()
	var log []string
	for i := range 50 {
		log = append(log, fmt.Sprintf("%02d level=info %s", i, strings.Repeat("x", 120)))
	}
	m := deployer.Message{Kind: deployer.MessageNote, Note: deployer.Note{Kind: "step-failed", Step: "Roll out", Detail: strings.Join(log, "\n")}}
	_, blocks := Message(m, deployer.Deployment{}, plainRenderer)
	var shown []string
	for _, b := range blocks[1:] {
		text := b.(*slack.SectionBlock).Text.Text
		if mrkdwn.Units(text) > mrkdwn.SectionMax || !strings.HasPrefix(text, "```\n") || !strings.HasSuffix(text, "\n```") {
			t.Errorf("a block of %d units: %q", mrkdwn.Units(text), text)
		}
		shown = append(shown, strings.Split(strings.Trim(text, "`\n"), "\n")...)
	}
	if diff := cmp.Diff(log, shown); diff != "" || mrkdwn.TextUnits(blocks) > mrkdwn.AllTextMax {
		t.Errorf("%d units in all (-log +shown):\n%s", mrkdwn.TextUnits(blocks), diff)
	}
}

func TestLocksAreToldToTheirChannel(t *testing.T) {
	t.Parallel()
	lock := deployer.Message{Kind: deployer.MessageLock, Note: deployer.Note{By: bottest.Bob, Why: "stock-taking & more"}, Args: map[string]string{
		"service": "web", "retailer": "tangerine", "environment": "prod", "until": "2026-02-05T22:00:00Z",
	}}
	all := lock
	all.Args = map[string]string{"retailer": "tangerine", "environment": "prod"}
	unlock := lock
	unlock.Note.Kind = deployer.NoteUnlocked
	unlock.Args = map[string]string{"service": "web", "retailer": "tangerine", "environment": "prod", "holder": "UANA"}
	own := unlock
	own.Args = map[string]string{"service": "web", "retailer": "tangerine", "environment": "prod", "holder": "UBOB"}
	for name, c := range map[string]struct {
		m    deployer.Message
		want string
	}{
		"a service":  {lock, "🔒 *web* in tangerine prod is locked by Bob until " + mrkdwn.Date(bottest.TenPM) + ": stock-taking &amp; more.\nNobody else starts a deployment there, and what is under way waits before it changes anything. To end it: `/deploy unlock web --env prod`"},
		"everything": {all, "🔒 *Everything in tangerine prod* is locked by Bob: stock-taking &amp; more.\nNobody else starts a deployment there, and what is under way waits before it changes anything. To end it: `/deploy unlock --env prod`"},
		"another's":  {unlock, "🔓 *web* in tangerine prod is no longer locked: Bob has ended the lock of <@UANA>."},
		"one's own":  {own, "🔓 *web* in tangerine prod is no longer locked: Bob has ended their own lock."},
	} {
		if got, _ := Message(c.m, deployer.Deployment{}, plainRenderer); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}
