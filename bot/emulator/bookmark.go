package emulator

import (
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// maxBookmarks is how many a channel keeps.
const maxBookmarks = 100

func isLink(address string) bool {
	return strings.HasPrefix(address, "http://") || strings.HasPrefix(address, "https://")
}

func addBookmark(c *call, ch *channel) (obj, *refusal) {
	switch {
	case c.str("type") != "link":
		return nil, refuse("invalid_bookmark_type")
	case !isLink(c.str("link")):
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
func (c *call) bookmark(ch *channel) (int, *refusal) {
	i := slices.IndexFunc(ch.bookmarks, func(b obj) bool { return b["id"] == c.str("bookmark_id") })
	if i < 0 {
		return 0, refuse("not_found")
	}
	return i, nil
}

func editBookmark(c *call, ch *channel) (obj, *refusal) {
	i, ref := c.bookmark(ch)
	switch {
	case ref != nil:
		return nil, ref
	case c.has("link") && !isLink(c.str("link")):
		return nil, refuse("invalid_link")
	}
	b := jsonvalue.Clone(ch.bookmarks[i])
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

func removeBookmark(c *call, ch *channel) (obj, *refusal) {
	i, ref := c.bookmark(ch)
	if ref != nil {
		return nil, ref
	}
	ch.bookmarks = slices.Delete(slices.Clone(ch.bookmarks), i, i+1)
	return nil, nil
}

func listBookmarks(_ *call, ch *channel) (obj, *refusal) {
	return obj{"bookmarks": append([]obj{}, ch.bookmarks...)}, nil
}
