package emulator

import (
	"maps"
	"slices"
)

// method is one entry of the Web API.
type method struct {
	run run
	// scopes: one of them is needed. Empty: any token will do.
	scopes []string
	tier   tier
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

// lacking refuses a call without an argument that the method needs.
func (m method) lacking(a args) *refusal {
	var words []string
	for _, name := range m.need {
		if a.str(name) == "" {
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
		"api.test":                       {run: apiTest, tier: tier4},
		"auth.test":                      {run: authTest, tier: special},
		"auth.revoke":                    {run: revokeToken, tier: tier3},
		"auth.teams.list":                {run: authTeams, tier: tier2},
		"apps.connections.open":          {run: openConnection, scopes: []string{"connections:write"}, token: appToken, tier: tier1},
		"apps.event.authorizations.list": {run: listAuthorizations, scopes: []string{"authorizations:read"}, token: appToken, tier: tier4, need: []string{"event_context"}},
		"blocks.validate":                {run: validateBlocks, tier: special},
		"team.info":                      {run: teamInfo, scopes: []string{"team:read"}, tier: tier3},
		"team.profile.get":               {run: teamProfile, scopes: []string{"users.profile:read"}, tier: tier3},
		"bots.info":                      {run: botInfo, scopes: []string{"users:read"}, tier: tier3},
		"emoji.list":                     {run: emojiList, scopes: []string{"emoji:read"}, tier: tier2},

		"views.open":    {run: viewsOpen, tier: tier4},
		"views.push":    {run: viewsPush, tier: tier4},
		"views.update":  {run: viewsUpdate, tier: tier4},
		"views.publish": {run: viewsPublish, tier: tier4, need: []string{"user_id"}},

		"functions.completeSuccess": {run: completeFunction, tier: tier3, need: []string{"function_execution_id", "outputs"}},
		"functions.completeError":   {run: failFunction, tier: tier3, need: []string{"function_execution_id", "error"}},

		"assistant.threads.setStatus":           {run: threadStatus, scopes: speak, tier: special, need: thread},
		"assistant.threads.setTitle":            {run: threadTitle, scopes: speak[:1], tier: special, need: append([]string{"title"}, thread...)},
		"assistant.threads.setSuggestedPrompts": {run: threadPrompts, scopes: speak[:1], tier: special, need: []string{"channel_id", "prompts"}},
	}
}

func chatMethods() map[string]method {
	write, stream := []string{"chat:write"}, []string{"channel", "ts"}
	pin, item := []string{"pins:write"}, []string{"channel"}
	return map[string]method{
		"chat.postMessage":            {run: postMessage, scopes: write, tier: perChannel},
		"chat.postEphemeral":          {run: postEphemeral, scopes: write, tier: tier4},
		"chat.meMessage":              {run: meMessage, scopes: write, tier: tier3},
		"chat.update":                 {run: updateMessage, scopes: write, tier: tier3},
		"chat.delete":                 {run: deleteMessage, scopes: write, tier: tier3},
		"chat.getPermalink":           {run: permalink, tier: special},
		"chat.scheduleMessage":        {run: scheduleMessage, scopes: write, tier: tier3, need: []string{"channel", "post_at"}},
		"chat.deleteScheduledMessage": {run: unscheduleMessage, scopes: write, tier: tier3, need: []string{"channel", "scheduled_message_id"}},
		"chat.scheduledMessages.list": {run: scheduledMessages, tier: tier3},
		"chat.unfurl":                 {run: unfurl, scopes: []string{"links:write"}, tier: tier3},
		"chat.startStream":            {run: startStream, scopes: write, tier: tier2, need: stream[:1]},
		"chat.appendStream":           {run: appendStream, scopes: write, tier: tier4, need: stream},
		"chat.stopStream":             {run: stopStream, scopes: write, tier: tier2, need: stream},

		"reactions.add":    {run: upon(addReaction), scopes: []string{"reactions:write"}, tier: tier3},
		"reactions.remove": {run: upon(removeReaction), scopes: []string{"reactions:write"}, tier: tier2},
		"reactions.get":    {run: upon(getReactions), scopes: []string{"reactions:read"}, tier: tier3},
		"reactions.list":   {run: held(listReactions), scopes: []string{"reactions:read"}, tier: tier2},

		"pins.add":    {run: upon(addPin), scopes: pin, tier: tier2, need: item},
		"pins.remove": {run: upon(removePin), scopes: pin, tier: tier2, need: item},
		"pins.list":   {run: within((*call).readable, listPins), scopes: []string{"pins:read"}, tier: tier2, need: item},

		"bookmarks.add":    {run: within((*call).shelf, addBookmark), scopes: []string{"bookmarks:write"}, tier: tier2, need: []string{"channel_id", "title", "type"}},
		"bookmarks.edit":   {run: within((*call).shelf, editBookmark), scopes: []string{"bookmarks:write"}, tier: tier2, need: []string{"channel_id", "bookmark_id"}},
		"bookmarks.remove": {run: within((*call).shelf, removeBookmark), scopes: []string{"bookmarks:write"}, tier: tier2, need: []string{"channel_id", "bookmark_id"}},
		"bookmarks.list":   {run: within((*call).shelf, listBookmarks), scopes: []string{"bookmarks:read"}, tier: tier3, need: []string{"channel_id"}},
	}
}

func channelMethods() map[string]method {
	some := func(of string) []string { return []string{"channels:" + of, "groups:" + of, "im:" + of, "mpim:" + of} }
	history, read, here := some("history"), some("read"), []string{"channel"}
	manage := []string{"channels:manage", "groups:write", "im:write", "mpim:write"}
	topic := append(some("write.topic"), manage...)
	return map[string]method{
		"conversations.history":    {run: within((*call).readable, channelHistory, "history"), scopes: history, tier: tier3, need: here},
		"conversations.replies":    {run: within((*call).readable, replies, "history"), scopes: history, tier: tier3, need: []string{"channel", "ts"}},
		"conversations.info":       {run: within((*call).known, conversationInfo, "read"), scopes: read, tier: tier3, need: here},
		"conversations.list":       {run: held(conversationList), scopes: read, tier: tier2},
		"conversations.members":    {run: within((*call).known, conversationMembers, "read"), scopes: read, tier: tier4, need: here},
		"conversations.mark":       {run: within((*call).readable, markConversation, "manage", "write"), scopes: manage, tier: tier3, need: []string{"channel", "ts"}},
		"conversations.open":       {run: held(openConversation), scopes: []string{"im:write", "mpim:write"}, tier: tier3},
		"conversations.close":      {run: within((*call).direct, closeConversation, "write"), scopes: manage, tier: tier2, need: here},
		"conversations.join":       {run: within((*call).known, joinConversation), scopes: []string{"channels:join"}, tier: tier3, need: here},
		"conversations.leave":      {run: within((*call).known, leaveConversation, "manage", "write"), scopes: manage, tier: tier3, need: here},
		"conversations.invite":     {run: within((*call).inside, inviteToConversation, "manage", "write", "write.invites"), scopes: append(some("write.invites"), manage...), tier: tier3, need: here},
		"conversations.kick":       {run: within((*call).inside, kickFromConversation, "manage", "write"), scopes: manage, tier: tier3, need: here},
		"conversations.create":     {run: held(createConversation), scopes: manage[:2], tier: tier2},
		"conversations.rename":     {run: within((*call).inside, renameConversation, "manage", "write"), scopes: manage[:2], tier: tier2, need: here},
		"conversations.archive":    {run: within((*call).real, archiveConversation, "manage", "write"), scopes: manage, tier: tier2, need: here},
		"conversations.unarchive":  {run: within((*call).real, unarchiveConversation, "manage", "write"), scopes: manage[:2], tier: tier2, need: here},
		"conversations.setTopic":   {run: within((*call).readable, setTopic, "manage", "write", "write.topic"), scopes: topic, tier: tier2, need: here},
		"conversations.setPurpose": {run: within((*call).readable, setPurpose, "manage", "write", "write.topic"), scopes: topic, tier: tier2, need: here},
	}
}

func peopleMethods() map[string]method {
	read := []string{"channels:read", "groups:read", "im:read", "mpim:read"}
	groups, which := []string{"usergroups:read", "usergroups:write"}, []string{"usergroup"}
	return map[string]method{
		"users.info":          {run: held(userInfo), scopes: []string{"users:read"}, tier: tier4},
		"users.list":          {run: held(userList), scopes: []string{"users:read"}, tier: tier2},
		"users.lookupByEmail": {run: held(userByEmail), scopes: []string{"users:read.email"}, tier: tier3},
		"users.conversations": {run: held(userConversations), scopes: read, tier: tier3},
		"users.profile.get":   {run: held(userProfile), scopes: []string{"users.profile:read"}, tier: tier4},
		"users.getPresence":   {run: held(getPresence), scopes: []string{"users:read"}, tier: tier3},
		"users.setPresence":   {run: held(setPresence), scopes: []string{"users:write"}, tier: tier2, need: []string{"presence"}},

		"dnd.info":     {run: held(dndInfo), scopes: []string{"dnd:read"}, tier: tier3},
		"dnd.teamInfo": {run: held(dndTeam), scopes: []string{"dnd:read"}, tier: tier2},

		"usergroups.list":         {run: held(groupList), scopes: groups[:1], tier: tier2},
		"usergroups.create":       {run: held(createGroup), scopes: groups[1:], tier: tier2},
		"usergroups.update":       {run: usergroup(updateGroup), scopes: groups[1:], tier: tier2, need: which},
		"usergroups.enable":       {run: usergroup(enableGroup), scopes: groups[1:], tier: tier2, need: which},
		"usergroups.disable":      {run: usergroup(disableGroup), scopes: groups[1:], tier: tier2, need: which},
		"usergroups.users.list":   {run: usergroup(groupMembers), scopes: groups[:1], tier: tier2, need: which},
		"usergroups.users.update": {run: usergroup(fillGroup), scopes: groups[1:], tier: tier2, need: which},
	}
}

func fileMethods() map[string]method {
	write, read := []string{"files:write"}, []string{"files:read"}
	return map[string]method{
		"files.getUploadURLExternal":   {run: uploadURL, scopes: write, tier: tier4, need: []string{"filename", "length"}},
		"files.completeUploadExternal": {run: completeUpload, scopes: write, tier: tier4, need: []string{"files"}},
		"files.info":                   {run: fileInfo, scopes: read, tier: tier4},
		"files.list":                   {run: listFiles, scopes: read, tier: tier3},
		"files.delete":                 {run: deleteFile, scopes: write, tier: tier3},
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
	gone := func(*call) (obj, *refusal) { return nil, refuse("method_deprecated") }
	all := map[string]method{}
	for _, name := range []string{"files.upload", "rtm.start", "channels.create", "channels.history", "channels.info",
		"channels.invite", "channels.join", "channels.list", "groups.history", "groups.info", "groups.list", "im.history",
		"im.list", "im.open", "mpim.history", "mpim.list", "mpim.open"} {
		all[name] = method{run: gone}
	}
	return all
}

// everyScope lists each scope that some method or event here asks of a bot token.
func everyScope() []string {
	all := []string{"commands", "chat:write.public", "chat:write.customize"}
	for _, m := range methods {
		if m.token == "" {
			all = append(all, m.scopes...)
		}
	}
	for _, scopes := range eventScopes {
		all = append(all, scopes...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
