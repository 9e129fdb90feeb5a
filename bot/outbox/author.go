package outbox

import (
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// An Author is who posts our messages. What stands in a message is no proof that it
// is ours: another bot, such as one for staging, may write the same.
type Author struct {
	BotID, AppID string // by which Slack signs what we post; "": not known, and not compared
	// Installation is the same through restarts and renewals of the token, and
	// another one for every other bot in the workspace.
	Installation string
}

// Wrote reports whether a message is signed as ours. Slack does not name the app on
// every message.
func (a Author) Wrote(m slack.Message) bool {
	if a.BotID != "" && m.BotID != a.BotID {
		return false
	}
	return a.AppID == "" || m.BotProfile == nil || m.BotProfile.AppID == "" || m.BotProfile.AppID == a.AppID
}

// author is who we are, as far as that is known.
func (o *Outbox) author() Author {
	if o.ports.Author == nil {
		return Author{}
	}
	return o.ports.Author()
}

// storeOf is the store that a message is from: its deployment's, or ours where it is
// about none.
func (o *Outbox) storeOf(m deployer.OutboxMessage, d deployer.Deployment) string {
	if m.Deployment == "" {
		return o.ports.Store
	}
	return d.Store
}

// A source is the installation and the store that a message names.
type source struct{ installation, store string }

// counts reports whether a message that we have signed, and that names a source, is
// of ours: two stores may have used one bot, one after the other. One of an earlier
// version names no installation, and of before stores had ids no store.
func (ours source) counts(named source) bool {
	if named.installation == "" {
		return named.store == "" || ours.store == "" || named.store == ours.store
	}
	return named == ours
}
