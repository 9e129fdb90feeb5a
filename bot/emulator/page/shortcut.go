package page

import (
	"net/http"

	"github.com/stationmaster/stationmaster/bot/emulator/client"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonhttp"
)

func (p *Page) serveShortcut(w http.ResponseWriter, r *http.Request) {
	var use client.ShortcutUse
	if !jsonhttp.Read(w, r, &use) {
		return
	}
	jsonhttp.Write(w, jsonhttp.Outcome(p.client.Shortcut(detached(r), use)))
}

// shortcuts lists the app's shortcuts for the page.
func (p *Page) shortcuts() []obj {
	out := []obj{}
	for _, sc := range p.cfg.App.Shortcuts {
		out = append(out, obj{"name": sc.Name, "callback_id": sc.CallbackID, "description": sc.Description,
			"message": sc.Message})
	}
	return out
}
