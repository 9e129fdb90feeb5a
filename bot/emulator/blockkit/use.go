package blockkit

import "github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"

// Use is an element's use as a payload tells of it.
func (e Element) Use(choice map[string]any, ts string) map[string]any {
	out := obj{"type": e.kind(), "block_id": e.BlockID(), "action_id": e.ID(), "action_ts": ts}
	in, keeps := inputs[e.kind()]
	switch {
	case keeps:
		out[in.value] = choice[in.value]
		if v, ok := e.Body[in.initial]; ok && in.initial != "" {
			out[in.initial] = v
		}
	case e.kind() == "overflow":
		out["selected_option"] = choice["selected_option"]
	case e.kind() == "feedback_buttons":
		for _, side := range []string{"positive_button", "negative_button"} {
			if b := jsonvalue.AsObject(e.Body[side]); b["value"] == choice["value"] {
				out["text"], out["value"] = b["text"], b["value"]
			}
		}
	default:
		for _, k := range []string{"text", "value", "style", "url", "confirm"} {
			if v, ok := e.Body[k]; ok {
				out[k] = v
			}
		}
	}
	for _, k := range []string{"placeholder", "timezone"} {
		if v, ok := e.Body[k]; ok {
			out[k] = v
		}
	}
	return out
}
