package view

import (
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
)

const FormWhere = "where" // asks for whom, when a form is not opened from a channel

const BlockWhere = "where"

const ActionWhere = "menu"

// WhereForm asks for whom; the answer turns it into the form of a deployment.
func (r Renderer) WhereForm(scopes []Scope) slack.ModalViewRequest {
	var options []*slack.OptionBlockObject
	for _, scope := range scopes[:min(len(scopes), optionsMax)] {
		options = append(options, slack.NewOptionBlockObject(scope.Channel, mrkdwn.PlainText(mrkdwn.Plain(mrkdwn.Capital(scope.Retailer)+" · #"+scope.Name, optionMax)), nil))
	}
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, mrkdwn.PlainText("For whom?"), ActionWhere, options...)
	block := slack.NewInputBlock(BlockWhere, mrkdwn.PlainText("Retailer"), mrkdwn.PlainText("The card is posted to the retailer’s channel."), menu)
	block.DispatchAction = true
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: FormWhere, Title: mrkdwn.PlainText("Deploy"), Submit: mrkdwn.PlainText("Next"), Close: mrkdwn.PlainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{block}},
	}
}
