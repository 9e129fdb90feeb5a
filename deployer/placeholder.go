package deployer

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Placeholders are the names that a procedure's words may use in braces.
var Placeholders = []string{
	"id", "service", "from", "to", "what", "retailer", "environment", "requester", "approvers", "reason", "tam", "procedure",
	"step", "why", "risk", "downtime", "start", "end", "duration", "impact", "next-update", "notice",
	"stays",
}

// ClientPlaceholders are the only ones in words for clients.
var ClientPlaceholders = []string{"start", "end", "duration", "impact", "next-update"}

// Mentions are placeholders that call people and not only name them. The name
// of a role stands behind MentionRole.
var Mentions = []string{"@requester", "@approvers", "@tam"}

// MentionRole begins a placeholder that calls the people of a role.
const MentionRole = "@role:"

// args are the values of the placeholders in a procedure's words at a time.
func (d Deployment) args(at time.Time) map[string]string {
	var names, from, to, both, stays []string
	for _, t := range d.Targets {
		if d.Part == PartRollback && !slices.Contains(d.RollbackServices, t.Service) {
			if slices.Contains(d.Touched(), t.Service) {
				stays = append(stays, t.Service+" "+t.After.Version)
			}
			continue // it stays as it is
		}
		names, from, to = append(names, t.Service), append(from, d.found(t).Version), append(to, t.After.Version)
		both = append(both, t.Service+" "+t.After.Version)
	}
	var approvers []string
	for _, s := range d.Steps {
		for _, a := range s.Approvals {
			approvers = append(approvers, a.By.Name)
		}
	}
	list := func(s []string) string { return strings.Join(s, ", ") }
	out := maps.Clone(d.Terms)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, d.schedule(at))
	maps.Copy(out, map[string]string{
		"id": d.ID, "service": list(names), "from": list(from), "to": list(to), "what": list(both),
		"retailer": d.Site.Name, "environment": d.Site.Environment, "requester": d.Requester.Name,
		"approvers": list(approvers), "reason": d.Reason, "tam": d.Terms["tam"], "procedure": d.Procedure.Title,
		"risk": d.Inputs["risk"], "downtime": d.Inputs["downtime"], "notice": strings.Join(d.Warnings, " "), "stays": "",
	})
	if len(stays) > 0 {
		out["stays"] = "Not rolled back: " + list(stays) + "."
	}
	return out
}

// schedule is when what people notice begins and ends, as far as it can be
// told at a time, how long that is, and what it means for them.
func (d Deployment) schedule(at time.Time) map[string]string {
	start, end := d.window(at)
	return map[string]string{
		"start": start.UTC().Format(time.RFC3339), "end": end.UTC().Format(time.RFC3339),
		"next-update": end.UTC().Format(time.RFC3339), "duration": SpanInWords(end.Sub(start)), "impact": d.impact(),
	}
}

// window is from the rollout's beginning, or when that is expected, to the end
// of what follows it by itself.
func (d Deployment) window(at time.Time) (start, end time.Time) {
	start = at
	if d.Planned.After(at) {
		start = d.Planned
	}
	const slot = 5 * time.Minute
	var takes time.Duration
	began, over := false, true
	for _, s := range d.Steps {
		if s.Part == PartRollback || s.Work() != WorkSystem {
			continue
		}
		if s.Deploys() && s.Attempt > 0 {
			start, began = s.Began, true
		}
		takes += s.Estimate
		over = over && s.Status == Done
	}
	if began && over || d.Part == PartRollback {
		return start, at
	}
	end = start.Add(max(slot, (takes + slot - 1).Truncate(slot)))
	if !end.After(at) { // it takes longer than it was thought to
		end = at.Add(slot)
	}
	return start, end
}

// impact is what somebody has written about it, or what the answer about
// downtime means.
func (d Deployment) impact() string {
	switch {
	case d.Inputs["impact"] != "":
		return Sentence(d.Inputs["impact"])
	case d.Inputs["downtime"] == "yes":
		return "The service is not available during this time."
	}
	return "No interruption is expected."
}
