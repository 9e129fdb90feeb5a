package workspace

import (
	"slices"
	"strings"
)

// HasDirectMessage says whether there is a conversation between the app and just these people.
func (w *Workspace) HasDirectMessage(userIDs []string) bool {
	return slices.ContainsFunc(w.Channels, func(c *Conversation) bool { return c.among(append(userIDs, w.Config.App.BotUserID)) })
}

// GroupMessage is the conversation between the app and several people, opened when it is not there yet.
func (w *Workspace) GroupMessage(userIDs []string) (ch *Conversation, opened bool) {
	members := append(slices.Clone(userIDs), w.Config.App.BotUserID)
	slices.Sort(members)
	names := []string{}
	for _, id := range members {
		names = append(names, w.User(id).Name)
	}
	for _, c := range w.Channels {
		if c.among(members) {
			return c, false
		}
	}
	ch = emptyChannel(w.NextID("G"))
	ch.Name, ch.Private, ch.GroupMessage = "mpdm-"+strings.Join(names, "--")+"-1", true, true
	ch.Members, ch.Creator = members, w.Config.App.BotUserID
	w.Channels = append(w.Channels, ch)
	return ch, true
}

// Direct gives the id of the direct message between two people, or between a person and the app, opened if need be. The
// app sees nothing of what people say to each other there.
func (p *People) Direct(one, other string) (id string, err error) {
	w := p.ws
	w.Lock()
	defer w.Unlock()
	var ids []string
	for _, key := range []string{one, other} {
		u := w.User(key)
		if u == nil || u.Deleted || u.ID == SlackbotID {
			return "", Refusal("There is no user " + key + ".")
		}
		ids = append(ids, u.ID)
	}
	bot := p.ws.Config.App.BotUserID
	switch {
	case ids[0] == bot || ids[0] == ids[1]:
		return "", Refusal("Nobody is there to talk to.")
	case ids[1] == bot:
		ch, _ := w.DirectMessage(ids[0])
		return ch.ID, nil
	}
	for _, ch := range w.Channels {
		if ch.among(ids) {
			return ch.ID, nil
		}
	}
	ch := emptyChannel(w.NextID("D"))
	ch.betweenPeople, ch.Private, ch.Members = true, true, ids
	w.Channels = append(w.Channels, ch)
	p.ws.DirectoryChanged()
	return ch.ID, nil
}

// DirectMessage is the conversation between the app and a person, opened when it is not there yet.
func (w *Workspace) DirectMessage(userID string) (ch *Conversation, opened bool) {
	for _, c := range w.Channels {
		if c.DirectWith == userID {
			return c, false
		}
	}
	ch = emptyChannel(idFor("D", userID))
	ch.DirectWith, ch.Members = userID, []string{userID, w.Config.App.BotUserID}
	w.Channels = append(w.Channels, ch)
	return ch, true
}
