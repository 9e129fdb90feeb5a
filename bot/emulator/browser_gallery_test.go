package emulator_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
)

// attachPicture puts a picture into the local Slack and gives its address.
func (w *fixture) attachPicture() string {
	w.t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 320, 200))
	for y := range 200 {
		for x := range 320 {
			img.Set(x, y, color.RGBA{uint8(40 + x/2), uint8(90 + y/2), 160, 255})
		}
	}
	var b bytes.Buffer
	w.must(png.Encode(&b, img))
	resp, err := http.Post(w.url+"/page/attach?user=UBOB&name=train.png", "application/octet-stream", &b)
	w.must(err)
	defer resp.Body.Close()
	var out struct {
		File struct {
			URL string `json:"url_private"`
		}
	}
	w.must(json.NewDecoder(resp.Body).Decode(&out))
	return out.File.URL
}

// gallery is every kind of block, by groups of which each fits a window.
func (w *fixture) gallery() map[string]l {
	w.t.Helper()
	data, err := os.ReadFile("testdata/gallery.json")
	w.must(err)
	long := strings.Repeat("The rollout waits until every pod of the old version has finished what it had begun. ", 12)
	data = bytes.ReplaceAll(data, []byte("{{picture}}"), []byte(w.attachPicture()))
	data = bytes.ReplaceAll(data, []byte("{{long}}"), []byte(long))
	var groups map[string]l
	w.must(json.Unmarshal(data, &groups))
	return groups
}

// postBlocks posts blocks into the deploys channel as the app.
func (w *fixture) postBlocks(blocks l) (ts string) {
	w.t.Helper()
	var out struct {
		OK       bool
		TS       string
		Error    string
		Metadata struct{ Messages []string } `json:"response_metadata"`
	}
	w.ask("/api/chat.postMessage?token=xoxb-local", o{"channel": w.ChannelID(deploys), "text": "x", "blocks": blocks}, &out)
	if !out.OK {
		w.t.Fatalf("post: %+v", out)
	}
	return out.TS
}

// TestPageDrawsEveryBlockWithinItsMessage draws every kind of block, light and dark, on a wide window and a phone's. Nothing may stick out of
// its message, and nothing may be left that the page cannot show.
func TestPageDrawsEveryBlockWithinItsMessage(t *testing.T) {
	chromium(t)
	w := start(t)
	b := browse(t, w, "bob")
	groups := w.gallery()
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		ts := w.postBlocks(groups[name])
		article := `//article[@data-ts="` + ts + `"]`
		b.sees(article + `//*[contains(@class, "block-` + groups[name][0].(o)["type"].(string) + `")]`)
		for _, look := range []struct {
			name          string
			width, height int64
			dark          bool
		}{{"light", 1280, 1000, false}, {"dark", 1280, 1000, true}, {"phone", 390, 844, false}, {"phone-dark", 390, 844, true}} {
			b.look(look.width, look.height, look.dark)
			b.eval(`document.querySelectorAll("details").forEach((d) => { d.open = true; })`)
			b.eval(`new Promise((ok) => requestAnimationFrame(() => requestAnimationFrame(ok)))`)
			b.eval(`document.querySelector('article[data-ts="` + ts + `"]').scrollIntoView({block: "start"})`)
			out := b.eval(`(() => {
				const article = document.querySelector('article[data-ts="` + ts + `"]');
				const edge = article.getBoundingClientRect().right + 1;
				const inner = (n) => n.parentElement.closest(".table-scroll, .slides");
				return [...article.querySelectorAll(".block *")].filter((n) => !inner(n) && n.getBoundingClientRect().width && n.getBoundingClientRect().right > edge)
					.map((n) => n.outerHTML.slice(0, 90)).slice(0, 3).join("\n");
			})()`)
			if out != "" {
				t.Errorf("%s, %s: these stick out:\n%s", name, look.name, out)
			}
			b.picture("blocks-" + strings.ReplaceAll(name, " ", "-") + "-" + look.name)
		}
		if got := b.eval(`document.querySelectorAll(".unsupported").length`); got != "0" {
			t.Errorf("%s: %s blocks or elements are not shown", name, got)
		}
	}
}

// As in Slack, a plan is folded until somebody opens it, and stays open through the app's edits while its block_id stays: a new block_id folds it again.
func TestPlanStaysOpenThroughEditsOfItsBlock(t *testing.T) {
	chromium(t)
	w := start(t)
	b := browse(t, w, "bob")
	plan := func(id, status string) l {
		return l{o{"type": "plan", "block_id": id, "title": "Steps, " + status, "tasks": l{o{"task_id": "1", "title": "Roll out", "status": status,
			"details": o{"type": "rich_text", "elements": l{o{"type": "rich_text_section", "elements": l{o{"type": "text", "text": "4 of 6 pods"}}}}}}}}}
	}
	ts := w.postBlocks(plan("steps", "pending"))
	b.sees(`//summary[contains(., "Steps, pending")]`)
	if got := b.eval(`String(document.querySelector("details.plan").open)`); got != "false" {
		t.Error("the plan is open at first")
	}
	b.click(`//summary[contains(., "Steps, pending")]`)
	b.click(`//details[contains(@class, "task")]/summary`)
	for _, edit := range []struct{ id, status, open string }{{"steps", "in_progress", "true true"}, {"others", "complete", "false false"}} {
		w.ask("/api/chat.update?token=xoxb-local", o{"channel": w.ChannelID(deploys), "ts": ts, "text": "x", "blocks": plan(edit.id, edit.status)}, &struct{}{})
		b.sees(`//summary[contains(., "Steps, ` + edit.status + `")]`)
		if got := b.eval(`[...document.querySelectorAll("details")].map((d) => d.open).join(" ")`); got != edit.open {
			t.Errorf("after an edit with the block_id %s the folds are open: %s, want %s", edit.id, got, edit.open)
		}
	}
}
