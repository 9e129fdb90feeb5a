package emulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// call is one Web API request on its way through a method.
type call struct {
	*Server
	args
	method string
	// base is the address the caller used, as http://host:port.
	base string
}

// refusal is a method's answer with ok false.
type refusal struct {
	word  string
	extra obj
}

func refuse(word string) *refusal { return &refusal{word: word} }

// method is one entry of the Web API.
type method struct {
	run func(*call) (obj, *refusal)
	// scopes: one of them is needed. Empty: any token will do.
	scopes []string
	// app asks for the app-level token instead of the bot's.
	app  bool
	tier tier
}

var methods map[string]method

func init() {
	history := []string{"channels:history", "groups:history", "im:history", "mpim:history"}
	read := []string{"channels:read", "groups:read", "im:read", "mpim:read"}
	methods = map[string]method{
		"api.test":              {run: apiTest, tier: tier4},
		"auth.test":             {run: authTest, tier: special},
		"apps.connections.open": {run: openConnection, scopes: []string{"connections:write"}, app: true, tier: tier1},

		"blocks.validate":    {run: validateBlocks, tier: special},
		"chat.postMessage":   {run: postMessage, scopes: []string{"chat:write"}, tier: perChannel},
		"chat.postEphemeral": {run: postEphemeral, scopes: []string{"chat:write"}, tier: tier4},
		"chat.update":        {run: updateMessage, scopes: []string{"chat:write"}, tier: tier3},
		"chat.delete":        {run: deleteMessage, scopes: []string{"chat:write"}, tier: tier3},
		"chat.getPermalink":  {run: permalink, tier: special},
		"reactions.add":      {run: addReaction, scopes: []string{"reactions:write"}, tier: tier3},
		"reactions.remove":   {run: removeReaction, scopes: []string{"reactions:write"}, tier: tier2},

		"conversations.history": {run: channelHistory, scopes: history, tier: tier3},
		"conversations.replies": {run: replies, scopes: history, tier: tier3},
		"conversations.info":    {run: conversationInfo, scopes: read, tier: tier3},
		"conversations.list":    {run: conversationList, scopes: read, tier: tier2},
		"conversations.members": {run: conversationMembers, scopes: read, tier: tier4},
		"conversations.join":    {run: joinConversation, scopes: []string{"channels:join"}, tier: tier3},
		"conversations.open":    {run: openConversation, scopes: []string{"im:write", "mpim:write"}, tier: tier3},

		"users.info":            {run: userInfo, scopes: []string{"users:read"}, tier: tier4},
		"users.list":            {run: userList, scopes: []string{"users:read"}, tier: tier2},
		"users.lookupByEmail":   {run: userByEmail, scopes: []string{"users:read.email"}, tier: tier3},
		"users.conversations":   {run: userConversations, scopes: read, tier: tier3},
		"usergroups.list":       {run: groupList, scopes: []string{"usergroups:read"}, tier: tier2},
		"usergroups.users.list": {run: groupMembers, scopes: []string{"usergroups:read"}, tier: tier2},
		"team.info":             {run: teamInfo, scopes: []string{"team:read"}, tier: tier3},
		"bots.info":             {run: botInfo, scopes: []string{"users:read"}, tier: tier3},

		"views.open":    {run: viewsOpen, tier: tier4},
		"views.push":    {run: viewsPush, tier: tier4},
		"views.update":  {run: viewsUpdate, tier: tier4},
		"views.publish": {run: viewsPublish, tier: tier4},

		"files.getUploadURLExternal":   {run: uploadURL, scopes: []string{"files:write"}, tier: tier4},
		"files.completeUploadExternal": {run: completeUpload, scopes: []string{"files:write"}, tier: tier4},
		"files.info":                   {run: fileInfo, scopes: []string{"files:read"}, tier: tier4},
	}
}

// everyScope lists each scope that some method here asks of a bot token.
func everyScope() []string {
	all := []string{"commands", "chat:write.public"}
	for _, m := range methods {
		if !m.app {
			all = append(all, m.scopes...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	a, err := readArgs(r)
	s.cfg.sent(name, a)
	done := s.calls.begin(name, a)
	f := s.fault.take(name)
	if !f.before(s.ctx) {
		done("cut")
		panic(http.ErrAbortHandler)
	}
	var word string
	var body obj
	status := http.StatusOK
	switch {
	case f.refuses():
		if f.Taken && err == nil {
			s.answer(http.Header{}, r, name, a) // what it says is lost
		}
		word, status = f.word(), f.status()
		body = obj{"ok": false, "error": word}
		if f.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
		}
	case err != nil:
		word = err.Error()
		body = obj{"ok": false, "error": word}
	default:
		var wait int
		body, word, wait = s.answer(w.Header(), r, name, a)
		if wait > 0 {
			status = http.StatusTooManyRequests
			w.Header().Set("Retry-After", strconv.Itoa(wait))
		}
	}
	done(word)
	f.write(w, status, raw(body))
}

// answer runs one method. wait is what a rate limit asks for, in seconds.
func (s *Server) answer(h http.Header, r *http.Request, name string, a args) (body obj, word string, wait int) {
	no := func(ref *refusal) (obj, string, int) {
		body := obj{"ok": false, "error": ref.word}
		for k, v := range ref.extra {
			body[k] = v
		}
		return body, ref.word, 0
	}
	m, ok := methods[name]
	if !ok {
		return no(&refusal{"unknown_method", obj{"req_method": name}})
	}
	if ref := s.authorize(h, r, m, a); ref != nil {
		return no(ref)
	}
	if wait := s.limit.take(m.tier, name, a.str("channel")); wait > 0 {
		return obj{"ok": false, "error": "ratelimited"}, "ratelimited", wait
	}
	c := &call{Server: s, args: a, method: name, base: baseURL(r)}
	body, ref := m.run(c)
	if ref != nil {
		return no(ref)
	}
	if body == nil {
		body = obj{}
	}
	body["ok"] = true
	return body, "", 0
}

// baseURL is the address that the caller used for this server.
func baseURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
