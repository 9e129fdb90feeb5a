package workspace

import (
	"cmp"
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
)

// App is the installed app with its bot user and tokens.
type App struct {
	ID, Name  string
	BotUserID string
	BotID     string
	// BotName is the bot user's handle.
	BotName            string
	BotToken, AppToken string
	// LocalTokens are taken too, but of programs on this machine alone: the bot's and the app's; empty, there are none.
	LocalTokens [2]string
	// Scopes of the bot token. Nil grants every scope that a method here asks for.
	Scopes []string
	// Events are the event types that the app subscribes to, as in a manifest's bot_events; EveryEvent lists them. Nil
	// subscribes to none. An event is sent only where the bot token has a scope for it.
	Events []string
	// UnfurlDomains are the domains whose links in messages the app is told of (link_shared).
	UnfurlDomains []string
	// Shortcuts that the app registered.
	Shortcuts []Shortcut
	// WithoutHome: the app shows no Home tab, and views.publish is refused (not_enabled).
	WithoutHome bool
	// SilentMessages: people cannot write to the app in its Messages tab.
	SilentMessages bool
	// OrgWide: the bot token is of a whole organization, so that the methods that are about one workspace want team_id.
	OrgWide bool
	// AnyCommand sends every slash command that somebody types to the app, also those that it did not register.
	AnyCommand bool
}

// The tokens of an app whose config has none. Everybody knows them.
const (
	localBotToken = "xoxb-local"
	localAppToken = "xapp-local"
)

// FreshTokens gives the app tokens that nobody else knows. Those that everybody knows, xoxb-local and xapp-local, are
// from then on taken of programs on this machine alone.
func (a *App) FreshTokens() {
	a.LocalTokens = [2]string{localBotToken, localAppToken}
	a.BotToken, a.AppToken = "xoxb-"+rand.Text(), "xapp-"+rand.Text()
}

// Granted says whether the bot token has a scope.
func Granted(app App, scope string) bool { return slices.Contains(app.Scopes, scope) }

// Apps are all that are installed, the first one first.
func (c Config) Apps() []App { return append([]App{c.App}, c.Others...) }

// AppOf is the installed app with that id; of "" and of an unknown one it is the first one.
func (c Config) AppOf(id string) App {
	for _, a := range c.Others {
		if a.ID == id {
			return a
		}
	}
	return c.App
}

// withDefaults fills what an app needs. Its default tokens open nothing but this emulator.
func (a App) withDefaults(name string, n int) App {
	number, suffix := strconv.Itoa(n), ""
	if n > 0 {
		suffix = "-" + number
	}
	a.ID, a.Name = cmp.Or(a.ID, "A"+number+"LOCAL"), cmp.Or(a.Name, name)
	a.BotName = cmp.Or(a.BotName, strings.ToLower(a.Name))
	a.BotUserID, a.BotID = cmp.Or(a.BotUserID, "U"+number+"BOT"), cmp.Or(a.BotID, "B"+number+"BOT")
	a.BotToken, a.AppToken = cmp.Or(a.BotToken, localBotToken+suffix), cmp.Or(a.AppToken, localAppToken+suffix)
	return a
}
