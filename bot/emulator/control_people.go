package emulator

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonhttp"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// controlWorkspace changes people, user groups and channels, and does what people do beside writing and clicking.
func (s *Server) controlWorkspace(on controlFunc) {
	does := map[string]func(controlArgs) error{
		"join":            func(in controlArgs) error { return s.Join(in.User, in.Channel) },
		"leave":           func(in controlArgs) error { return s.Leave(in.User, in.Channel) },
		"react":           func(in controlArgs) error { return s.React(in.User, in.Channel, in.TS, in.Name, in.On) },
		"edit":            func(in controlArgs) error { return s.Edit(in.User, in.Channel, in.TS, in.Text) },
		"delete":          func(in controlArgs) error { return s.Delete(in.User, in.Channel, in.TS) },
		"rename_channel":  func(in controlArgs) error { return s.RenameChannel(in.Channel, in.Text) },
		"display_name":    func(in controlArgs) error { return s.SetDisplayName(in.User, in.Text) },
		"group_members":   func(in controlArgs) error { return s.SetGroupMembers(in.Group, in.Users...) },
		"delete_channel":  func(in controlArgs) error { return s.DeleteChannel(in.Channel) },
		"deactivate_user": func(in controlArgs) error { return s.DeactivateUser(in.User, in.On) },
		"away":            func(in controlArgs) error { return s.SetAway(in.User, in.On) },
	}
	for name, do := range does {
		on(name, func(_ *http.Request, in controlArgs) (obj, error) { return nil, do(in) })
	}
	on("snooze", func(_ *http.Request, in controlArgs) (obj, error) {
		return nil, s.Snooze(in.User, time.Now().Add(time.Duration(in.Seconds)*time.Second))
	})
	on("share", func(r *http.Request, in controlArgs) (obj, error) {
		ts, err := s.Share(jsonhttp.BaseURL(r), in.User, in.Channel, in.Thread, in.Text, in.Name, []byte(in.Content))
		return obj{"ts": ts}, err
	})
	on("start_assistant", func(_ *http.Request, in controlArgs) (obj, error) {
		ts, err := s.StartAssistant(in.User)
		return obj{"thread_ts": ts}, err
	})
	on("execute_function", func(_ *http.Request, in controlArgs) (obj, error) {
		return obj{"id": s.ExecuteFunction(in.Name, in.Values)}, nil
	})
	on("execution", func(_ *http.Request, in controlArgs) (obj, error) {
		x := s.Execution(in.ID)
		return obj{"done": x.Done, "failure": x.Error, "outputs": x.Outputs}, nil
	})
	s.controlDirectory(on)
}

// controlDirectory takes people, groups and channels as objects with the fields of User, UserGroup and Channel, in any
// case, beside the key that names which one is meant.
func (s *Server) controlDirectory(on controlFunc) {
	on("add_user", func(_ *http.Request, in controlArgs) (obj, error) {
		return added(in, s.AddUser)
	})
	on("change_user", func(_ *http.Request, in controlArgs) (obj, error) {
		return nil, changed(in, func(to workspace.User) error { return s.ChangeUser(in.User, to) })
	})
	on("add_user_group", func(_ *http.Request, in controlArgs) (obj, error) {
		return added(in, s.AddUserGroup)
	})
	on("set_user_group", func(_ *http.Request, in controlArgs) (obj, error) {
		return nil, changed(in, func(to workspace.UserGroup) error { return s.SetUserGroup(in.Group, to) })
	})
	on("create_channel", func(_ *http.Request, in controlArgs) (obj, error) {
		return added(in, func(c workspace.Channel) (string, error) { return s.CreateChannel(in.User, c) })
	})
}

func added[T any](in controlArgs, add func(T) (string, error)) (obj, error) {
	var id string
	err := changed(in, func(v T) (err error) {
		id, err = add(v)
		return err
	})
	return obj{"id": id}, err
}

func changed[T any](in controlArgs, change func(T) error) error {
	var v T
	if err := json.Unmarshal(in.body, &v); err != nil {
		return err
	}
	return change(v)
}
