package telling

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Change is what words may say of what a deployment changes, and of when.
type Change struct {
	Services   []string  // that it is about, or goes back with
	From, To   []string  // of each of them: the version that it ran before, and that it runs then
	Stays      []string  // rolling back: services with their versions that are left as they are
	Back       []string  // services with the versions that a rollback goes back to, where they are known
	Start, End time.Time // of what people notice, as far as that can be told
}

// ChangeOf is that of a deployment at a time.
func ChangeOf(d deployer.Deployment, at time.Time) Change {
	var out Change
	short, _ := deployer.ShortOf(d)
	for _, t := range d.Targets {
		if d.Part == deployer.PartRollback && !slices.Contains(d.RollbackServices, t.Service) {
			if slices.Contains(d.Touched(), t.Service) {
				out.Stays = append(out.Stays, t.Service+" "+t.After.Version)
			}
			continue // it stays as it is
		}
		was, becomes := deployer.Found(d, t), t.After
		back, known := deployer.BackTo(d, t)
		if d.Back != "" { // its words are those of a rollback: it looks back on what it takes away
			was, becomes, back, known = t.After, was, t.After, true
		}
		if known {
			out.Back = append(out.Back, t.Service+" "+back.Version)
		}
		if known && d.Part == deployer.PartRollback {
			was = back
		}
		if short == deployer.ShortOfRollout && d.Part == deployer.PartMain && d.Back == "" && !deployer.IsLive(d, t) {
			becomes = t.Before // nothing is rolled out
		}
		out.Services, out.From, out.To = append(out.Services, t.Service), append(out.From, was.Version), append(out.To, becomes.Version)
	}
	out.Start, out.End = window(d, at)
	return out
}

// What are the services with what they run then.
func (t Change) What() []string { return t.with(t.To) }

// Before are the services with what they ran before.
func (t Change) Before() []string { return t.with(t.From) }

func (t Change) with(versions []string) []string {
	out := make([]string, len(versions))
	for i, v := range versions {
		out[i] = t.Services[i] + " " + v
	}
	return out
}

// args are the values of the placeholders in a procedure's words at a time.
func argsAt(d deployer.Deployment, at time.Time) map[string]string {
	t := ChangeOf(d, at)
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
	maps.Copy(out, schedule(d, at))
	maps.Copy(out, map[string]string{
		"id": d.ID, "service": list(t.Services), "from": list(t.From), "to": list(t.To), "what": list(t.What()),
		"retailer": d.Site.Name, "environment": d.Site.Environment, "requester": d.Requester.Name,
		"approvers": list(approvers), "reason": d.Reason, "tam": d.Terms["tam"], "procedure": d.Procedure.Title,
		"risk": d.Inputs["risk"], "downtime": d.Inputs["downtime"], "notice": strings.Join(d.Warnings, " "), "stays": "",
	})
	if len(t.Stays) > 0 {
		out["stays"] = "Not rolled back: " + list(t.Stays) + "."
	}
	return out
}

// schedule is when what people notice begins and ends, as far as it can be
// told at a time, how long that is, and what it means for them.
func schedule(d deployer.Deployment, at time.Time) map[string]string {
	start, end := window(d, at)
	return map[string]string{
		"start": start.UTC().Format(time.RFC3339), "end": end.UTC().Format(time.RFC3339),
		"next-update": end.UTC().Format(time.RFC3339), "duration": deployer.SpanInWords(end.Sub(start)), "impact": impact(d),
	}
}

// window is from the rollout's beginning, or when that is expected, to the end
// of what follows it by itself.
func window(d deployer.Deployment, at time.Time) (start, end time.Time) {
	start = at
	if d.Planned.After(at) {
		start = d.Planned
	}
	const slot = 5 * time.Minute
	var takes time.Duration
	began, over := false, true
	for _, s := range d.Steps {
		if s.Part == deployer.PartRollback || s.Work() != deployer.WorkSystem {
			continue
		}
		if s.Deploys() && s.Attempt > 0 {
			start, began = s.Began, true
		}
		takes += s.Estimate
		over = over && s.Status == deployer.Done
	}
	if began && over || d.Part == deployer.PartRollback {
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
func impact(d deployer.Deployment) string {
	switch {
	case d.Inputs["impact"] != "":
		return deployer.Sentence(d.Inputs["impact"])
	case d.Inputs["downtime"] == "yes":
		return "The service is not available during this time."
	}
	return "No interruption is expected."
}
