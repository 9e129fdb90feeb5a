package kube

import (
	"context"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/podtemplate"
)

// Recheck looks whether our pause holds still.
func (r pause) Recheck(ctx context.Context, in deployer.Intent, _ string, known deployer.Outcome) (deployer.Outcome, error) {
	out, _, err := r.s.held(ctx, in, known)
	return out, err
}

// Watch returns once the pause is over, or once somebody has changed what is held. The
// watch shows that the spec is another one; what of it, a read does.
func (r pause) Watch(ctx context.Context, in deployer.Intent, _ string, known deployer.Outcome, report func(deployer.Progress)) (deployer.Outcome, error) {
	for {
		out, generation, err := r.s.held(ctx, in, known)
		if err != nil || out.Result != known.Result || out.Detail != known.Detail {
			return out, err
		}
		changed := func(v view, _ time.Time) verdict {
			return verdict{done: v.mismatch(workloadRefOf(in.Where)) != nil || v.deployment.Generation > generation}
		}
		if out, err = r.s.follow(ctx, in, changed, false, report); err != nil {
			return out, err
		}
		if out.Result != "" { // there is another cluster
			out.Result = deployer.Absent
			return out, nil
		}
	}
}

// held is how a rollout that we have paused stands now, and the generation in which
// that is so. The same state has the same words.
func (s *System) held(ctx context.Context, in deployer.Intent, known deployer.Outcome) (deployer.Outcome, int64, error) {
	at := workloadRefOf(in.Where)
	_, v, err := s.readFresh(ctx, at)
	if err != nil {
		out, err := interruptedBy(err)
		if err == nil {
			out.Result = deployer.Absent
		}
		return out, 0, err
	}
	out := deployer.Outcome{Result: deployer.Absent, State: v.state(at.container)}
	switch paused, ours := v.paused(); {
	case !paused:
		out.Why = "Somebody has let it go on: it runs " + v.runsNow(at.container)
	case !ours:
		out.Why = "Somebody else has paused it: it runs " + v.runsNow(at.container)
	default:
		out.Result, out.Why, out.Detail = deployer.OK, known.Why, v.changedSentence(in, "")
	}
	return out, v.deployment.Generation, nil
}

// runsNow ends a sentence with which version runs on how many pods.
func (v view) runsNow(container string) string {
	spread := v.spread(container)
	words := deployer.SpreadOver(spread)
	switch {
	case len(spread) == 0:
		return "on no pod now."
	case len(spread) == 1 && spread[0].Ready == spread[0].Pods:
		return words + pick(spread[0].Pods, " pod", " pods") + " now."
	}
	return words + " now."
}

// changed is in what the template differs from the one that was approved. A rollout
// keeps the template that it finds, but for the image; a revision brings its own. The
// view must have been read.
func (v view) changed(in deployer.Intent) podtemplate.Difference {
	container := workloadRefOf(in.Where).container
	approved := in.To.Template
	if approved == "" && !in.Back {
		approved = in.From.Template
	}
	t := v.deployment.Spec.Template
	now := templateOf(t, container)
	if _, i := imageOf(t, container); now != approved && in.From.Image != "" {
		// An init container may have been ahead, with the image that is rolled out: it
		// is no other one for that.
		before := t.DeepCopy()
		before.Spec.Containers[i].Image = in.From.Image
		if templateOf(*before, container) == approved {
			return podtemplate.Difference{}
		}
	}
	return podtemplate.Compare(approved, now)
}

// changedSentence says what of the template is not as it was approved, and who has
// changed it; "": it is. The view must have been read, history included.
func (v view) changedSentence(in deployer.Intent, when string) string {
	d, container := v.changed(in), workloadRefOf(in.Where).container
	if !matchesImage(v.image(container), in.To.Image) {
		d.Changed = append([]string{"image of " + container}, d.Changed...)
	}
	subject, by := d.Subject(), v.changer(in, d)
	switch {
	case subject == "":
		return ""
	case when != "" && by != "":
		by = "," + by
	}
	return strings.ToUpper(subject[:1]) + subject[1:] + " " + d.Verb() + when + by + "."
}

// changer says by whom and when the template was changed last since the intent was
// begun, going by the account that the API server keeps, or "".
func (v view) changer(in deployer.Intent, d podtemplate.Difference) string {
	from := in.At
	for _, s := range v.sets { // a pause, or a proof, was begun after the rollout
		if s.Spec.Template.Annotations[Annotation] == in.Mark && s.CreationTimestamp.Time.Before(from) {
			from = s.CreationTimestamp.Time
		}
	}
	path := []string{"f:spec", "f:template", "f:spec"}
	if !slices.ContainsFunc(slices.Concat(d.Changed, d.Added, d.Removed), func(part string) bool { return part != "labels" && part != "annotations" }) {
		path[2] = "f:metadata"
	}
	var last *metav1.ManagedFieldsEntry
	for i, e := range v.deployment.ManagedFields {
		since := e.Time != nil && !e.Time.Time.Before(from.Truncate(time.Second)) // it is written to the second
		if since && e.Subresource == "" && e.Manager != fieldManager && owns(e, path...) && (last == nil || !e.Time.Before(last.Time)) {
			last = &v.deployment.ManagedFields[i]
		}
	}
	if last == nil {
		return ""
	}
	return " by " + last.Manager + " at " + last.Time.UTC().Format("15:04") + " UTC"
}

// followThrough follows to a good end of what the workload has come to be, and says what
// somebody has changed of its template meanwhile. Of a change that the watch had not
// shown the end says nothing, so that it goes on from that generation.
func (s *System) followThrough(ctx context.Context, in deployer.Intent, judge judge, generation *int64, services bool, report func(deployer.Progress)) (deployer.Outcome, error) {
	at, seen := workloadRefOf(in.Where), int64(0)
	for {
		out, err := s.follow(ctx, in, func(v view, now time.Time) verdict {
			if v.deployment != nil {
				seen = v.deployment.Generation
			}
			return judge(v, now)
		}, services, report)
		if err != nil || out.Result != deployer.OK {
			return out, err
		}
		v, err := s.readHistory(ctx, at)
		if err != nil {
			return interruptedBy(err)
		}
		changed := v.changedSentence(in, " meanwhile")
		if changed != "" && v.deployment.Generation > seen {
			*generation = v.deployment.Generation
			continue
		}
		out.Remark = changed
		return out, nil
	}
}

// readHistory reads the workload and its history from the API server.
func (s *System) readHistory(ctx context.Context, at workloadRef) (view, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c, d, err := s.findWorkload(ctx, at)
	if err != nil {
		return view{}, err
	}
	sets, err := c.sets(ctx, d)
	return view{deployment: d, sets: sets}, err
}

// lostBy says, as the end of a sentence, what of the template goes with a rollback that
// brings all of another one; "": nothing, or it is not known.
func (v view) lostBy(in deployer.Intent, p patch) string {
	whole := slices.ContainsFunc(p, func(o operation) bool { return o.Path == pointer("spec", "template") })
	container := workloadRefOf(in.Where).container
	found, now := in.Found.Template, templateOf(v.deployment.Spec.Template, container)
	if in.From.Template != "" { // it went to a revision, whose template that is
		found = in.From.Template
	}
	if !in.Back || !whole || now == in.To.Template {
		return ""
	}
	return podtemplate.Compare(found, now).Subject()
}
