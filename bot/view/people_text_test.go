package view_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/form"
	"github.com/stationmaster/stationmaster/bot/view/overview"
	"github.com/stationmaster/stationmaster/bot/view/refusal"
	"github.com/stationmaster/stationmaster/bot/view/trail"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/preview"
)

// saying is a deployment in which all that people have typed is one text.
func saying(d deployer.Deployment, said string) deployer.Deployment {
	d.Reason, d.Why, d.Requester.Name = said, said, said
	d.Inputs = map[string]string{"risk": "a " + said, "ticket": "a " + said}
	d.Warnings = []string{said}
	d.Steps = slices.Clone(d.Steps)
	for i := range d.Steps {
		s := &d.Steps[i]
		s.Why, s.By.Name = said, said
		if s.Skipped.By.ID != "" {
			s.Skipped.By.Name, s.Skipped.Reason = said, said
		}
		s.Approvals = slices.Clone(s.Approvals)
		for j := range s.Approvals {
			s.Approvals[j].By.Name = said
		}
	}
	return d
}

// drawn is all that is drawn of what people have said, as JSON or mrkdwn.
func drawn(t testing.TB, all []view.Scene, said string) []string {
	var out []string
	add := func(text string, blocks []slack.Block) {
		raw, err := json.Marshal(blocks)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, text)
		out = append(out, texts(t, raw)...)
	}
	by := deployer.Actor{ID: "UANA", Name: said}
	for _, s := range all {
		r, d := s.Renderer, saying(s.Deployment, said)
		r.Names = view.SayAll{Name: said}
		add(view.Card(d, s.Progress, r, s.Now))
		h := overview.Home{Renderer: r, Me: by, Roles: []string{"tech-lead"}, Live: []deployer.Deployment{d}, Link: func(deployer.Deployment) string { return "" }, Now: s.Now}
		add("", h.View().Blocks.BlockSet)
		for _, kind := range []deployer.NoteKind{
			deployer.NoteStepDone, deployer.NoteStepFailed, deployer.NoteStepHeld, deployer.NoteStepReleased, deployer.NoteConfirmed, deployer.NoteApproved, deployer.NoteCarried, deployer.NoteVoided, deployer.NoteReviewed,
			deployer.NoteWarning, deployer.NoteUndelivered, deployer.NoteEnded,
		} {
			add(view.Message(deployer.Message{Kind: deployer.MessageNote, Note: deployer.Note{Kind: kind, By: by, Why: said, Step: "Roll out", Detail: said}}, d, r))
		}
		for _, kind := range []deployer.NoteKind{deployer.NoteAsksReply, deployer.NoteReplied} {
			add(view.Message(deployer.Message{Kind: deployer.MessageAsk, To: by.ID, Note: deployer.Note{Kind: kind, By: by, Why: said, Step: "Roll out", Detail: said}}, d, r))
		}
		for _, choice := range []deployer.Choice{deployer.ChoiceStop, deployer.ChoiceSkip, deployer.ChoiceAbort, deployer.ChoiceRollBack, deployer.ChoiceRetry} {
			add(view.Message(deployer.Message{Kind: deployer.MessageNote, Note: deployer.Note{Kind: deployer.NoteDecided, Choice: choice, By: by, Why: said, Detail: said, Step: "Roll out"}}, d, r))
		}
		add(view.Message(deployer.Message{Kind: "complete", Words: "*{what}* by {requester}: {reason}:\n{why}: <https://wiki.example/{reason}?q={why}|see {reason}>", Args: map[string]string{
			"what": said, "requester": said, "reason": said, "why": said,
		}}, d, r))
		add(view.Message(deployer.Message{Kind: deployer.MessageOverridden, Note: deployer.Note{Kind: deployer.NoteOverridden, By: by, Why: said}, Args: map[string]string{
			deployer.OverriddenAs: said, deployer.OverriddenReason: said,
		}}, d, r))
		add(view.LockMessage(deployer.Message{Note: deployer.Note{Kind: deployer.NoteLocked, By: by, Why: said}, Args: map[string]string{"service": "web", "environment": "prod"}}, r), nil)
		add(overview.HistoryEntry(r, d.Summarize(), "", "web")+overview.HistoryReason(d.Summarize()), nil)
		add(refusal.Say(r, refusal.ForMessage, deployer.Refuse(said, "%s: %s", said, said)), nil)
		add(refusal.Say(r, refusal.ForMessage, &deployer.Refusal{Taken: &deployer.Taken{Service: "web", Holder: d}}), nil)
		add(refusal.Say(r, refusal.ForMessage, &deployer.Refusal{Why: "No.", May: &deployer.May{People: []deployer.Actor{by}, Roles: []string{"tech-lead"}}}), nil)
	}
	tr := trail.Trail{Names: view.SayAll{Name: said}, Records: []deployer.Record{{At: bottest.TenPM, Events: []deployer.Event{
		deployer.Created{At: bottest.TenPM, By: by, Start: saidStart(said)},
		deployer.Answered{At: bottest.TenPM, By: by, Choice: deployer.ChoiceDone, Comment: said, Step: "x", Role: "tech-lead"},
		deployer.Answered{At: bottest.TenPM, By: by, Choice: deployer.ChoiceSend, Values: deployer.ClientWords(said)},
		deployer.Answered{At: bottest.TenPM, By: by, Choice: deployer.ChoiceStop, Comment: said},
		deployer.OrderSeen{At: bottest.TenPM, By: by}, deployer.Ended{At: bottest.TenPM, Why: said},
	}}}}
	add("", tr.View(0).Blocks.BlockSet)
	return append(out, form.DryRun(view.Renderer{Names: view.SayAll{Name: said}, Command: "/deploy"}, previewOf(saidStart(said), by), by))
}

func saidStart(said string) deployer.Start {
	s := bottest.StartOf(bottest.Web)
	s.Reason, s.Inputs = said, map[string]string{"risk": said}
	return s
}

// texts are the texts of blocks in mrkdwn. Slack parses no other, and nothing in
// these that is not written as markup.
func texts(t testing.TB, raw []byte) []string {
	var out []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if text, ok := v["text"].(string); ok {
				switch v["type"] {
				case "mrkdwn":
					out = append(out, text)
					if v["verbatim"] != true {
						t.Errorf("Slack makes links of what looks like one in %q", text)
					}
				case "text": // of rich text, in which nothing has a meaning
				case "plain_text":
					if v["emoji"] != false {
						t.Errorf("Slack draws emoji in %q", text)
					}
				default:
					t.Errorf("a text of type %v: %q", v["type"], text)
				}
			}
			for _, key := range slices.Sorted(maps.Keys(v)) {
				walk(v[key])
			}
		}
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	walk(v)
	return out
}

// marksOf are those of a text. Of the addresses that hold somebody's words, only
// the host says where they lead.
func marksOf(text string) []string {
	out := bottest.Marks(text)
	for i, m := range out {
		if strings.HasPrefix(m, "<http") {
			parts := strings.SplitN(m, "/", 4)
			out[i] = strings.Join(parts[:3], "/")
		}
	}
	return out
}

// Whatever people type, or call themselves: what Slack makes of a message is the
// same as if they had typed "x".
func FuzzPeoplesTextInMessages(f *testing.F) {
	for _, s := range []string{
		":white_check_mark: *Approved by Bob*", "_it_ ~st~", "`c", "```", "<@UBOB> <!channel>", "https://evil.example/x|y", "> q", "- a", "1. a", "*", ":a", "a:", "a*", "@here",
		"&gt;", "x|<https://evil.example|y>", "}{reason}", "a/b", "\u202e*a*", "𝗕 :b", "{@approvers}",
	} {
		f.Add(s)
	}
	all := slices.DeleteFunc(view.Scenes(f), func(s view.Scene) bool {
		return !slices.Contains([]string{"approve", "failed", "skipped", "stopped", "linked", "gate", "held", "complete", "untold"}, s.Name)
	})
	want := drawn(f, all, "x")
	f.Fuzz(func(t *testing.T, said string) {
		if r := []rune(said); len(r) > 40 || deployer.Blank(said) || stepsIn(said) {
			return
		}
		got := drawn(t, all, said)
		if len(got) != len(want) {
			t.Fatalf("%+q makes %d texts, and not %d", said, len(got), len(want))
		}
		for i := range got {
			if a, b := marksOf(got[i]), marksOf(want[i]); !slices.Equal(a, b) {
				t.Fatalf("%+q makes %s", said, fmt.Sprintf("%q of\n%s\nand not %q, as of\n%s", a, got[i], b, want[i]))
			}
		}
	})
}

// stepsIn reports whether a text would be a step of an address's path, for whoever takes
// an escaped slash for one: such an address is no link.
func stepsIn(said string) bool {
	steps := strings.FieldsFunc(strings.TrimSpace(said), func(c rune) bool { return c == '/' || c == '\\' })
	return slices.Contains(steps, ".") || slices.Contains(steps, "..")
}

// twoBobs knows two people by one name, as a directory does that tells them apart.
type twoBobs struct{ bottest.PhoneBook }

func (twoBobs) Person(p deployer.Actor) string {
	if p.ID == "UMAL" {
		return "bob (@mallory)"
	}
	return p.Name
}

// Who calls themselves as an approver does hides nobody of those who may approve.
func TestANamesakeHidesNobody(t *testing.T) {
	t.Parallel()
	n := bottest.Confirmed(t)
	d := n.Deployment()
	d.Requester = deployer.Actor{ID: "UMAL", Name: "Bob"}
	r := view.Renderer{Names: twoBobs{}, Command: "/deploy"}
	text, blocks := view.Card(d, nil, r, n.Time)
	bottest.Contains(t, text+bottest.JSON(t, blocks), "Waiting for Bob or Rosa to approve", "Asked by bob (@mallory)")
	refused := refusal.Say(r, refusal.ForMessage, &deployer.Refusal{Why: "No.", May: &deployer.May{Roles: []string{"tech-lead"}, Not: d.Requester}})
	bottest.Contains(t, refused, "Ask Bob or Rosa.")
	bottest.Contains(t, form.DryRun(r, previewOf(bottest.StartOf(bottest.Web), bottest.Ana), d.Requester), "Bob or Rosa")
	locks := overview.LockLines(r, []deployer.Locks{{Site: d.Site, All: []deployer.Lock{{By: d.Requester, Reason: "mine", Until: n.Time.Add(time.Hour)}}}}, n.Time, func(deployer.Locks) bool { return true })
	bottest.Contains(t, strings.Join(locks, ""), "bob (@mallory), until")
}

func previewOf(s deployer.Start, by deployer.Actor) preview.Preview {
	return preview.Of(s, preview.Facts{Now: bottest.TenPM, By: by})
}

// A list says of a rollback of one of several services that it was not all of them.
func TestListsSayWhatARollbackHasLeft(t *testing.T) {
	t.Parallel()
	for _, s := range view.Scenes(t) {
		n := overview.Named(s.Deployment)
		said := overview.HistoryEntry(s.Renderer, n, "", "prod") + overview.HistoryReason(n)
		switch s.Name {
		case "services-rolled-back":
			bottest.Contains(t, said, "*rolled back in part after ", " · Still new: decanting-service.")
		case "rolled-back":
			bottest.Contains(t, said, "*rolled back after ")
		}
	}
}
