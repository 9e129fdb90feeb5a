package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// What clients read, a person has read before: the card shows the words that
// the procedure proposes, Done opens a form with them, and what is sent from
// there goes out, once.

const (
	verbReview  = "review" // the action id of its button, which reads Done
	formReview  = "review"
	blockReview = "words"
)

// proposal is what clients would be told, as plain text. Times are the
// retailer's.
func proposal(d deployer.Deployment, s deployer.StepState, zone *time.Location) string {
	words, args := d.Proposal(s)
	start, err := time.Parse(time.RFC3339, args["start"])
	return strings.TrimSpace(fill(words, func(name string) (string, bool) {
		value, ok := args[name]
		if t, wrong := time.Parse(time.RFC3339, value); ok && wrong == nil && err == nil {
			return forClients(t.In(zone), name != "start" && sameDay(t, start, zone)), true
		}
		return oneLine(value), ok
	}))
}

// forClients is a time as somebody reads it who has nothing but the text; the
// day is left out where it was said before.
func forClients(t time.Time, said bool) string {
	clock := t.Format("15:04 ") + abbreviation(t)
	if said {
		return clock
	}
	return t.Format("Monday 2 January, ") + clock
}

func sameDay(a, b time.Time, zone *time.Location) bool {
	return a.In(zone).Format(time.DateOnly) == b.In(zone).Format(time.DateOnly)
}

// reviewing is what the card shows of a step that waits for somebody to read
// what clients are told.
func (c card) reviewing(s deployer.StepState) string {
	return "Clients would read, in <#" + c.d.Channels[deployer.ChannelClients] + ">:\n" + quote(proposal(c.d, s, c.zone(c.d.Retailer)), c.text) +
		"\nDone opens it, to change it before it goes out."
}

// quote shows a text as somebody else's words.
func quote(text string, most int) string {
	lines := strings.Split(escapeLines(text), "\n")
	out := strings.Join(lines, "\n> ")
	return "> " + cut(out, max(most, 4*titleMax))
}

// reviewMemo is what the form remembers.
type reviewMemo struct {
	Value   string `json:"v"` // of the button
	Channel string `json:"c"`
}

// openReview shows the words to read and edit. It writes nothing down.
func (b *Bot) openReview(ctx context.Context, c slack.InteractionCallback, v buttonValue) answer {
	peek, cancel := context.WithTimeout(ctx, time.Second) // the trigger lives for three
	d, err := b.records.Load(peek, v.Deployment)
	cancel()
	if err != nil {
		return b.refuse(err)
	}
	s := d.Step(v.Step)
	if d.Status.Ended() || s == nil || s.Attempt != v.Attempt || s.Status != deployer.Active || !s.ForClients() || !d.AwaitsPerson(*s) {
		b.Dirty(d.ID)
		return b.refuse(refuse("Look at the card again.", "That button belongs to an earlier question."))
	}
	memo, err := json.Marshal(reviewMemo{Value: v.encode(), Channel: c.Container.ChannelID})
	if err != nil {
		return b.refuse(fmt.Errorf("write a form's memo: %w", err))
	}
	return b.open(ctx, c.TriggerID, reviewView(d, *s, proposal(d, *s, b.guide.zone(d.Retailer)), string(memo)))
}

// readReviewing opens the form for a click on the step's button.
func (b *Bot) readReviewing(c slack.InteractionCallback, action *slack.BlockAction) (task, error) {
	v, err := decodeValue(action.Value)
	if err != nil {
		return task{}, err
	}
	id := fingerprint("click", c.User.ID, c.Container.ChannelID, c.Container.MessageTs, action.ActionID, action.ActionTs)
	return task{key: "person/" + c.User.ID, id: id, channel: c.Container.ChannelID, user: c.User.ID, do: func(ctx context.Context) answer {
		return b.openReview(ctx, c, v)
	}}, nil
}

func reviewView(d deployer.Deployment, s deployer.StepState, proposed, memo string) slack.ModalViewRequest {
	words := slack.NewPlainTextInputBlockElement(nil, "text")
	words.Multiline, words.FocusOnLoad, words.MinLength, words.MaxLength = true, true, 1, deployer.ClientWordsMax
	words.InitialValue = clip(proposed, deployer.ClientWordsMax)
	about := "*" + escape(s.Title, titleMax) + "*\nThis is posted in <#" + d.Channels[deployer.ChannelClients] + ">, where clients read it, as soon as you send it."
	hint := "How long, what it means for them, when they hear more. No service, version, ticket or id."
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: formReview, PrivateMetadata: memo,
		Title: plainText("For clients"), Submit: plainText("Send"), Close: plainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewSectionBlock(markdownText(about), nil, nil),
			slack.NewInputBlock(blockReview, plainText("What clients read"), plainText(hint), words),
		}},
	}
}

// readReview takes the words. The view's id makes the nonce: the form counts
// once, however often it is delivered. What is refused is said in the form, so
// that nothing has to be typed again.
func (b *Bot) readReview(c slack.InteractionCallback) (task, error) {
	var memo reviewMemo
	if err := json.Unmarshal([]byte(c.View.PrivateMetadata), &memo); err != nil {
		return task{}, fmt.Errorf("read a form's memo: %w", err)
	}
	v, err := decodeValue(memo.Value)
	if err != nil {
		return task{}, err
	}
	by := b.people.personOf(c.User.ID, c.User.Name)
	o := deployer.Order{
		Deployment: v.Deployment, By: by, Nonce: fingerprint("view", c.Team.ID, c.View.ID),
		Command: deployer.Review{Step: v.Step, Attempt: v.Attempt, Words: field(c, blockReview).Value},
	}
	t := task{key: "deployment/" + v.Deployment, id: fingerprint("submission", c.View.ID, c.TriggerID), channel: memo.Channel, user: c.User.ID}
	t.do = func(ctx context.Context) answer {
		a := b.carryOut(ctx, o)
		if a.text != "" {
			return answer{payload: errorInForm(blockReview, unescape(a.text)).payload, failed: a.failed}
		}
		return a
	}
	return t, nil
}
