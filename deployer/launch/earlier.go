package launch

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// earlier are the approvals that other deployments have of what a start is about, as far
// as its procedure carries any over: of the last deployment first. Whether the images are
// the same is known when it is resolved. What is not the same in any other way, what was
// rejected or rolled back since, and whose role somebody does not hold any more, is left
// out, and so is what can't be read.
func (l Launcher) earlier(ctx context.Context, r Request, start deployer.Start) ([]deployer.EarlierApproval, error) {
	longest := time.Duration(0)
	for _, s := range start.Procedure.Steps {
		longest = max(longest, s.With["carry_over"].Duration)
	}
	if longest == 0 || start.Drill.On || l.ports.Holders == nil || l.ports.Deployments == nil {
		return nil, nil
	}
	ids, err := l.before(ctx, start, r.Asked.Add(-longest))
	if err != nil {
		return nil, err
	}
	var out []deployer.EarlierApproval
	var barred []map[string]string // images that somebody has said no to since
	for _, id := range ids {
		d, known := l.loaded(ctx, id)
		if !known { // whether it was rejected can't be told
			return nil, ctx.Err()
		}
		images := deployer.Images(d)
		if saidNo(d) {
			barred = append(barred, images)
		}
		again := slices.ContainsFunc(barred, func(no map[string]string) bool { return overlap(no, images) })
		if again || images == nil || !sameRequest(d, start) {
			continue
		}
		out = append(out, l.approvalsOf(d, r.By, images)...)
	}
	return out, nil
}

// before are the deployments of the services at the site that ended after a time, the
// newest first.
func (l Launcher) before(ctx context.Context, start deployer.Start, after time.Time) ([]string, error) {
	created := map[string]time.Time{}
	for _, w := range start.Releases {
		list, err := l.ports.Deployments.List(ctx, deployer.Query{Site: start.Site, Service: w.Service, Limit: pastMax})
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			if s.Status != deployer.Refused && !s.Drill && s.Status.Ended() && s.Ended.After(after) {
				created[s.ID] = s.Created
			}
		}
	}
	return slices.SortedFunc(maps.Keys(created), func(a, b string) int { return created[b].Compare(created[a]) }), nil
}

// saidNo reports whether somebody has rejected what a deployment was about, has rolled it
// back, or wanted something changed and was not answered.
func saidNo(d deployer.Deployment) bool {
	return d.Rejected || d.Part == deployer.PartRollback || slices.ContainsFunc(d.Steps, func(s deployer.StepState) bool {
		return len(deployer.OpenRequests(s)) > 0
	})
}

// overlap reports whether two deployments bring the same image to a service.
func overlap(a, b map[string]string) bool {
	for service, image := range a {
		if b[service] == image {
			return true
		}
	}
	return false
}

// sameRequest reports whether a deployment was asked for with the same words as a start:
// what was approved was all of that.
func sameRequest(d deployer.Deployment, start deployer.Start) bool {
	services := func(of []deployer.Release) []string {
		all := servicesOf(of)
		slices.Sort(all)
		return all
	}
	return d.Procedure.ID == start.Procedure.ID && d.Procedure.SHA == start.Procedure.SHA && d.Procedure.SHA != "" &&
		slices.Equal(services(d.Releases), services(start.Releases)) && maps.Equal(d.Inputs, start.Inputs)
}

// approvalsOf are those of a deployment by people who may still give them, and are not
// who asks now.
func (l Launcher) approvalsOf(d deployer.Deployment, by string, images map[string]string) []deployer.EarlierApproval {
	var out []deployer.EarlierApproval
	for _, s := range d.Steps {
		if s.Part != deployer.PartMain {
			continue
		}
		for _, a := range s.Approvals {
			held := slices.DeleteFunc(rolesOf(s, a), func(role string) bool {
				h := l.ports.Holders(role)
				return !slices.ContainsFunc(h.Except(by), func(human []string) bool { return slices.Contains(human, a.By.ID) })
			})
			if len(held) == 0 {
				continue
			}
			e := deployer.EarlierApproval{Deployment: a.From, Step: s.ID, By: a.By, At: a.At, Images: images}
			if e.Deployment == "" {
				e.Deployment = d.ID
			}
			if a.Roles != "" {
				e.Roles = strings.Join(held, "\n")
			}
			out = append(out, e)
		}
	}
	return out
}

// rolesOf are those by which an approval counts.
func rolesOf(s deployer.StepState, a deployer.Approval) []string {
	if a.Roles == "" {
		return []string{s.Role()}
	}
	return strings.Split(a.Roles, "\n")
}

// loaded is the deployment with that id, if it can be read.
func (l Launcher) loaded(ctx context.Context, id string) (deployer.Deployment, bool) {
	d, err := l.ports.Deployments.Load(ctx, id)
	return d, err == nil
}
