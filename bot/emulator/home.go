package emulator

// OpenHome shows a person the app's Home tab: the app gets app_home_opened, if it subscribes to it, with the view that
// it has published for them.
func (s *Server) OpenHome(user string) { _ = s.openTab(user, "home") } // nobody of that name opens nothing

// OpenMessages shows a person the app's Messages tab: the app gets app_home_opened, if it subscribes to it.
func (s *Server) OpenMessages(user string) { _ = s.openTab(user, "messages") } // as above

// openTab shows a person a tab of the app's home; an empty tab is the Home tab.
func (s *Server) openTab(user, tab string) error {
	if tab == "" {
		tab = "home"
	}
	if tab != "home" && tab != "messages" {
		return Refusal("There is no tab " + tab + ".")
	}
	w := s.ws
	w.mu.Lock()
	u := w.user(user)
	if u == nil || u.bot {
		w.mu.Unlock()
		return Refusal("There is no user " + user + ".")
	}
	ch, _ := w.directMessage(u.ID)
	e := obj{"type": "app_home_opened", "user": u.ID, "channel": ch.id, "tab": tab, "event_ts": w.nextTS()}
	w.mu.Unlock()
	if tab == "home" {
		s.views.mu.Lock()
		if h := s.views.homes[u.ID]; h != nil {
			e["view"] = s.render(h)
		}
		s.views.mu.Unlock()
	}
	s.event("app_home_opened", e)
	return nil
}
