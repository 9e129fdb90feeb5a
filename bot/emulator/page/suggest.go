package page

import (
	"encoding/json"
	"net/http"

	"github.com/stationmaster/stationmaster/bot/emulator/client"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonhttp"
)

func (p *Page) serveSuggest(w http.ResponseWriter, r *http.Request) {
	var in struct {
		client.Action
		Typed string
	}
	if r.Method == http.MethodGet {
		q := r.URL.Query()
		in.Action = client.Action{User: q.Get("user"), Channel: q.Get("channel"), MessageTS: q.Get("message_ts"),
			ViewID: q.Get("view_id"), BlockID: q.Get("block_id"), ActionID: q.Get("action_id")}
		in.Typed = q.Get("value")
	} else {
		var body json.RawMessage
		if !jsonhttp.Read(w, r, &body) {
			return
		}
		var v struct {
			Value string `json:"value"`
		}
		if json.Unmarshal(body, &in.Action) != nil || json.Unmarshal(body, &v) != nil {
			http.Error(w, "bad request", http.StatusBadRequest)
			return
		}
		in.Typed = v.Value
	}
	ack, err := p.client.Suggest(r.Context(), in.Action, in.Typed)
	out := jsonhttp.Outcome(err)
	var found obj
	if err == nil && json.Unmarshal(ack, &found) == nil {
		for _, k := range []string{"options", "option_groups"} {
			if v, ok := found[k]; ok {
				out[k] = v
			}
		}
	}
	jsonhttp.Write(w, out)
}
