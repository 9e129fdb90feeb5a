package trail

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// What systems say of what they have seen.
const (
	setEnv    = "The environment of app was changed by kubectl-set at 02:10 UTC."
	keepsOld  = "Container worker runs decanting-service:24-02-01.602 too, and keeps it."
	stillEnds = "Everything is new; 2 old pods have been stopping for 5 min (node-3 does not answer)."
)

// aTrail is the history of a deployment that failed, an event a record.
func aTrail(t *testing.T) Trail {
	n := bottest.Failed(t)
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	tr := Trail{Deployment: n.Deployment(), Zone: zone, Names: bottest.PhoneBook{}}
	for i, e := range n.Events(n.ID) {
		at, _ := eventLine(e, tr.Deployment, tr.Names)
		tr.Records = append(tr.Records, deployer.Record{Seq: i + 1, At: at, Hash: fmt.Sprintf("%08x%08x", i+1, i+1), Events: []deployer.Event{e}})
	}
	return tr
}

func TestTrailReadsAsInItsFile(t *testing.T) {
	t.Parallel()
	tr := aTrail(t)
	page := tr.View(0)
	bottest.Golden(t, filepath.Join("trail", "failed"), page.PrivateMetadata, page.Blocks.BlockSet)
	tr.Records, tr.Broken = tr.Records[:3], errors.New("read d/tangerine-1/e/4: its hash of the record before does not fit")
	broken := tr.View(0)
	bottest.Golden(t, filepath.Join("trail", "broken"), broken.PrivateMetadata, broken.Blocks.BlockSet)
}

// A long history has pages, of which each fits into a modal whatever is in it.
func TestTrailHasPages(t *testing.T) {
	t.Parallel()
	tr := aTrail(t)
	one := tr.Records[0]
	one.Events = nil
	for range 40 {
		one.Events = append(one.Events, deployer.Answered{By: bottest.Bob, Choice: deployer.ChoiceStop, Comment: strings.Repeat("<!channel> ", 90)})
	}
	tr.Records = nil
	for i := range 2*PageMax + 5 {
		one.Seq = i + 1
		tr.Records = append(tr.Records, one)
	}
	for page, want := range map[int]string{-1: "1 to 90", 0: "1 to 90", 1: "91 to 180", 2: "181 to 185", 7: "181 to 185"} {
		blocks := tr.View(page).Blocks.BlockSet
		if len(blocks) > 100 { // Slack takes no more in a modal
			t.Errorf("page %d has %d blocks", page, len(blocks))
		}
		said := bottest.JSON(t, blocks)
		bottest.Contains(t, said, want+" of 185")
		if strings.Contains(said, "<!channel") {
			t.Error("a reason calls everybody")
		}
		if older := strings.Contains(said, Older); older != (page > 0) {
			t.Errorf("page %d: older %t", page, older)
		}
		if newer := strings.Contains(said, newer); newer != (page < 2) {
			t.Errorf("page %d: newer %t", page, newer)
		}
	}
}

// Every event, as it reads, with everything that it can say.
func TestEveryEventReadsAsInItsFile(t *testing.T) {
	t.Parallel()
	at, state := bottest.TenPM, deployer.State{Image: "r/web@sha256:0123456789abcdef0123456789abcdef"}
	tr := aTrail(t)
	tr.Records = []deployer.Record{{Seq: 1, At: at, Hash: "0123456789abcdef0123", Events: []deployer.Event{
		deployer.Created{At: at, ID: "tangerine-1", Start: bottest.StartOf(bottest.Web), By: bottest.Ana},
		deployer.Resolved{At: at, Targets: []deployer.Target{{Service: "web", Before: state, After: state, Live: true, Remarks: []string{keepsOld}}}},
		deployer.OrderSeen{At: at, By: bottest.Ana, Nonce: "0123456789"}, deployer.OrderSeen{At: at, By: bottest.Ana, Nonce: "0123456789", Via: deployer.ViaTerminal},
		deployer.StepBegan{At: at, Step: "rollout", Attempt: 2, Look: true},
		deployer.StepEnded{At: at, Step: "rollout", Status: deployer.StepFailed, Why: "boom"},
		deployer.StepEnded{At: at, Step: "gone", Status: deployer.StepInterrupted},
		deployer.Answered{At: at, Step: "control", By: bottest.Bob, Choice: deployer.ChoiceSave, Role: "tech-lead", Values: map[string]string{"tick-1": "true", "evidence": "all <logs>"}},
		deployer.Answered{At: at, Step: "control", By: bottest.Ana, Choice: deployer.ChoiceDone},
		deployer.Answered{At: at, Step: "control", By: bottest.Ana, Values: deployer.ClientWords("Ten <minutes>"), Choice: deployer.ChoiceSend},
		deployer.Answered{At: at, Step: "approve", By: bottest.Bob, Subject: "hash", Choice: deployer.ChoiceApprove, Role: "tech-lead"},
		deployer.ApprovalVoided{At: at, Step: "approve", Why: "it runs 3 now"},
		deployer.ApprovalLapsed{At: at, Step: "approve", People: []deployer.Actor{bottest.Bob}, Why: "nothing has begun within 4 hours"},
		deployer.ApprovalCarried{At: at, Step: "approve", Approval: deployer.Approval{By: bottest.Bob, At: at.Add(-time.Hour), Subject: "hash", From: "tangerine-0"}},
		deployer.Answered{At: at, Step: "approve", By: bottest.Bob, Choice: deployer.ChoiceChanges, Comment: "no ticket", Role: "tech-lead"},
		deployer.Answered{At: at, Step: "approve", By: bottest.Ana, Choice: deployer.ChoiceReply, Comment: "it is CC-1"},
		deployer.TargetChanged{At: at, Service: "web", Before: deployer.State{Version: "v3"}},
		deployer.TargetChanged{At: at, Service: "web", Before: deployer.State{Version: "v3"}, Live: true, By: bottest.Bob},
		deployer.Answered{At: at, By: bottest.Bob, Choice: deployer.ChoiceTakeOver, Comment: "it <pages>"}, deployer.Answered{At: at, By: bottest.Bob, Choice: deployer.ChoiceHandBack},
		deployer.Answered{At: at, Step: "rollout", By: bottest.Bob, Choice: deployer.ChoiceByHand, Comment: "on its page", Values: map[string]string{"number": "42"}},
		deployer.EffectIntended{At: at, Key: "rollout/web", Runner: "kubernetes", Attempt: 2, Before: state},
		deployer.EffectTried{At: at, Key: "build/web"}, deployer.GateOpened{At: at, Key: "build/web", Gate: deployer.Gate{ID: "g", Asks: "Deploy to prod?"}},
		deployer.EffectIntended{At: at, Key: "build//proceed%20g", Runner: "jenkins.build", Attempt: 1},
		deployer.EffectIntended{At: at, Key: "build/web/abort%20g", Runner: "jenkins.build", Attempt: 1},
		deployer.Answered{At: at, Step: "build", By: bottest.Bob, Choice: deployer.ChoiceProceed, Subject: "g"},
		deployer.Answered{At: at, Step: "build", Item: "web", By: bottest.Bob, Choice: deployer.ChoiceAbort, Subject: "g", Comment: "wrong branch"},
		deployer.ConditionSeen{At: at, Step: "rollout", Is: deployer.Fails}, deployer.ConditionSeen{At: at, Step: "rollout", Why: "no such input"},
		deployer.StepHeld{At: at, Step: "rollout", Held: deployer.Held{Why: "web is locked", Until: at.Add(time.Hour)}},
		deployer.StepHeld{At: at, Step: "rollout"},
		deployer.Overridden{At: at, By: bottest.Bob, Step: "rollout", Rule: "window 1", Why: "It is <night>.", Role: "tech-lead", Reason: "nobody can <pay>"},
		deployer.PlacesFreed{At: at},
		deployer.EffectActed{At: at, Key: "rollout/web", Ref: "rev 7"},
		deployer.EffectSettled{At: at, Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "boom"}},
		deployer.EffectRechecked{At: at, Key: "rollout/web/pause", Outcome: deployer.Outcome{Result: deployer.Absent, Why: "it was let go on"}},
		deployer.EffectRechecked{At: at, Key: "rollout/web/pause", Outcome: deployer.Outcome{Result: deployer.OK, Why: "v2 on 3", Detail: setEnv}},
		deployer.EffectSettled{At: at, Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.OK, Remark: stillEnds}},
		deployer.EffectReopened{At: at, Key: "rollout/web", Attempt: 3},
		deployer.StepExpired{At: at, Step: "rollout"},
		deployer.Reminded{At: at, Step: "approve"},
		deployer.Answered{At: at, By: bottest.Bob, Choice: deployer.ChoiceRollBack, Step: "rollout", Services: []string{"web", "api"}, Comment: "now"},
		deployer.Delivered{At: at, Post: deployer.Post{DedupKey: "card", Channel: bottest.DeploysID}},
		deployer.Undelivered{At: at.Add(-time.Hour), DedupKey: "card", Why: "archived"}, // written down an hour later
		deployer.Ended{At: at, Status: deployer.Stopped, Why: "enough"},
	}}}
	page := tr.View(0)
	bottest.Golden(t, filepath.Join("trail", "every-event"), page.PrivateMetadata, page.Blocks.BlockSet)
	tr.Records = []deployer.Record{{Seq: 1, At: at, Hash: "0123456789abcdef", Events: []deployer.Event{
		deployer.Answered{At: at, By: bottest.Bob, Choice: deployer.ChoicePatch, Step: "rollout", Values: map[string]string{"web": "v3", "api": "v4"}, Comment: "it <mends> that"},
		deployer.Answered{At: at, By: deployer.Itself, Choice: deployer.ChoiceUnpatched, Step: "rollout", Comment: "There is no tag v3."},
	}}}
	page = tr.View(0)
	bottest.Golden(t, filepath.Join("trail", "patched-forward"), page.PrivateMetadata, page.Blocks.BlockSet)
	if b := view.TrailButton(deployer.Deployment{ID: "tangerine-1"}); b.ActionID != view.ActionTrail || !strings.Contains(b.Value, "tangerine-1") {
		t.Errorf("the button that opens it is %+v", b)
	}
}

// renamed are people who are called otherwise since.
type renamed struct {
	bottest.PhoneBook
	now map[string]string // by id
}

func (r renamed) Person(p deployer.Actor) string  { return cmp.Or(r.now[p.ID], p.Name) }
func (r renamed) Renamed(p deployer.Actor) string { return r.now[p.ID] }

// Who takes another name, or that of an approver, changes nothing of what was
// written down; the id says who it was.
func TestTheTrailKeepsTheNamesOfThen(t *testing.T) {
	t.Parallel()
	tr := aTrail(t)
	before := bottest.JSON(t, tr.View(0).Blocks.BlockSet)
	tr.Names = renamed{now: map[string]string{bottest.Bob.ID: "Carol *the boss*"}}
	after := bottest.JSON(t, tr.View(0).Blocks.BlockSet)
	bottest.Contains(t, after, "*Bob* `UBOB` (now called Carol ∗the boss∗), as tech-lead, approved")
	if restored := strings.ReplaceAll(after, " (now called Carol ∗the boss∗)", ""); restored != before {
		t.Errorf("a new name changes more than what is said of it:\n%s", after)
	}
	for by, want := range map[deployer.Actor]string{
		{ID: "U1", Name: "*Bob*"}: "*∗Bob∗* `U1`", {ID: "U1"}: "*U1*", {Name: "tangerine-1"}: "*tangerine-1*",
		{Kind: deployer.ActorSchedule, Name: "nightly"}: "*nightly*, a schedule,",
	} {
		if got := recorded(bottest.PhoneBook{}, by); got != want {
			t.Errorf("%+v reads as %s, want %s", by, got, want)
		}
	}
}

// Every event of the core has words of its own.
func TestTrailKnowsEveryEvent(t *testing.T) {
	t.Parallel()
	words, err := os.ReadFile("words.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../../deployer/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no source: %v", err)
	}
	n := 0
	for _, f := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), f, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range tree.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Name.Name != "apply" || fn.Recv == nil {
				continue
			}
			n++
			event := fn.Recv.List[0].Type.(*ast.Ident).Name
			if !strings.Contains(string(words), "case deployer."+event+":") {
				t.Errorf("the audit trail has no words for %s", event)
			}
		}
	}
	if n < 17 {
		t.Errorf("only %d events were found", n)
	}
}

// The trail says it as it was recorded.
func TestTrailSaysWhatWasAnswered(t *testing.T) {
	t.Parallel()
	d := deployer.Deployment{Steps: []deployer.StepState{
		{Step: deployer.Step{ID: "ticket", Title: "The ticket of web <!here> is there", Hand: true}}, {Step: deployer.Step{ID: "verdict", Title: "It is decided"}},
		{Step: deployer.Step{ID: "there", Title: "Whoever must be there is there"}},
	}}
	for name, test := range map[string]struct {
		e    deployer.Answered
		want string
	}{
		"by hand": {deployer.Answered{Step: "ticket", Values: map[string]string{"key": "CC-1`<!here>"}}, "did “The ticket of web &lt;!here&gt; is there” by hand · key `CC-1ˋ&lt;!here&gt;`"},
		"decided": {deployer.Answered{Step: "verdict", Role: "tech-lead", Values: map[string]string{"choice": "alone", "reason": "nobody rides"}}, ", as tech-lead, confirmed “It is decided” · choice `alone` · reason `nobody rides`"},
		"called":  {deployer.Answered{Step: "there", Item: "sre", Role: "sre"}, "confirmed “Whoever must be there is there” for *sre*"},
	} {
		test.e.By, test.e.Choice = bottest.Bob, deployer.ChoiceDone
		if _, got := eventLine(test.e, d, bottest.PhoneBook{}); !strings.HasSuffix(got, test.want) {
			t.Errorf("%s: %s\nwant …%s", name, got, test.want)
		}
	}
}

// What is on record of a drill says that it is one.
func TestTrailOfADrillSaysSo(t *testing.T) {
	t.Parallel()
	tr := aTrail(t)
	tr.Deployment.Drill.On = true
	head, ok := tr.View(0).Blocks.BlockSet[0].(*slack.SectionBlock)
	if !ok || !strings.HasPrefix(head.Text.Text, "DRILL · ") {
		t.Errorf("it begins with %+v", head)
	}
}
