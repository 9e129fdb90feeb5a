package bot

import (
	"context"
	"strings"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/form"
	"github.com/stationmaster/stationmaster/bot/view/overview"
	"github.com/stationmaster/stationmaster/bot/view/trail"
)

// A routeKey is what somebody did.
type routeKey struct {
	kind kind
	id   string
}

// A route says what becomes of a request.
type route struct {
	read    func(*request) error                           // reads what is special to it; nil: nothing is
	queue   func(*request) string                          // requests of one key keep their order
	dedup   func(*request) string                          // the same however often it is delivered; nil: it may be done again
	needs   needs                                          // resolved before the handler is called
	handle  func(context.Context, *request) answer         // does it
	refused func(context.Context, *request, error) answer  // tells what can't be resolved; nil: refuse
	after   func(context.Context, *request, answer) answer // brings a button's answer to where it is seen; nil: as it is
}

// routes are all that people can ask for. What is not here asks for nothing: a
// link, or a button of an older version.
func (b *Bot) routes() map[routeKey]route {
	all := map[routeKey]route{}
	for _, table := range []map[routeKey]route{b.commandRoutes(), b.clickRoutes(), b.formRoutes()} {
		for key, r := range table {
			all[key] = r
		}
	}
	return all
}

// commandRoutes are the subcommands. What changes something in a channel keeps
// the channel's order; what only reads is held up by nobody.
func (b *Bot) commandRoutes() map[routeKey]route {
	c := commands{b.resolver}
	of := func(verb string) routeKey { return routeKey{kindCommand, verb} }
	return map[routeKey]route{
		of(command.VerbStart):  {queue: byChannel, dedup: byTrigger, needs: needScope | needEnv | needReleases, handle: c.deploy},
		of(command.VerbDeploy): {queue: byChannel, dedup: byTrigger, needs: needScope | needEnv | needReleases, handle: c.deploy},
		of(command.VerbForm):   {queue: byPerson, dedup: byTrigger, needs: needScope, handle: forms(c).openTyped},
		of("rollback"):         {queue: byPerson, dedup: byTrigger, needs: needScope | needTarget, handle: c.rollBack},
		of("stop"):             {queue: byPerson, dedup: byTrigger, needs: needScope | needDeployment, handle: c.stop},
		of("lock"):             {queue: byChannel, dedup: byTrigger, needs: needScope | needEnv | needServices, handle: c.lock},
		of("unlock"):           {queue: byChannel, dedup: byTrigger, needs: needScope | needEnv | needServices, handle: c.unlock},
		of("help"):             {queue: byPerson, needs: mayHaveScope, handle: c.help},
		of("status"):           {queue: byPerson, needs: needScope | mayHaveEnv | mayHaveDeployment, handle: c.warned(c.status)},
		of("locks"):            {queue: byPerson, needs: needScope | mayHaveEnv, handle: c.locks},
		of("history"):          {queue: byPerson, needs: needScope | mayHaveEnv | needServices, handle: c.history},
		of("versions"):         {queue: byPerson, needs: needScope | needEnv | needServices, handle: c.versions},
		of(""):                 {queue: byPerson, handle: c.explainWrong},
	}
}

// clickRoutes are the buttons of cards and home tabs. An order keeps the
// deployment's order; what opens a form keeps the person's.
func (b *Bot) clickRoutes() map[routeKey]route {
	c := cards{b.resolver}
	of := func(action string) routeKey { return routeKey{kindClick, action} }
	all := map[routeKey]route{
		of(actionAgree):         {read: readAgreement, queue: byChannel, dedup: byClick, needs: needScope | needEnv | needReleases | needSight, handle: commands(c).deployAgreed},
		of(view.ActionTakeBack): {read: readButton, queue: byChannel, dedup: byClick, needs: needScope | needSight | needCard, handle: commands(c).takeBack, after: c.afterClick},
		of(view.ActionReview):   {read: readButton, queue: byPerson, dedup: byClick, needs: needSight, handle: c.openReview, after: c.tellAtHome},
		of(view.ActionTogether): {read: readButton, queue: byPerson, dedup: byClick, needs: needSight, handle: c.openTogether, after: c.tellAtHome},
		of(view.ActionTrail):    {read: readButton, queue: byPerson, dedup: byShortcut, needs: needSight, handle: c.openTrail},
		of(overview.HomeDeploy): {queue: byPerson, dedup: byShortcut, handle: forms(c).openAnywhere},
	}
	for action := range choices {
		r := route{read: readButton, queue: byDeployment, dedup: byClick, needs: needCard | needSight, handle: c.press, after: c.afterClick}
		if _, ok := view.ReasonNeeded(action); ok {
			r.queue, r.needs, r.handle = byPerson, needSight, c.openReason // the order comes with the form
		}
		if action == view.ActionFill || action == view.ActionByHand {
			r.queue, r.needs, r.handle = byPerson, needSight, c.openStep
		}
		all[of(action)] = r
	}
	return all
}

// formRoutes are what is done in forms and in Slack's own menus.
func (b *Bot) formRoutes() map[routeKey]route {
	f, c := forms{b.resolver}, cards{b.resolver}
	readForm := func(r *request) (err error) {
		r.form, err = form.Parse(b.renderer, r.callback)
		r.formID, r.channel = r.callback.View.ID, r.form.Channel
		return err
	}
	readReason := func(r *request) error {
		r.verb = strings.TrimPrefix(r.id, view.FormReasonPrefix)
		return readButtonMemo(r)
	}
	reason := route{read: readReason, queue: byDeployment, dedup: bySubmission, needs: needCard | needSight, handle: c.giveReason, refused: c.refuseReason}
	whole := needForm | needEnv | needReleases
	all := map[routeKey]route{
		{kindSubmit, view.FormReasonPrefix + view.ActionReject}:   reason,
		{kindSubmit, view.FormReasonPrefix + view.ActionChanges}:  reason,
		{kindSubmit, view.FormReasonPrefix + view.ActionReply}:    reason,
		{kindSubmit, view.FormReasonPrefix + view.ActionSkip}:     reason,
		{kindSubmit, view.FormReasonPrefix + view.ActionAbort}:    reason,
		{kindSubmit, view.FormReasonPrefix + view.ActionGiveUp}:   reason,
		{kindSubmit, view.FormReasonPrefix + view.ActionOverride}: reason,
		{kindSubmit, view.FormReasonPrefix + view.ActionPatch}:    reason,
		{kindSubmit, view.FormReasonPrefix + view.ActionView}:     reason,
		{kindSubmit, view.FormReview}:                             {read: readButtonMemo, queue: byDeployment, dedup: bySubmission, needs: needCard | needSight, handle: c.giveReview, refused: c.refuseReview},
		{kindSubmit, view.FormStep}:                               {read: readButtonMemo, queue: byDeployment, dedup: bySubmission, needs: needCard | needSight, handle: c.giveStep, refused: c.refuseStep},
		{kindSubmit, view.FormByHand}:                             {read: readButtonMemo, queue: byDeployment, dedup: bySubmission, needs: needCard | needSight, handle: c.giveStep, refused: c.refuseStep},
		{kindSubmit, view.FormTogether}:                           {read: readTogether, queue: byDeployment, dedup: bySubmission, needs: needCard | needSight, handle: c.giveTogether, refused: c.refuseStep},
		{kindSubmit, form.CallbackDeploy}:                         {read: readForm, queue: byPerson, needs: whole, refused: f.refuseForm, handle: f.submit},
		{kindSubmit, form.CallbackConfirm}:                        {read: readConfirmation, queue: byChannel, dedup: bySubmission, needs: whole, refused: f.refuseStart, handle: f.confirm},
		{kindSubmit, form.CallbackWhere}:                          {queue: byPerson, handle: f.submitWhere},

		{kindChange, form.CallbackDeploy}: {read: readForm, queue: byPerson, handle: f.redrawChanged},
		{kindChange, form.CallbackWhere}:  {queue: byPerson, handle: f.chooseWhere},
		{kindChange, view.FormStep}:       {read: readButtonMemo, queue: byPerson, needs: needSight, handle: c.redrawStep},
		{kindChange, view.FormTogether}:   {read: readTogether, queue: byPerson, needs: needSight, handle: c.redrawTogether},
		{kindChange, trail.Callback}:      {read: readTrailPage, queue: byPerson, needs: needSight, handle: c.turnTrail},

		{kindSuggest, form.BlockTag}:     {queue: byTyping, handle: f.suggestTags},
		{kindSuggest, form.BlockService}: {queue: byTyping, handle: f.suggestServices},

		{kindShortcut, shortcutDeploy}: {queue: byPerson, dedup: byShortcut, handle: f.openAnywhere},
		{kindShortcut, shortcutTrail}:  {queue: byPerson, dedup: byShortcut, handle: c.openTrailOfMessage},
	}
	for _, action := range view.Glass {
		all[routeKey{kindSubmit, view.FormReasonPrefix + action}] = reason
	}
	return all
}

// The queues.

func byChannel(r *request) string    { return "channel/" + r.channel }
func byPerson(r *request) string     { return "person/" + r.user }
func byDeployment(r *request) string { return "deployment/" + r.button.Deployment }
func byTyping(r *request) string     { return "suggest/" + r.user } // nobody waits for it longer than for the next letter

// The ids by which what is delivered again is known.

func byTrigger(r *request) string    { return r.trigger }
func byShortcut(r *request) string   { return fingerprint("shortcut", r.trigger) }
func bySubmission(r *request) string { return fingerprint("submission", r.callback.View.ID, r.trigger) }
