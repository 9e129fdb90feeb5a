package emulator

import (
	"encoding/json"
	"net/http"

	"github.com/stationmaster/stationmaster/bot/emulator/client"
	"github.com/stationmaster/stationmaster/bot/emulator/fault"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonhttp"
	"github.com/stationmaster/stationmaster/bot/emulator/ratelimit"
)

// The control API gives a harness in another process what Server's methods give one in this process. Every request is
// a POST with a JSON object; every answer is a JSON object with ok, and error where something was refused.

func (s *Server) controlRoutes() {
	on := func(name string, f func(r *http.Request, in controlArgs) (obj, error)) {
		s.mux.HandleFunc("POST /control/"+name, func(w http.ResponseWriter, r *http.Request) {
			var in controlArgs
			if !jsonhttp.Read(w, r, &in.body) {
				return
			}
			if err := json.Unmarshal(in.body, &in); err != nil {
				http.Error(w, "bad JSON: "+err.Error(), http.StatusBadRequest)
				return
			}
			out, err := f(r, in)
			body := jsonhttp.Outcome(err)
			for k, v := range out {
				body[k] = v
			}
			jsonhttp.Write(w, body)
		})
	}
	s.controlPeople(on)
	s.controlWorkspace(on)
	s.controlLook(on)
	s.controlFaults(on)
	s.controlLimits(on)
}

// controlArgs are the arguments of all control calls; each uses its own.
type controlArgs struct {
	body json.RawMessage

	User    string         `json:"user"`
	Channel string         `json:"channel"`
	Text    string         `json:"text"`
	Thread  string         `json:"thread_ts"`
	TS      string         `json:"ts"`
	ViewID  string         `json:"view_id"`
	Values  map[string]any `json:"values"`
	All     bool           `json:"all"`
	Reason  string         `json:"reason"`
	Token   string         `json:"token"`
	Word    string         `json:"word"`
	On      bool           `json:"on"`
	Method  string         `json:"method"`
	Group   string         `json:"group"`
	Users   []string       `json:"users"`
	Tab     string         `json:"tab"`
	Name    string         `json:"name"`
	Content string         `json:"content"`
	ID      string         `json:"id"`
	Seconds int            `json:"seconds"`
}

type controlFunc = func(name string, f func(r *http.Request, in controlArgs) (obj, error))

func (s *Server) controlPeople(on controlFunc) {
	on("type", func(r *http.Request, in controlArgs) (obj, error) {
		return nil, s.Type(r.Context(), in.User, in.Channel, in.Text, in.Thread)
	})
	on("post", func(_ *http.Request, in controlArgs) (obj, error) {
		ts, err := s.Post(in.User, in.Channel, in.Text, in.Thread)
		return obj{"ts": ts}, err
	})
	on("act", func(r *http.Request, in controlArgs) (obj, error) {
		var a client.Action
		if err := json.Unmarshal(in.body, &a); err != nil {
			return nil, err
		}
		return nil, s.Act(r.Context(), a)
	})
	on("submit", func(r *http.Request, in controlArgs) (obj, error) {
		invalid, err := s.Submit(r.Context(), in.User, in.ViewID, in.Values)
		if len(invalid) > 0 {
			return obj{"ok": false, "errors": invalid}, nil
		}
		return nil, err
	})
	on("close_view", func(_ *http.Request, in controlArgs) (obj, error) {
		return nil, s.CloseView(in.User, in.ViewID, in.All)
	})
	on("open_home", func(_ *http.Request, in controlArgs) (obj, error) {
		return nil, s.ws.OpenTab(in.User, in.Tab)
	})
	on("shortcut", func(r *http.Request, in controlArgs) (obj, error) {
		var use client.ShortcutUse
		if err := json.Unmarshal(in.body, &use); err != nil {
			return nil, err
		}
		return nil, s.Shortcut(r.Context(), use)
	})
}

func (s *Server) controlLook(on controlFunc) {
	on("messages", func(_ *http.Request, in controlArgs) (obj, error) {
		return obj{"messages": s.Messages(in.Channel)}, nil
	})
	on("thread", func(_ *http.Request, in controlArgs) (obj, error) {
		return obj{"messages": s.Thread(in.Channel, in.TS)}, nil
	})
	on("ephemerals", func(_ *http.Request, in controlArgs) (obj, error) {
		return obj{"messages": s.Ephemerals(in.User)}, nil
	})
	on("views", func(_ *http.Request, in controlArgs) (obj, error) {
		return obj{"views": s.Views(in.User)}, nil
	})
	on("sockets", func(*http.Request, controlArgs) (obj, error) {
		return obj{"sockets": s.Sockets()}, nil
	})
	on("calls", func(_ *http.Request, in controlArgs) (obj, error) {
		if in.Method != "" {
			return obj{"count": s.CallCount(in.Method)}, nil
		}
		return obj{"calls": s.Calls()}, nil
	})
}

func (s *Server) controlFaults(on controlFunc) {
	on("faults", func(_ *http.Request, in controlArgs) (obj, error) {
		var f fault.Fault
		err := json.Unmarshal(in.body, &f)
		if err == nil {
			s.Inject(f)
		}
		return nil, err
	})
	on("socket_faults", func(_ *http.Request, in controlArgs) (obj, error) {
		var f fault.Socket
		err := json.Unmarshal(in.body, &f)
		if err == nil {
			s.InjectSocket(f)
		}
		return nil, err
	})
	does := map[string]func(controlArgs){
		"clear_faults":        func(controlArgs) { s.ClearFaults() },
		"hold":                func(controlArgs) { s.Hold() },
		"release":             func(controlArgs) { s.Release() },
		"disconnect":          func(in controlArgs) { s.Disconnect(in.Reason) },
		"disable_socket_mode": func(in controlArgs) { s.DisableSocketMode(in.On) },
		"revoke":              func(in controlArgs) { s.Revoke(in.Token, in.Word) },
		"archive":             func(in controlArgs) { s.Archive(in.Channel, in.On) },
		"shared":              func(in controlArgs) { s.SetShared(in.Channel, in.On) },
		"bot_member":          func(in controlArgs) { s.SetBotMember(in.Channel, in.On) },
	}
	for name, do := range does {
		on(name, func(_ *http.Request, in controlArgs) (obj, error) {
			do(in)
			return nil, nil
		})
	}
	on("cut_sockets", func(*http.Request, controlArgs) (obj, error) {
		return obj{"cut": s.CutSockets()}, nil
	})
}

// controlLimits switches limits and counts what they let through.
func (s *Server) controlLimits(on controlFunc) {
	on("limits", func(_ *http.Request, in controlArgs) (obj, error) {
		var rules ratelimit.Limits
		if err := json.Unmarshal(in.body, &rules); err != nil {
			return nil, err
		}
		s.SetLimits(rules)
		return nil, nil
	})
	on("usage", func(*http.Request, controlArgs) (obj, error) {
		return obj{"usage": s.Usage()}, nil
	})
}

// obj is a JSON object.
type obj = map[string]any
