package webapi

import (
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// bookmarksMax is how many a channel keeps.
const bookmarksMax = 100

func isLink(address string) bool {
	return strings.HasPrefix(address, "http://") || strings.HasPrefix(address, "https://")
}

func addBookmark(c *call, ch *workspace.Conversation) (obj, *Failure) {
	switch {
	case c.Str("type") != "link":
		return nil, refuse("invalid_bookmark_type")
	case !isLink(c.Str("link")):
		return nil, refuse("invalid_link")
	case len(ch.Bookmarks) >= bookmarksMax:
		return nil, refuse("too_many_bookmarks")
	}
	b := obj{"id": c.ws.NextID("Bk"), "channel_id": ch.ID, "title": c.Str("title"), "link": c.Str("link"),
		"emoji": c.Str("emoji"), "icon_url": nil, "type": "link", "entity_id": nil, "date_created": time.Now().Unix(),
		"date_updated": 0, "rank": "", "last_updated_by_user_id": c.cfg.App.BotUserID,
		"last_updated_by_team_id": c.cfg.Team.ID, "shortcut_id": nil, "app_id": c.cfg.App.ID}
	ch.Bookmarks = append(slices.Clone(ch.Bookmarks), b)
	return obj{"bookmark": b}, nil
}

// bookmark finds the bookmark that a call is about. The caller holds the workspace's lock.
func (c *call) bookmark(ch *workspace.Conversation) (int, *Failure) {
	i := slices.IndexFunc(ch.Bookmarks, func(b obj) bool { return b["id"] == c.Str("bookmark_id") })
	if i < 0 {
		return 0, refuse("not_found")
	}
	return i, nil
}

func editBookmark(c *call, ch *workspace.Conversation) (obj, *Failure) {
	i, ref := c.bookmark(ch)
	switch {
	case ref != nil:
		return nil, ref
	case c.has("link") && !isLink(c.Str("link")):
		return nil, refuse("invalid_link")
	}
	b := jsonvalue.Clone(ch.Bookmarks[i])
	for _, k := range []string{"title", "link", "emoji"} {
		if c.has(k) {
			b[k] = c.Str(k)
		}
	}
	b["date_updated"] = time.Now().Unix()
	ch.Bookmarks = slices.Clone(ch.Bookmarks)
	ch.Bookmarks[i] = b
	return obj{"bookmark": b}, nil
}

func removeBookmark(c *call, ch *workspace.Conversation) (obj, *Failure) {
	i, ref := c.bookmark(ch)
	if ref != nil {
		return nil, ref
	}
	ch.Bookmarks = slices.Delete(slices.Clone(ch.Bookmarks), i, i+1)
	return nil, nil
}

func listBookmarks(_ *call, ch *workspace.Conversation) (obj, *Failure) {
	return obj{"bookmarks": append([]obj{}, ch.Bookmarks...)}, nil
}
