package templates

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

func (w *params) item(p deployer.Param, n strict.Node) deployer.Item {
	if e := n.Entries(); len(e) == 1 && n.Flow() && !slices.Contains([]string{"title", "link", "evidence"}, e[0].Key.Value) {
		w.wrong(n.Text, "quotes", "an item is a text, or {title, link, evidence}", "words with a colon in them have to be in quotes")
		return deployer.Item{}
	}
	var it source.Item
	w.decode(n, "an item", &it)
	if it.At.Written() || n.IsText() {
		w.required(it.Title, n.Text, "title", "an item says what is confirmed", "add a title")
	}
	w.text(it.Title, w.paramPlace(p))
	w.text(it.Link, w.paramPlace(p))
	w.address(it.Link, "a link")
	return deployer.Item{Title: it.Title.Value, Link: it.Link.Value, Evidence: w.one(it.Evidence, "evidence", "text", "link")}
}

func (w *params) choices(p deployer.Param, n strict.Node) []map[string]string {
	var list []source.Choice
	var rows []map[string]string
	w.decode(n, p.Name, &list)
	for _, c := range list {
		if w.required(c.ID, c.At.Text, "id", "a choice needs an id", "add for example id: now") {
			w.word(c.ID, "id of a choice")
		}
		if slices.ContainsFunc(rows, func(r map[string]string) bool { return r["id"] == c.ID.Value }) {
			w.wrong(c.ID, "doubled-id", fmt.Sprintf("there is a choice %q already", c.ID.Value), "give this one another id")
		}
		label := c.Label.Value
		if label == "" {
			label = spoken(c.ID.Value)
		}
		row := map[string]string{"id": c.ID.Value, "label": label}
		if w.flag(c.Reason, "reason") {
			row["reason"] = "true"
		}
		w.text(c.Label, w.paramPlace(p))
		rows = append(rows, row)
	}
	return rows
}

func (w *params) checks(p deployer.Param, n strict.Node) []map[string]string {
	var list []source.Check
	var rows []map[string]string
	w.decode(n, p.Name, &list)
	for _, c := range list {
		w.required(c.Name, c.At.Text, "name", "a check needs a name", "add for example name: error rate")
		row := map[string]string{"name": c.Name.Value}
		limits := 0
		for _, limit := range []struct {
			key string
			t   strict.Text
		}{{"below", c.Below}, {"above", c.Above}, {"before", c.Before}, {"baseline", c.Baseline}} {
			if !limit.t.Written() {
				continue
			}
			limits++
			if _, err := strconv.ParseFloat(limit.t.Value, 64); err != nil {
				w.wrong(limit.t, "number", fmt.Sprintf("%s is a number, not %q", limit.key, limit.t.Value), "")
			}
			row[limit.key] = limit.t.Value
		}
		if limits == 0 {
			w.wrong(c.At.Text, "missing", fmt.Sprintf("%q has no limit", c.Name.Value), "add below, above, before or baseline")
		}
		if c.Query.Written() {
			row["query"] = c.Query.Value
			w.text(c.Query, w.paramPlace(p))
		}
		if w.flag(c.Critical, "critical") {
			row["critical"] = "true"
		}
		rows = append(rows, row)
	}
	return rows
}
