package workspace

// OpenHome shows a person the app's Home tab: the app gets app_home_opened, if it subscribes to it, with the view that
// it has published for them.
func (p *People) OpenHome(user string) { _ = p.OpenTab(user, "home") } // nobody of that name opens nothing

// OpenMessages shows a person the app's Messages tab: the app gets app_home_opened, if it subscribes to it.
func (p *People) OpenMessages(user string) { _ = p.OpenTab(user, "messages") } // as above

// OpenTab shows a person a tab of the app's home; an empty tab is the Home tab.
func (p *People) OpenTab(user, tab string) error {
	if tab == "" {
		tab = "home"
	}
	if tab != "home" && tab != "messages" {
		return Refusal("There is no tab " + tab + ".")
	}
	w := p.ws
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
		p.ws.Views.Lock()
		if h := p.ws.Views.Homes[u.ID]; h != nil {
			e["view"] = p.ws.Views.Render(h)
		}
		p.ws.Views.Unlock()
	}
	p.ws.Events.Send("app_home_opened", e)
	return nil
}
