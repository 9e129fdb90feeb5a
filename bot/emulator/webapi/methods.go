package webapi

import (
	"maps"
	"slices"

	"github.com/stationmaster/stationmaster/bot/emulator/ratelimit"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// method is one entry of the Web API.
type method struct {
	run run
	// scopes: one of them is needed. Empty: any token will do.
	scopes []string
	tier   ratelimit.Tier
	// need lists arguments that have to be there.
	need []string
	// token is the kind that it takes: the bot's where it is empty, or appToken or userToken.
	token string
}

// Kinds of tokens other than the bot's. There are no user tokens here: a method that wants one refuses every other, as
// it does in Slack.
const (
	appToken  = "app"
	userToken = "user"
)

// missingArguments refuses a call without an argument that the method needs.
func (m method) missingArguments(a Args) *Failure {
	var words []string
	for _, name := range m.need {
		if a.Str(name) == "" {
			words = append(words, "missing required field: "+name)
		}
	}
	if len(words) > 0 {
		return invalidArguments(words...)
	}
	return nil
}

var methods map[string]method

func init() {
	methods = map[string]method{}
	for _, part := range []map[string]method{appMethods(), chatMethods(), channelMethods(), peopleMethods(), fileMethods(),
		personalMethods(), retiredMethods()} {
		maps.Copy(methods, part)
	}
}

func appMethods() map[string]method {
	thread := []string{"channel_id", "thread_ts"}
	speak := []string{"assistant:write", "chat:write"}
	return map[string]method{
		"api.test":                       {run: apiTest, tier: ratelimit.Tier4},
		"auth.test":                      {run: authTest, tier: ratelimit.Special},
		"auth.revoke":                    {run: revokeToken, tier: ratelimit.Tier3},
		"auth.teams.list":                {run: authTeams, tier: ratelimit.Tier2},
		"apps.connections.open":          {run: openConnection, scopes: []string{"connections:write"}, token: appToken, tier: ratelimit.Tier1},
		"apps.event.authorizations.list": {run: listAuthorizations, scopes: []string{"authorizations:read"}, token: appToken, tier: ratelimit.Tier4, need: []string{"event_context"}},
		"blocks.validate":                {run: validateBlocks, tier: ratelimit.Special},
		"team.info":                      {run: teamInfo, scopes: []string{"team:read"}, tier: ratelimit.Tier3},
		"team.profile.get":               {run: teamProfile, scopes: []string{"users.profile:read"}, tier: ratelimit.Tier3},
		"bots.info":                      {run: botInfo, scopes: []string{"users:read"}, tier: ratelimit.Tier3},
		"emoji.list":                     {run: emojiList, scopes: []string{"emoji:read"}, tier: ratelimit.Tier2},

		"views.open":    {run: viewsOpen, tier: ratelimit.Tier4},
		"views.push":    {run: viewsPush, tier: ratelimit.Tier4},
		"views.update":  {run: viewsUpdate, tier: ratelimit.Tier4},
		"views.publish": {run: viewsPublish, tier: ratelimit.Tier4, need: []string{"user_id"}},

		"functions.completeSuccess": {run: completeFunction, tier: ratelimit.Tier3, need: []string{"function_execution_id", "outputs"}},
		"functions.completeError":   {run: failFunction, tier: ratelimit.Tier3, need: []string{"function_execution_id", "error"}},

		"assistant.threads.setStatus":           {run: threadStatus, scopes: speak, tier: ratelimit.Special, need: thread},
		"assistant.threads.setTitle":            {run: threadTitle, scopes: speak[:1], tier: ratelimit.Special, need: append([]string{"title"}, thread...)},
		"assistant.threads.setSuggestedPrompts": {run: threadPrompts, scopes: speak[:1], tier: ratelimit.Special, need: []string{"channel_id", "prompts"}},
	}
}

func chatMethods() map[string]method {
	write, stream := []string{"chat:write"}, []string{"channel", "ts"}
	pin, item := []string{"pins:write"}, []string{"channel"}
	return map[string]method{
		"chat.postMessage":            {run: postMessage, scopes: write, tier: ratelimit.PerChannel},
		"chat.postEphemeral":          {run: postEphemeral, scopes: write, tier: ratelimit.Tier4},
		"chat.meMessage":              {run: meMessage, scopes: write, tier: ratelimit.Tier3},
		"chat.update":                 {run: updateMessage, scopes: write, tier: ratelimit.Tier3},
		"chat.delete":                 {run: deleteMessage, scopes: write, tier: ratelimit.Tier3},
		"chat.getPermalink":           {run: permalink, tier: ratelimit.Special},
		"chat.scheduleMessage":        {run: scheduleMessage, scopes: write, tier: ratelimit.Tier3, need: []string{"channel", "post_at"}},
		"chat.deleteScheduledMessage": {run: unscheduleMessage, scopes: write, tier: ratelimit.Tier3, need: []string{"channel", "scheduled_message_id"}},
		"chat.scheduledMessages.list": {run: scheduledMessages, tier: ratelimit.Tier3},
		"chat.unfurl":                 {run: unfurl, scopes: []string{"links:write"}, tier: ratelimit.Tier3},
		"chat.startStream":            {run: startStream, scopes: write, tier: ratelimit.Tier2, need: stream[:1]},
		"chat.appendStream":           {run: appendStream, scopes: write, tier: ratelimit.Tier4, need: stream},
		"chat.stopStream":             {run: stopStream, scopes: write, tier: ratelimit.Tier2, need: stream},

		"reactions.add":    {run: withMessage(addReaction), scopes: []string{"reactions:write"}, tier: ratelimit.Tier3},
		"reactions.remove": {run: withMessage(removeReaction), scopes: []string{"reactions:write"}, tier: ratelimit.Tier2},
		"reactions.get":    {run: withMessage(getReactions), scopes: []string{"reactions:read"}, tier: ratelimit.Tier3},
		"reactions.list":   {run: locked(listReactions), scopes: []string{"reactions:read"}, tier: ratelimit.Tier2},

		"pins.add":    {run: withMessage(addPin), scopes: pin, tier: ratelimit.Tier2, need: item},
		"pins.remove": {run: withMessage(removePin), scopes: pin, tier: ratelimit.Tier2, need: item},
		"pins.list":   {run: withChannel((*call).readableChannel, listPins), scopes: []string{"pins:read"}, tier: ratelimit.Tier2, need: item},

		"bookmarks.add":    {run: withChannel((*call).bookmarkedChannel, addBookmark), scopes: []string{"bookmarks:write"}, tier: ratelimit.Tier2, need: []string{"channel_id", "title", "type"}},
		"bookmarks.edit":   {run: withChannel((*call).bookmarkedChannel, editBookmark), scopes: []string{"bookmarks:write"}, tier: ratelimit.Tier2, need: []string{"channel_id", "bookmark_id"}},
		"bookmarks.remove": {run: withChannel((*call).bookmarkedChannel, removeBookmark), scopes: []string{"bookmarks:write"}, tier: ratelimit.Tier2, need: []string{"channel_id", "bookmark_id"}},
		"bookmarks.list":   {run: withChannel((*call).bookmarkedChannel, listBookmarks), scopes: []string{"bookmarks:read"}, tier: ratelimit.Tier3, need: []string{"channel_id"}},
	}
}

func channelMethods() map[string]method {
	some := func(of string) []string { return []string{"channels:" + of, "groups:" + of, "im:" + of, "mpim:" + of} }
	history, read, here := some("history"), some("read"), []string{"channel"}
	manage := []string{"channels:manage", "groups:write", "im:write", "mpim:write"}
	topic := append(some("write.topic"), manage...)
	return map[string]method{
		"conversations.history":    {run: withChannel((*call).readableChannel, channelHistory, "history"), scopes: history, tier: ratelimit.Tier3, need: here},
		"conversations.replies":    {run: withChannel((*call).readableChannel, replies, "history"), scopes: history, tier: ratelimit.Tier3, need: []string{"channel", "ts"}},
		"conversations.info":       {run: withChannel((*call).knownChannel, conversationInfo, "read"), scopes: read, tier: ratelimit.Tier3, need: here},
		"conversations.list":       {run: locked(conversationList), scopes: read, tier: ratelimit.Tier2},
		"conversations.members":    {run: withChannel((*call).knownChannel, conversationMembers, "read"), scopes: read, tier: ratelimit.Tier4, need: here},
		"conversations.mark":       {run: withChannel((*call).readableChannel, markConversation, "manage", "write"), scopes: manage, tier: ratelimit.Tier3, need: []string{"channel", "ts"}},
		"conversations.open":       {run: locked(openConversation), scopes: []string{"im:write", "mpim:write"}, tier: ratelimit.Tier3},
		"conversations.close":      {run: withChannel((*call).directChannel, closeConversation, "write"), scopes: manage, tier: ratelimit.Tier2, need: here},
		"conversations.join":       {run: withChannel((*call).knownChannel, joinConversation), scopes: []string{"channels:join"}, tier: ratelimit.Tier3, need: here},
		"conversations.leave":      {run: withChannel((*call).knownChannel, leaveConversation, "manage", "write"), scopes: manage, tier: ratelimit.Tier3, need: here},
		"conversations.invite":     {run: withChannel((*call).changeableChannel, inviteToConversation, "manage", "write", "write.invites"), scopes: append(some("write.invites"), manage...), tier: ratelimit.Tier3, need: here},
		"conversations.kick":       {run: withChannel((*call).changeableChannel, kickFromConversation, "manage", "write"), scopes: manage, tier: ratelimit.Tier3, need: here},
		"conversations.create":     {run: locked(createConversation), scopes: manage[:2], tier: ratelimit.Tier2},
		"conversations.rename":     {run: withChannel((*call).changeableChannel, renameConversation, "manage", "write"), scopes: manage[:2], tier: ratelimit.Tier2, need: here},
		"conversations.archive":    {run: withChannel((*call).namedChannel, archiveConversation, "manage", "write"), scopes: manage, tier: ratelimit.Tier2, need: here},
		"conversations.unarchive":  {run: withChannel((*call).namedChannel, unarchiveConversation, "manage", "write"), scopes: manage[:2], tier: ratelimit.Tier2, need: here},
		"conversations.setTopic":   {run: withChannel((*call).readableChannel, setTopic, "manage", "write", "write.topic"), scopes: topic, tier: ratelimit.Tier2, need: here},
		"conversations.setPurpose": {run: withChannel((*call).readableChannel, setPurpose, "manage", "write", "write.topic"), scopes: topic, tier: ratelimit.Tier2, need: here},
	}
}

func peopleMethods() map[string]method {
	read := []string{"channels:read", "groups:read", "im:read", "mpim:read"}
	groups, which := []string{"usergroups:read", "usergroups:write"}, []string{"usergroup"}
	return map[string]method{
		"users.info":          {run: locked(userInfo), scopes: []string{"users:read"}, tier: ratelimit.Tier4},
		"users.list":          {run: locked(userList), scopes: []string{"users:read"}, tier: ratelimit.Tier2},
		"users.lookupByEmail": {run: locked(userByEmail), scopes: []string{"users:read.email"}, tier: ratelimit.Tier3},
		"users.conversations": {run: locked(userConversations), scopes: read, tier: ratelimit.Tier3},
		"users.profile.get":   {run: locked(userProfile), scopes: []string{"users.profile:read"}, tier: ratelimit.Tier4},
		"users.getPresence":   {run: locked(getPresence), scopes: []string{"users:read"}, tier: ratelimit.Tier3},
		"users.setPresence":   {run: locked(setPresence), scopes: []string{"users:write"}, tier: ratelimit.Tier2, need: []string{"presence"}},

		"dnd.info":     {run: locked(dndInfo), scopes: []string{"dnd:read"}, tier: ratelimit.Tier3},
		"dnd.teamInfo": {run: locked(dndTeam), scopes: []string{"dnd:read"}, tier: ratelimit.Tier2},

		"usergroups.list":         {run: locked(groupList), scopes: groups[:1], tier: ratelimit.Tier2},
		"usergroups.create":       {run: locked(createGroup), scopes: groups[1:], tier: ratelimit.Tier2},
		"usergroups.update":       {run: withUserGroup(updateGroup), scopes: groups[1:], tier: ratelimit.Tier2, need: which},
		"usergroups.enable":       {run: withUserGroup(enableGroup), scopes: groups[1:], tier: ratelimit.Tier2, need: which},
		"usergroups.disable":      {run: withUserGroup(disableGroup), scopes: groups[1:], tier: ratelimit.Tier2, need: which},
		"usergroups.users.list":   {run: withUserGroup(groupMembers), scopes: groups[:1], tier: ratelimit.Tier2, need: which},
		"usergroups.users.update": {run: withUserGroup(fillGroup), scopes: groups[1:], tier: ratelimit.Tier2, need: which},
	}
}

func fileMethods() map[string]method {
	write, read := []string{"files:write"}, []string{"files:read"}
	return map[string]method{
		"files.getUploadURLExternal":   {run: uploadURL, scopes: write, tier: ratelimit.Tier4, need: []string{"filename", "length"}},
		"files.completeUploadExternal": {run: completeUpload, scopes: write, tier: ratelimit.Tier4, need: []string{"files"}},
		"files.info":                   {run: fileInfo, scopes: read, tier: ratelimit.Tier4},
		"files.list":                   {run: listFiles, scopes: read, tier: ratelimit.Tier3},
		"files.delete":                 {run: deleteFile, scopes: write, tier: ratelimit.Tier3},
	}
}

// personalMethods are what only people's own tokens may do: search, reminders, what they saved, their profile and their
// rest.
func personalMethods() map[string]method {
	all := map[string]method{}
	for _, name := range []string{"search.all", "search.files", "search.messages", "reminders.add", "reminders.complete",
		"reminders.delete", "reminders.info", "reminders.list", "stars.add", "stars.list", "stars.remove", "dnd.endDnd",
		"dnd.endSnooze", "dnd.setSnooze", "users.profile.set", "users.setPhoto", "users.deletePhoto", "users.identity",
		"files.sharedPublicURL", "files.revokePublicURL"} {
		all[name] = method{token: userToken}
	}
	return all
}

// retiredMethods are those of old examples, which Slack has switched off.
func retiredMethods() map[string]method {
	gone := func(*call) (obj, *Failure) { return nil, refuse("method_deprecated") }
	all := map[string]method{}
	for _, name := range []string{"files.upload", "rtm.start", "channels.create", "channels.history", "channels.info",
		"channels.invite", "channels.join", "channels.list", "groups.history", "groups.info", "groups.list", "im.history",
		"im.list", "im.open", "mpim.history", "mpim.list", "mpim.open"} {
		all[name] = method{run: gone}
	}
	return all
}

// EveryScope lists each scope that some method or event here asks of a bot token.
func EveryScope() []string {
	all := []string{"commands", "chat:write.public", "chat:write.customize"}
	for _, m := range methods {
		if m.token == "" {
			all = append(all, m.scopes...)
		}
	}
	for _, scopes := range workspace.EventScopes {
		all = append(all, scopes...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
