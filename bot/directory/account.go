package directory

import (
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// slackbot is the id of Slack's own bot, which its API does not call one.
const slackbot = "USLACKBOT"

// An account is what is known of one id of Slack's. It is never changed, only
// replaced.
type account struct {
	id, handle, email     string // the address in lower case
	displayName, realName string
	teams                 []string // the workspaces that they are of, and their organization
	standing              deployer.Standing
	at                    time.Time // when Slack said so
}

// user is as much of the account as a name is made of.
func (a account) user() slack.User {
	return slack.User{ID: a.id, Name: a.handle, RealName: a.realName, Profile: slack.UserProfile{DisplayName: a.displayName, RealName: a.realName}}
}

// A team is the workspace that the bot is of.
type team struct{ id, enterprise string }

// owns reports whether somebody is of the workspace. A bot that is of a whole
// organization has its id for that of a team. Slack names the team of everybody;
// what only looks like Slack, and knows of one workspace, may not.
func (t team) owns(u slack.User) bool {
	if u.TeamID == "" && u.Profile.Team == "" && u.Enterprise.EnterpriseID == "" {
		return true
	}
	return t.id != "" && (u.TeamID == t.id || slices.Contains(u.Enterprise.Teams, t.id) || u.Enterprise.EnterpriseID == t.id)
}

// standing is what somebody is to the workspace.
// https://docs.slack.dev/reference/objects/user-object
func (t team) standing(u slack.User) deployer.Standing {
	switch {
	case u.IsBot, u.IsWorkflowBot, u.IsConnectorBot, u.ID == slackbot:
		return deployer.Machine
	case u.Deleted:
		return deployer.Deactivated
	case !t.owns(u) && t.enterprise != "" && u.Enterprise.EnterpriseID == t.enterprise:
		return deployer.OtherTeam
	case !t.owns(u), u.IsStranger:
		return deployer.Stranger
	case u.IsRestricted, u.IsUltraRestricted:
		return deployer.Guest
	}
	return deployer.Member
}

// accountOf is what Slack says of somebody.
func (t team) accountOf(u slack.User, at time.Time) account {
	teams := append([]string{u.TeamID, u.Enterprise.EnterpriseID}, u.Enterprise.Teams...)
	return account{
		id: u.ID, handle: u.Name, email: strings.ToLower(u.Profile.Email), displayName: u.Profile.DisplayName,
		realName: firstOf(u.Profile.RealName, u.RealName), at: at, standing: t.standing(u),
		teams: slices.DeleteFunc(teams, func(id string) bool { return id == "" }),
	}
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// likes are what is alike of the names that the account shows itself by; none, of
// one that is gone.
func (a account) likes() []string {
	if a.id == "" || a.standing == deployer.Deactivated || a.standing == deployer.Nobody {
		return nil
	}
	likes := []string{alike(nameOf(a.user())), alike(a.handle)}
	return slices.DeleteFunc(likes, func(like string) bool { return like == "" })
}

// of reports whether that is one of somebody's workspaces, or their organization.
func (a account) of(team string) bool { return slices.Contains(a.teams, team) }
