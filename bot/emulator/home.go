package emulator

// OpenHome shows a person the app's Home tab: the app gets app_home_opened, if it subscribes to it, with the view that
// it has published for them.
func (p *People) OpenHome(user string) { _ = p.openTab(user, "home") } // nobody of that name opens nothing

// OpenMessages shows a person the app's Messages tab: the app gets app_home_opened, if it subscribes to it.
func (p *People) OpenMessages(user string) { _ = p.openTab(user, "messages") } // as above

// openTab shows a person a tab of the app's home; an empty tab is the Home tab.
func (p *People) openTab(user, tab string) error {
	if tab == "" {
		tab = "home"
	}
	if tab != "home" && tab != "messages" {
		return Refusal("There is no tab " + tab + ".")
	}
	w := p.ws
	w.Lock()
	u := w.user(user)
	if u == nil || u.bot {
		w.Unlock()
		return Refusal("There is no user " + user + ".")
	}
	ch, _ := w.directMessage(u.ID)
	e := obj{"type": "app_home_opened", "user": u.ID, "channel": ch.id, "tab": tab, "event_ts": w.nextTS()}
	w.Unlock()
	if tab == "home" {
		p.ws.views.Lock()
		if h := p.ws.views.homes[u.ID]; h != nil {
			e["view"] = p.ws.views.render(h)
		}
		p.ws.views.Unlock()
	}
	p.ws.events.event("app_home_opened", e)
	return nil
}
