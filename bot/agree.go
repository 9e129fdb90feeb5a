package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// actionAgree is the button of what a window warns of: it starts all the same.
const actionAgree = "agree"

// valueMax is how long Slack lets the value of a button be.
const valueMax = 2000

// An agreement is what a button repeats that starts all the same.
type agreement struct {
	Text    string `json:"t"` // what was typed
	Channel string `json:"n"` // its channel, by the name that Slack gave
	Origin  string `json:"o"` // of the start: pressed twice, it starts once
}

// asksAgain says what a window warns of, with the button that starts all the same; ok is
// false where nothing does. What is too long for a button is started from the form.
func (c commands) asksAgain(r *request, start deployer.Start) (a answer, ok bool) {
	warned := c.launcher.Warned(start, time.Now())
	if len(warned) == 0 || r.agreed {
		return answer{}, false
	}
	text := "⚠ " + mrkdwn.Sentence(mrkdwn.Escape(strings.Join(warned, " "), mrkdwn.SectionMax/2)) + " Nothing was started yet."
	value, err := json.Marshal(agreement{Text: r.words, Channel: r.typedIn, Origin: start.Origin})
	if err != nil || mrkdwn.Units(string(value)) > valueMax {
		return c.refuse(deployer.Refuse("Start it from the form, which shows that before it starts", "%s", strings.Join(warned, " ")).Hint("It opens with", "")), true
	}
	return answer{text: text, blocks: append(mrkdwn.Sections([]string{text}), agreeButton(string(value)))}, true
}

func agreeButton(value string) slack.Block {
	button := slack.NewButtonBlockElement(actionAgree, value, mrkdwn.PlainText("Start all the same"))
	button.Style = slack.StylePrimary
	return slack.NewActionBlock("", button)
}

// readAgreement reads what was typed before somebody agreed.
func readAgreement(r *request) error {
	var given agreement
	if err := json.Unmarshal([]byte(r.callback.ActionCallback.BlockActions[0].Value), &given); err != nil {
		return fmt.Errorf("read what was typed: %w", err)
	}
	typed, err := command.Parse(given.Text)
	r.typed, r.typedIn, r.origin, r.agreed = typed, given.Channel, given.Origin, true
	return err
}

// deployAgreed starts what was typed, and takes the question away.
func (c commands) deployAgreed(ctx context.Context, r *request) answer {
	a := c.deploy(ctx, r)
	if !a.failed && r.isCopy() {
		a.after = func(ctx context.Context) { cards(c).removeCopy(ctx, r.callback) }
	}
	return a
}
