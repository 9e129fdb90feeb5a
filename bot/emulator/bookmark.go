package emulator

import (
	"slices"
	"strings"
	"time"
)

// maxBookmarks is how many a channel keeps.
const maxBookmarks = 100

// shelf finds the channel whose bookmarks a call is about. The caller holds the workspace's lock.
func (c *call) shelf() (*channel, *refusal) {
	ch, ref := c.readable(c.str("channel_id"))
	if ref != nil {
		return nil, refuse("channel_not_found")
	}
	return ch, nil
}

func linked(address string) bool {
	return strings.HasPrefix(address, "http://") || strings.HasPrefix(address, "https://")
}

func addBookmark(c *call) (obj, *refusal) {
	c.ws.mu.Lock()
	defer c.ws.mu.Unlock()
	ch, ref := c.shelf()
	switch {
	case ref != nil:
		return nil, ref
	case c.str("type") != "link":
		return nil, refuse("invalid_bookmark_type")
	case !linked(c.str("link")):
		return nil, refuse("invalid_link")
	case len(ch.bookmarks) >= maxBookmarks:
		return nil, refuse("too_many_bookmarks")
	}
	b := obj{"id": c.ws.nextID("Bk"), "channel_id": ch.id, "title": c.str("title"), "link": c.str("link"),
		"emoji": c.str("emoji"), "icon_url": nil, "type": "link", "entity_id": nil, "date_created": time.Now().Unix(),
		"date_updated": 0, "rank": "", "last_updated_by_user_id": c.cfg.App.BotUserID,
		"last_updated_by_team_id": c.cfg.Team.ID, "shortcut_id": nil, "app_id": c.cfg.App.ID}
	ch.bookmarks = append(slices.Clone(ch.bookmarks), b)
	return obj{"bookmark": b}, nil
}

// bookmark finds the bookmark that a call is about. The caller holds the workspace's lock.
func (c *call) bookmark() (*channel, int, *refusal) {
	ch, ref := c.shelf()
	if ref != nil {
		return nil, 0, ref
	}
	i := slices.IndexFunc(ch.bookmarks, func(b obj) bool { return b["id"] == c.str("bookmark_id") })
	if i < 0 {
		return nil, 0, refuse("not_found")
	}
	return ch, i, nil
}

func editBookmark(c *call) (obj, *refusal) {
	c.ws.mu.Lock()
	defer c.ws.mu.Unlock()
	ch, i, ref := c.bookmark()
	switch {
	case ref != nil:
		return nil, ref
	case c.has("link") && !linked(c.str("link")):
		return nil, refuse("invalid_link")
	}
	b := clone(ch.bookmarks[i])
	for _, k := range []string{"title", "link", "emoji"} {
		if c.has(k) {
			b[k] = c.str(k)
		}
	}
	b["date_updated"] = time.Now().Unix()
	ch.bookmarks = slices.Clone(ch.bookmarks)
	ch.bookmarks[i] = b
	return obj{"bookmark": b}, nil
}

func removeBookmark(c *call) (obj, *refusal) {
	c.ws.mu.Lock()
	defer c.ws.mu.Unlock()
	ch, i, ref := c.bookmark()
	if ref != nil {
		return nil, ref
	}
	ch.bookmarks = slices.Delete(slices.Clone(ch.bookmarks), i, i+1)
	return nil, nil
}

func listBookmarks(c *call) (obj, *refusal) {
	c.ws.mu.Lock()
	defer c.ws.mu.Unlock()
	ch, ref := c.shelf()
	if ref != nil {
		return nil, ref
	}
	return obj{"bookmarks": append([]obj{}, ch.bookmarks...)}, nil
}
