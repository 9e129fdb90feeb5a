package emulator_test

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

// A user group from its making to its end, by the app, which hears of each.
func TestUserGroupIsMadeChangedAndDisabled(t *testing.T) {
	w := start(t, everyEvent)
	e := w.listen()
	var g slack.UserGroup
	e.hear("create", func() (err error) {
		g, err = w.api.CreateUserGroup(slack.UserGroup{Name: "On call", Handle: "on-call", Description: "Who is woken"})
		return err
	}, "subteam_created")
	if g.Name != "On call" || g.Handle != "on-call" || g.Description != "Who is woken" || !strings.HasPrefix(g.ID, "S") || g.DateDelete != 0 {
		t.Errorf("made: %+v", g)
	}
	got := e.hear("members", func() (err error) { g, err = w.api.UpdateUserGroupMembers(g.ID, "UBOB,UCAROL"); return err },
		"subteam_updated", "subteam_members_changed")
	if m := got["subteam_members_changed"]; m["added_users_count"] != 2.0 || strings.Join(g.Users, " ") != "UBOB UCAROL" {
		t.Errorf("members %v: %v", g.Users, m)
	}
	got = e.hear("rename", func() (err error) {
		g, err = w.api.UpdateUserGroup(g.ID, slack.UpdateUserGroupsOptionHandle("woken"))
		return err
	}, "subteam_updated")
	if g.Handle != "woken" || g.Name != "On call" || got["subteam_updated"]["subteam"].(o)["handle"] != "woken" {
		t.Errorf("renamed: %+v, %v", g, got)
	}
	got = e.hear("disable", func() (err error) { g, err = w.api.DisableUserGroup(g.ID); return err }, "subteam_updated")
	if g.DateDelete == 0 || got["subteam_updated"]["subteam"].(o)["date_delete"] == 0.0 {
		t.Errorf("disabled: %+v, %v", g, got)
	}
	live, err := w.api.GetUserGroups()
	w.must(err)
	all, err := w.api.GetUserGroups(slack.GetUserGroupsOptionIncludeDisabled(true), slack.GetUserGroupsOptionIncludeCount(true))
	w.must(err)
	if len(live) != 1 || len(all) != 2 || all[1].UserCount != 2 {
		t.Errorf("live %+v, all %+v", live, all)
	}
	w.refuse([]refusal{{"usergroups.users.list", []string{"usergroup", g.ID}, "no_such_subteam"},
		{"usergroups.users.list", []string{"usergroup", g.ID, "include_disabled", "true"}, ""}})
	e.hear("mention", func() error { _, err := w.Post("alice", deploys, "@woken @tech-leads", ""); return err }, "message")
	if m := w.Messages(deploys)[0]; !strings.HasPrefix(m.Text, "@woken <!subteam^") {
		t.Errorf("a mention of a disabled group: %q", m.Text)
	}
	e.hear("enable", func() (err error) { g, err = w.api.EnableUserGroup(g.ID); return err }, "subteam_updated")
	if g.DateDelete != 0 {
		t.Errorf("enabled: %+v", g)
	}
}

func TestUserGroupMethodsRefuseInSlacksWords(t *testing.T) {
	w := start(t)
	w.must(w.DeactivateUser("carol", true))
	lead := func(args ...string) []string { return append([]string{"usergroup", "STECHLEADS"}, args...) }
	w.refuse([]refusal{
		{"usergroups.create", nil, "missing_subteam_name"},
		{"usergroups.create", []string{"name", "tech-leads", "handle", "x"}, "name_already_exists"},
		{"usergroups.create", []string{"name", "New", "handle", "tech-leads"}, "handle_already_exists"},
		{"usergroups.create", []string{"name", "New", "handle", "alice"}, "handle_already_exists"},
		{"usergroups.create", []string{"name", "New", "handle", deploys}, "handle_already_exists"},
		{"usergroups.create", []string{"name", "New", "handle", "No Handle"}, "bad_handle"},
		{"usergroups.create", []string{"name", "New", "description", xs(141)}, "description_too_long"},
		{"usergroups.create", []string{"name", "New Ones", "description", xs(140)}, ""},
		{"usergroups.update", nil, "invalid_arguments"},
		{"usergroups.update", []string{"usergroup", "SNOPE"}, "no_such_subteam"},
		{"usergroups.update", lead("handle", "new-ones"), "handle_already_exists"},
		{"usergroups.update", lead("name", "New Ones"), "name_already_exists"},
		{"usergroups.update", lead("handle", "tech-leads", "name", "tech-leads"), ""},
		{"usergroups.users.update", lead(), "no_users_provided"},
		{"usergroups.users.update", lead("users", "UBOB,UNOPE"), "invalid_users"},
		{"usergroups.users.update", lead("users", "UCAROL"), "invalid_users"},
		{"usergroups.users.update", lead("users", "U0BOT"), "invalid_user"},
		{"usergroups.users.update", []string{"usergroup", "SNOPE", "users", "UBOB"}, "no_such_subteam"},
		{"usergroups.enable", []string{"usergroup", "SNOPE"}, "no_such_subteam"},
		{"usergroups.disable", []string{"usergroup", "SNOPE"}, "no_such_subteam"},
	})
}
