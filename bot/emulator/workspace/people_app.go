package workspace

// Execution is a workflow's use of one of the app's functions.
type Execution struct {
	// Done says that the app has completed it, with Outputs or, where it failed, with Error.
	Done    bool
	Error   string
	Outputs map[string]any
}

// ExecuteFunction does what a workflow does at a step that the app provides: the app gets function_executed, if it
// subscribes to it. The id is the execution's, for Execution.
func (p *People) ExecuteFunction(callbackID string, inputs map[string]any) (id string) {
	w := p.ws
	w.Lock()
	defer w.Unlock()
	id = w.NextID("Fx")
	w.Functions[id] = &Execution{}
	if inputs == nil {
		inputs = obj{}
	}
	now := w.NextTS()
	p.ws.Events.Send("function_executed", obj{"type": "function_executed", "function": obj{"id": "Fn" + idFor("", callbackID),
		"callback_id": callbackID, "title": callbackID, "description": "", "type": "app", "input_parameters": []any{},
		"output_parameters": []any{}, "app_id": p.ws.Config.App.ID, "date_created": 0, "date_updated": 0, "date_deleted": 0},
		"inputs": inputs, "function_execution_id": id, "workflow_execution_id": w.NextID("Wx"), "event_ts": now,
		"bot_access_token": p.ws.Config.App.BotToken})
	return id
}

// StartAssistant does what happens when a person opens the app as an assistant: a thread begins in the direct message
// with it, and the app gets assistant_thread_started, if it subscribes to it.
func (p *People) StartAssistant(user string) (threadTS string, err error) {
	w := p.ws
	w.Lock()
	defer w.Unlock()
	u := w.User(user)
	if u == nil || u.Bot {
		return "", Refusal("There is no user " + user + ".")
	}
	ch, _ := w.DirectMessage(u.ID)
	m := w.AddMessage(ch, &Message{User: p.ws.Config.App.BotUserID, BotID: p.ws.Config.App.BotID, AppID: p.ws.Config.App.ID,
		BotProfile: BotProfileOf(w.Config, p.ws.Config.App), Subtype: "assistant_app_thread", Text: "New Assistant Thread"}, false)
	p.ws.Events.Send("assistant_thread_started", obj{"type": "assistant_thread_started", "assistant_thread": obj{"user_id": u.ID,
		"context": obj{"team_id": p.ws.Config.Team.ID, "enterprise_id": nil}, "channel_id": ch.ID, "thread_ts": m.TS},
		"event_ts": m.TS})
	return m.TS, nil
}

// OpenHome shows a person the app's Home tab: the app gets app_home_opened, if it subscribes to it, with the view that
// it has published for them.
func (p *People) OpenHome(user string) { _ = p.ws.OpenTab(user, "home") } // nobody of that name opens nothing

// OpenMessages shows a person the app's Messages tab: the app gets app_home_opened, if it subscribes to it.
func (p *People) OpenMessages(user string) { _ = p.ws.OpenTab(user, "messages") } // as above

// OpenTab shows a person a tab of the app's home; an empty tab is the Home tab. It takes the locks itself.
func (w *Workspace) OpenTab(user, tab string) error {
	if tab == "" {
		tab = "home"
	}
	if tab != "home" && tab != "messages" {
		return Refusal("There is no tab " + tab + ".")
	}
	w.Lock()
	u := w.User(user)
	if u == nil || u.Bot {
		w.Unlock()
		return Refusal("There is no user " + user + ".")
	}
	ch, _ := w.DirectMessage(u.ID)
	e := obj{"type": "app_home_opened", "user": u.ID, "channel": ch.ID, "tab": tab, "event_ts": w.NextTS()}
	w.Unlock()
	if tab == "home" {
		w.Views.Lock()
		if h := w.Views.Homes[u.ID]; h != nil {
			e["view"] = w.Views.Render(h)
		}
		w.Views.Unlock()
	}
	w.Events.Send("app_home_opened", e)
	return nil
}
