package bot

import (
	"encoding/json"
	"fmt"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/socketmode"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/form"
	"github.com/stationmaster/stationmaster/bot/view/trail"
	"github.com/stationmaster/stationmaster/deployer"
)

// A kind is a way in which somebody asks for something.
type kind string

// The kinds. What tells one request of a kind from another is its id.
const (
	kindCommand  kind = "command"  // the subcommand
	kindClick    kind = "click"    // the action id of a button, on a message or a home tab
	kindChange   kind = "change"   // the callback id of a form that is open
	kindSubmit   kind = "submit"   // the callback id of a form that was sent
	kindSuggest  kind = "suggest"  // the block id of a menu that somebody types into
	kindShortcut kind = "shortcut" // the callback id of a shortcut
)

// A request is what one person asks for, once. The first part is read from the
// envelope, the second is resolved by its route's needs, before its handler is
// called.
type request struct {
	kind     kind
	id       string
	team     string
	user     string
	channel  string // where an answer for the person alone is shown; "" for none
	typedIn  string // a command's channel by its name, as Slack gives it
	trigger  string
	by       deployer.Actor
	typed    command.Request // a command's words
	words    string          // the same as they were typed
	agreed   bool            // whoever typed them was asked once more, and means it
	origin   string          // of what was typed then
	wrong    error           // why the words can't be read
	callback slack.InteractionCallback

	home     bool             // the button is on a home tab
	private  bool             // the button, or that which opened the form, is where only one person sees it
	button   view.ButtonValue // of the button, or of that which opened the form
	form     form.State       // what stands in the form of a deployment
	formID   string           // of that form: what it starts, it starts once
	ticked   []int            // of a checklist, when its form was shown
	asked    []view.AskedAt   // by a form of several questions
	page     int              // of an audit trail
	verb     string           // of a form that asks for a reason
	actionTS string
	message  string // the message, or the home tab, that the button is on

	scope      view.Scope
	env        string
	services   []string
	releases   []deployer.Release
	deployment deployer.Deployment // zero: none is meant
}

// readRequest takes an envelope apart; nil asks for nothing.
func (s *shared) readRequest(e socketmode.Envelope) (*request, error) {
	switch e.Type {
	case "slash_commands":
		var c slack.SlashCommand
		if err := json.Unmarshal(e.Payload, &c); err != nil {
			return nil, fmt.Errorf("read a command: %w", err)
		}
		r := &request{
			kind: kindCommand, team: c.TeamID, user: c.UserID, channel: c.ChannelID, typedIn: c.ChannelName, trigger: c.TriggerID,
			by: s.people.PersonOf(c.UserID, c.UserName),
		}
		s.people.Noticed(c.UserID, c.TeamID)
		r.words = c.Text
		r.typed, r.wrong = command.Parse(c.Text)
		if r.id = r.typed.Verb; r.wrong != nil {
			r.id = ""
		}
		return r, nil
	case "interactive":
		var c slack.InteractionCallback
		if err := json.Unmarshal(e.Payload, &c); err != nil {
			return nil, fmt.Errorf("read an interaction: %w", err)
		}
		r := readInteraction(c)
		if r != nil {
			r.team, r.user, r.trigger, r.callback = c.Team.ID, c.User.ID, c.TriggerID, c
			r.by = s.people.PersonOf(c.User.ID, c.User.Name)
			s.people.Noticed(c.User.ID, c.User.TeamID)
		}
		return r, nil
	}
	return nil, nil
}

// readInteraction finds out of which kind an interaction is, and what it is
// about.
func readInteraction(c slack.InteractionCallback) *request {
	switch c.Type {
	case slack.InteractionTypeBlockSuggestion:
		return &request{kind: kindSuggest, id: c.BlockID}
	case slack.InteractionTypeViewSubmission:
		return &request{kind: kindSubmit, id: c.View.CallbackID}
	case slack.InteractionTypeShortcut, slack.InteractionTypeMessageAction:
		return &request{kind: kindShortcut, id: c.CallbackID}
	case slack.InteractionTypeBlockActions:
		return readAction(c)
	}
	return nil
}

// readAction tells buttons of messages and home tabs from what is done in an
// open form.
func readAction(c slack.InteractionCallback) *request {
	home := c.View.Type == slack.VTHomeTab
	pressed := c.ActionCallback.BlockActions
	if c.View.ID != "" && !home && (len(pressed) == 0 || pressed[0].ActionID != view.ActionTrail) {
		return &request{kind: kindChange, id: c.View.CallbackID}
	}
	if len(pressed) == 0 {
		return nil
	}
	r := &request{kind: kindClick, id: view.VerbOf(pressed[0].ActionID), channel: c.Container.ChannelID, message: c.Container.MessageTs, home: home, actionTS: pressed[0].ActionTs}
	if home {
		r.message = c.View.ID // with it, a click is told from any other
	}
	r.private = home || c.Container.IsEphemeral
	return r
}

// isCopy reports whether the button is on a copy of a card that only one person
// sees.
func (r *request) isCopy() bool { return r.callback.Container.IsEphemeral }

// memo is what a form remembers of the button that opens it.
func (r *request) memo() view.ButtonMemo {
	return view.ButtonMemo{Value: r.button.Encode(), Channel: r.channel, Message: r.message, Private: r.private, Ticked: r.ticked}
}

// pressed reports whether it is a press of that button.
func (r *request) pressed(action string) bool {
	pressed := r.callback.ActionCallback.BlockActions
	return len(pressed) > 0 && pressed[0].ActionID == action
}

// nonce is the order's: the same however often Slack delivers the request. A
// form counts once, by the id of its view, which is new whenever it is opened.
func (r *request) nonce() string {
	switch r.kind {
	case kindCommand:
		return fingerprint("command", r.team, r.trigger)
	case kindSubmit:
		return fingerprint("view", r.team, r.callback.View.ID)
	}
	return byClick(r)
}

// byClick tells one click from any other, however often it is delivered.
func byClick(r *request) string {
	return fingerprint("click", r.user, r.channel, r.message, r.id, r.actionTS)
}

// The parts of requests that are read by their routes.

func readButton(r *request) (err error) {
	r.button, err = view.ParseButtonValue(r.callback.ActionCallback.BlockActions[0].Value)
	return err
}

// readButtonMemo reads the button that opened a form, and where it stands.
func readButtonMemo(r *request) error {
	var memo view.ButtonMemo
	err := readMemo(r, &memo)
	if err == nil {
		r.channel, r.message, r.private, r.ticked = memo.Channel, memo.Message, memo.Private, memo.Ticked
		r.button, err = view.ParseButtonValue(memo.Value)
	}
	return err
}

// readTogether reads likewise the button of a form of several questions, and these.
func readTogether(r *request) error {
	var memo view.TogetherMemo
	err := readMemo(r, &memo)
	r.asked = memo.Asked
	if err == nil {
		err = readButtonMemo(r)
	}
	return err
}

// readConfirmation reads the form that lies under the one that was sent.
func readConfirmation(r *request) error {
	var memo form.Confirmation
	err := readMemo(r, &memo)
	r.form, r.formID, r.channel = memo.State, memo.Form, memo.Channel
	return err
}

func readTrailPage(r *request) error {
	var memo trail.Memo
	err := readMemo(r, &memo)
	r.button.Deployment, r.page = memo.Deployment, memo.Page
	return err
}

func readMemo(r *request, memo any) error {
	if err := json.Unmarshal([]byte(r.callback.View.PrivateMetadata), memo); err != nil {
		return fmt.Errorf("read a form's memo: %w", err)
	}
	return nil
}
