package channels

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// inviteMax is how many people Slack lets one call invite.
const inviteMax = 100

// Act makes the channel as it should be: what is done already stays, so that it may be
// called again. What Slack refuses for good is a reference of its own.
func (s *System) Act(ctx context.Context, in deployer.Intent) (string, error) {
	w := s.wish(in)
	ch, err := s.open(ctx, w.name)
	if err == nil {
		err = s.fill(ctx, *ch, w)
	}
	if why := refused(w.name, err); why != "" {
		return deniedRef + why, nil
	}
	if err != nil {
		return "", err
	}
	return ch.ID, nil
}

// open finds the channel or creates it, and joins it.
func (s *System) open(ctx context.Context, name string) (*slack.Channel, error) {
	ch, err := s.find(ctx, name)
	if err != nil {
		return nil, err
	}
	if ch == nil {
		made, err := s.cfg.API.CreateConversationContext(ctx, slack.CreateConversationParams{ChannelName: name})
		if err == nil {
			return made, nil // the bot is in what it has made
		}
		if code, _ := slackapi.ErrorCode(err); code != "name_taken" {
			return nil, tried("create #"+name, err)
		}
		again, findErr := s.find(ctx, name) // somebody else was first
		if findErr != nil || again == nil {
			return nil, cmp.Or(findErr, tried("create #"+name, err))
		}
		ch = again
	}
	switch {
	case ch.IsArchived:
		return nil, &deployer.Refusal{Why: "#" + name + " is archived. Take it out of the archive, or have the step name another."}
	case ch.IsExtShared || ch.IsOrgShared || ch.IsPendingExtShared:
		return nil, &deployer.Refusal{Why: "#" + name + " is shared with another organization, which would read along. Have the step name another."}
	case ch.IsMember:
		return ch, nil
	}
	if _, _, _, err := s.cfg.API.JoinConversationContext(ctx, ch.ID); err != nil {
		return nil, tried("join #"+name, err)
	}
	return ch, nil
}

// fill gives it its topic, and invites who is missing. Whoever can't be invited, such as
// a guest, is left out.
func (s *System) fill(ctx context.Context, ch slack.Channel, w wish) error {
	if w.topic != "" && ch.Topic.Value != w.topic {
		if _, err := s.cfg.API.SetTopicOfConversationContext(ctx, ch.ID, w.topic); err != nil {
			return tried("set the topic of #"+w.name, err)
		}
	}
	members, err := s.members(ctx, ch.ID)
	if err != nil {
		return err
	}
	absent := slices.DeleteFunc(slices.Clone(w.invite), func(id string) bool { return slices.Contains(members, id) })
	for some := range slices.Chunk(absent, inviteMax) {
		if err := s.invite(ctx, ch.ID, some); err != nil {
			return tried("invite people to #"+w.name, err)
		}
	}
	return nil
}

// inviteCodes say that somebody can't be invited, and not that nobody can.
var inviteCodes = []string{"already_in_channel", "cant_invite", "cant_invite_self", "user_not_found", "ura_max_channels", "user_is_restricted", "user_team_not_in_channel"}

// invite invites people: together, and one by one where one of them can't be.
func (s *System) invite(ctx context.Context, channel string, ids []string) error {
	_, err := s.cfg.API.InviteUsersToConversationContext(ctx, channel, ids...)
	code, _ := slackapi.ErrorCode(err)
	if !slices.Contains(inviteCodes, code) {
		return err
	}
	if len(ids) == 1 {
		return nil
	}
	for _, id := range ids {
		if err := s.invite(ctx, channel, []string{id}); err != nil {
			return err
		}
	}
	return nil
}

// find returns the public channel of that name, or nil.
func (s *System) find(ctx context.Context, name string) (*slack.Channel, error) {
	ask := slack.GetConversationsParameters{Types: []string{"public_channel"}, Limit: 1000}
	for {
		var page []slack.Channel
		var next string
		err := slackapi.RetryRateLimited(ctx, func() (err error) {
			page, next, err = s.cfg.API.GetConversationsContext(ctx, &ask)
			return err
		})
		if err != nil {
			return nil, tried("look for #"+name, err)
		}
		for i := range page {
			if page[i].Name == name {
				return &page[i], nil
			}
		}
		if ask.Cursor = next; next == "" {
			return nil, nil
		}
	}
}

// missing reports whether something is still to be done to a channel that is there.
func (s *System) missing(ctx context.Context, ch slack.Channel, w wish) (bool, error) {
	if !ch.IsMember || ch.IsArchived || w.topic != "" && ch.Topic.Value != w.topic {
		return true, nil
	}
	members, err := s.members(ctx, ch.ID)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(w.invite, func(id string) bool { return !slices.Contains(members, id) }), nil
}

// members are those who are in a channel.
func (s *System) members(ctx context.Context, channel string) ([]string, error) {
	ask := slack.GetUsersInConversationParameters{ChannelID: channel, Limit: 1000}
	var all []string
	for {
		var page []string
		var next string
		err := slackapi.RetryRateLimited(ctx, func() (err error) {
			page, next, err = s.cfg.API.GetUsersInConversationContext(ctx, &ask)
			return err
		})
		if err != nil {
			return nil, tried("list who is in "+channel, err)
		}
		all = append(all, page...)
		if ask.Cursor = next; next == "" {
			return all, nil
		}
	}
}

// tried wraps an error with what was tried.
func tried(what string, err error) error { return fmt.Errorf("%s: %w", what, err) }

// refused says, in words for people, that Slack has refused for good; "": it has not.
func refused(name string, err error) string {
	if err == nil {
		return ""
	}
	if r, ok := errors.AsType[*deployer.Refusal](err); ok {
		return r.Why
	}
	if outcome, _ := slackapi.OutcomeOf(err); outcome != slackapi.Rejected {
		return ""
	}
	code, needed := slackapi.ErrorCode(err)
	switch code {
	case "missing_scope":
		return "The bot lacks the scope " + strings.ReplaceAll(needed, ",", " or ") + ". Add it under OAuth & Permissions, and install the app again."
	case "name_taken":
		return "There is a channel #" + name + " that the bot can't see. Invite the bot there and make it public, or have the step name another."
	case "restricted_action":
		return "This workspace does not let the bot do that with #" + name + ": its settings say who may create channels, and who may invite."
	}
	if strings.HasPrefix(code, "invalid_name") {
		return "#" + name + " can't be the name of a channel: Slack says " + code + "."
	}
	return "Slack does not let the bot have #" + name + ": it says " + code + "."
}
