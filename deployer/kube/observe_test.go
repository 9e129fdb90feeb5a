package kube

import (
	"fmt"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// markedTemplate is a template with an image and a mark.
func markedTemplate(image, mark string) corev1.PodTemplateSpec {
	t := corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: image}}}}
	if mark != "" {
		t.Annotations = map[string]string{Annotation: mark}
	}
	return t
}

// viewOf is a workload that runs the last of these templates, and has run the
// others.
func viewOf(history ...corev1.PodTemplateSpec) view {
	last := len(history)
	v := view{deployment: &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web", UID: "web-uid", Generation: 7, Annotations: map[string]string{revisionKey: fmt.Sprint(last)}},
		Spec:       appsv1.DeploymentSpec{Replicas: new(int32(2)), Template: history[last-1]},
		Status:     appsv1.DeploymentStatus{ObservedGeneration: 7},
	}}
	for i, t := range history {
		v.sets = append(v.sets, &appsv1.ReplicaSet{
			ObjectMeta: metav1.ObjectMeta{
				Name: fmt.Sprint("web-", i+1), Annotations: map[string]string{revisionKey: fmt.Sprint(i + 1)},
			},
			Spec: appsv1.ReplicaSetSpec{Template: t},
		})
	}
	return v
}

// What counts the pods and the pods themselves come by watches of their own, in
// any order: a rollout that is done is not shown as four of five pods.
func TestCompleteRolloutShowsAllPodsReady(t *testing.T) {
	t.Parallel()
	v := viewOf(markedTemplate("web:1", ""), markedTemplate("web:2", "t-1"))
	v.sets[1].UID = "two"
	v.deployment.Status.Replicas, v.deployment.Status.UpdatedReplicas, v.deployment.Status.AvailableReplicas = 2, 2, 2
	v.pods = []*corev1.Pod{podOf(v.sets[1], "a"), podOf(v.sets[1], "b")} // neither is seen to be ready
	at := workloadRef{workload: "deployment/web", uid: "web-uid", container: "app"}
	j := &rolloutJudge{in: deployer.Intent{Mark: "t-1", Where: at.where(), To: deployer.State{Version: "2", Image: "web:2"}}, at: at, grace: newGraceTracker(Grace{}, noon)}
	got := j.judge(v, noon)
	if want := (deployer.Progress{Total: 2, Updated: 2, Ready: 2, Available: 2}); got.outcome.Result != deployer.OK || got.progress != want {
		t.Errorf("%+v", got)
	}
}

// The watch may lag behind the change that was made: what it shows until then is
// not judged.
func TestJudgesWaitWhileTheWatchLagsBehind(t *testing.T) {
	t.Parallel()
	v := viewOf(markedTemplate("web:1", ""))
	at := workloadRef{workload: "deployment/web", uid: "web-uid", container: "app"}
	lagging := followRef{generation: v.deployment.Generation + 1}
	want := deployer.Progress{Total: 2, Note: "Waiting until the cluster shows the change."}
	for name, judge := range map[string]judge{
		"rollout": (&rolloutJudge{at: at, ref: lagging}).judge,
		"verify":  (&verifyJudge{at: at, ref: lagging}).judge,
	} {
		if got := judge(v, noon); got.done || got.progress != want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What is in the way at the end of the step's time is told a moment before it.
func TestRolloutJudgeFailsJustBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	v := viewOf(markedTemplate("web:1", ""), markedTemplate("web:2", "t-1"))
	v.sets[1].UID = "two"
	v.pods = []*corev1.Pod{podOf(v.sets[1], "a")}
	at := workloadRef{workload: "deployment/web", uid: "web-uid", container: "app"}
	in := deployer.Intent{Mark: "t-1", Where: at.where(), To: deployer.State{Version: "2", Image: "web:2"}, Deadline: noon.Add(time.Minute)}
	j := &rolloutJudge{in: in, at: at,
		grace: newGraceTracker(evenGrace(time.Hour), time.Time{})}
	end := in.Deadline.Add(-deadlineMargin)
	if got := j.judge(v, end.Add(-time.Nanosecond)); got.done || !got.recheckAt.Equal(end) {
		t.Errorf("just before: %+v", got)
	}
	if got := j.judge(v, end); got.outcome.Result != deployer.Failed || !strings.HasPrefix(got.outcome.Why, "It was not done in time. ") {
		t.Errorf("at the end: %+v", got)
	}
}

func TestObserveTellsHowFarAnIntentHasCome(t *testing.T) {
	t.Parallel()
	forward := deployer.Intent{
		Deployment: "t-1", Mark: "t-1", Where: map[string]string{whereWorkload: "deployment/web", whereContainer: "app"},
		From: deployer.State{Version: "1", Image: "web:1"}, To: deployer.State{Version: "2", Image: "web:2"}, Attempt: 1,
	}
	committed := forward
	committed.At = time.Now()
	undo := rollbackOf(committed)
	v1, v2, undone := markedTemplate("web:1", ""), markedTemplate("web:2", "t-1"), markedTemplate("web:1", "t-1/rollback")
	changed := markedTemplate("web:1", "")
	changed.Spec.HostNetwork = true
	whole := undo
	whole.To.Template = templateOf(v1, "app")
	// Numbers are as in viewOf, so that what was put back is older than its number.
	putBack := func(mark string, history ...corev1.PodTemplateSpec) view {
		v := viewOf(history...)
		last := v.sets[len(v.sets)-1]
		last.Annotations[revisionHistoryKey] = "0"
		v.deployment.Annotations[RolledBackBy], last.Annotations[RolledBackBy] = mark, mark
		return v
	}
	left := func(mark string, history ...corev1.PodTemplateSpec) view {
		v := viewOf(history...)
		v.deployment.Annotations[RolledBackBy] = mark
		return v
	}
	replaced := putBack("t-1/rollback", v2, v1)
	replaced.deployment.Spec.Template, replaced.deployment.Annotations = markedTemplate("web:3", "t-2"), nil
	for _, test := range []struct {
		name string
		in   deployer.Intent
		v    view
		want deployer.ObservationKind
		why  string
	}{
		{"nothing was done", committed, viewOf(v1), deployer.ObservedAbsent, ""},
		{"it was done", committed, viewOf(v1, v2), deployer.ObservedPresent, ""},
		{"something else came after it", committed, viewOf(v1, v2, markedTemplate("web:3", "t-2")), deployer.ObservedSuperseded, "deployment/web runs 3 of t-2 now."},
		{"somebody set another image and left the mark", committed, viewOf(v1, v2, markedTemplate("web:3", "t-1")), deployer.ObservedSuperseded, "deployment/web was changed to 3 meanwhile."},
		{"it was put back", committed, viewOf(v2, v1), deployer.ObservedSuperseded, "deployment/web was put back to 1 by somebody else, or by a controller that undoes changes."},
		{"it was rolled back", committed, viewOf(v1, v2, undone), deployer.ObservedSuperseded, "deployment/web was put back to 1 by somebody else, or by a controller that undoes changes."},
		// The image has changed under the approval: before the intent is
		// committed that is for the core to judge, afterwards acting is not
		// possible any more.
		{"another image, before", forward, viewOf(v1, markedTemplate("web:3", "")), deployer.ObservedAbsent, ""},
		{"another image, after", committed, viewOf(v1, markedTemplate("web:3", "")), deployer.ObservedSuperseded, "deployment/web runs 3 now; it ran 1 before."},
		{"an older mark is there", committed, viewOf(v1, markedTemplate("web:1", "t-0")), deployer.ObservedAbsent, ""},

		{"to be rolled back", undo, viewOf(v1, v2), deployer.ObservedAbsent, ""},
		{"rolled back", undo, viewOf(v1, v2, undone), deployer.ObservedPresent, ""},
		{"never rolled out", undo, viewOf(v1), deployer.ObservedPresent, ""},
		{"somebody has put it back", undo, viewOf(v2, v1), deployer.ObservedPresent, ""},
		{"somebody has rolled out something else", undo, viewOf(v1, v2, markedTemplate("web:3", "t-2")), deployer.ObservedSuperseded, "deployment/web runs 3 of t-2 now."},
		{"somebody has set another image", undo, viewOf(v1, v2, markedTemplate("web:3", "t-1")), deployer.ObservedSuperseded, "deployment/web runs 3 now; it ran 2 before."},
		{"something came after the rollback", undo, viewOf(v1, v2, undone, markedTemplate("web:3", "")), deployer.ObservedSuperseded, "deployment/web runs 3 now; it ran 2 before."},

		{"put back as it was", whole, putBack("t-1/rollback", v2, v1), deployer.ObservedPresent, ""},
		{"put back, and then changed", whole, left("t-1/rollback", v1, v2, changed), deployer.ObservedPresent, ""},
		{"put back, and the cluster changed it", whole, left("t-1/rollback at generation 7", v1, v2, changed), deployer.ObservedPresent, ""},
		{"put back, and then to another image", whole, left("t-1/rollback", v1, v2, markedTemplate("web:3", "")), deployer.ObservedSuperseded, "deployment/web was changed to 3 meanwhile."},
		{"put back, and then somebody undid that", whole, putBack("t-1/rollback", v1, v2), deployer.ObservedSuperseded, "deployment/web was put back to 2 by somebody else, or by a controller that undoes changes."},
		{"put back, and then a deployment came", whole, replaced, deployer.ObservedSuperseded, "deployment/web runs 3 of t-2 now."},
		{"an older one put it back", whole, putBack("t-0/rollback", v1, v2), deployer.ObservedAbsent, ""},
		{"somebody has set the old image by hand, which leaves the mark", whole, viewOf(v1, v2, markedTemplate("web:1", "t-1")), deployer.ObservedPresent, ""},
		{"somebody has put back another template", whole, viewOf(v1, v2, changed), deployer.ObservedSuperseded, "deployment/web runs 1, but not as it ran before: the host access changed."},
		{"somebody has undone it to what another deployment had made", committed, putBack("", markedTemplate("web:2", "t-1"), markedTemplate("web:0", "t-0")), deployer.ObservedSuperseded, "deployment/web was put back to 0 by somebody else, or by a controller that undoes changes."},
		{"another deployment has brought the old image", committed, viewOf(v1, v2, markedTemplate("web:1", "t-2")), deployer.ObservedSuperseded, "deployment/web runs 1 of t-2 now."},
		{"somebody has changed what another deployment had made", committed, viewOf(v1, v2, markedTemplate("web:3", "t-2"), markedTemplate("web:4", "t-2")), deployer.ObservedSuperseded, "deployment/web runs 4 now; it ran 1 before."},
	} {
		s := observe(test.in, test.v)
		if s.Kind != test.want || s.Kind == deployer.ObservedSuperseded && s.Why != test.why {
			t.Errorf("%s: %s, %q; want %s, %q", test.name, s.Kind, s.Why, test.want, test.why)
		}
		if (s.Kind == deployer.ObservedPresent) != (s.Ref != "") {
			t.Errorf("%s: ref %q", test.name, s.Ref)
		}
	}
}

func TestFollowRefIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, r := range []followRef{
		{}, {generation: 7}, {generation: 7, found: true},
		{generation: 12, since: time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC)},
		{generation: 12, since: time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC), pods: 3},
	} {
		if got := parseFollowRef(r.String()); got != r {
			t.Errorf("%q is read as %+v, want %+v", r, got, r)
		}
	}
	if got := parseFollowRef("nonsense,generation=x"); got != (followRef{}) {
		t.Errorf("nonsense is read as %+v", got)
	}
}

func TestVersionAndDigestAreReadFromImages(t *testing.T) {
	t.Parallel()
	const sum = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for image, want := range map[string][2]string{
		"web":                               {"latest", ""},
		"web:1.2":                           {"1.2", ""},
		"host:5000/web":                     {"latest", ""},
		"host:5000/web:1.2@" + sum:          {"1.2", sum},
		"web@" + sum:                        {"sha256:0123456789ab", sum},
		"docker-pullable://host/web@" + sum: {"", sum},
		sum:                                 {"", ""}, // of the configuration, not of the image
	} {
		if v := version(image); want[0] != "" && v != want[0] {
			t.Errorf("version of %s: %q", image, v)
		}
		if d := digest(image); d != want[1] {
			t.Errorf("digest of %s: %q", image, d)
		}
	}
}

func TestSuggestNamesWhatWasMeant(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		typed string
		names []string
		want  string
	}{
		{"wbe", []string{"api", "web"}, "Did you mean web?"},
		{"PROD", []string{"prod", "test"}, "Did you mean prod?"},
		{"zebra", []string{"web"}, "There is only web."},
		{"zebra", []string{"web", "api"}, "There are api, web."},
		{"zebra", nil, "There is none."},
	} {
		if got := suggestOrList(test.typed, test.names); got != test.want {
			t.Errorf("%s of %v: %q, want %q", test.typed, test.names, got, test.want)
		}
	}
}

// Numbers begin again in a new database. What another one's deployment of the
// same number has left is not taken for ours: a patch that never arrived looked
// as if somebody had undone it.
func TestMarksOfAnotherStoreAreNotOurs(t *testing.T) {
	t.Parallel()
	in := deployer.Intent{
		Deployment: "tangerine-1", Mark: "tangerine-1@NEW", At: noon,
		Where: workloadRef{workload: "deployment/web", container: "app"}.where(),
		From:  deployer.State{Image: "web:v2"}, To: deployer.State{Image: "web:v3"},
	}
	for _, mark := range []string{"tangerine-1", "tangerine-1@OLD", "tangerine-1@OLD/rollback"} {
		v := viewOf(markedTemplate("web:v1", ""), markedTemplate("web:v2", mark))
		if o := observe(in, v); o.Kind != deployer.ObservedAbsent {
			t.Errorf("the patch was lost, and under the mark %s it is %s: %s", mark, o.Kind, o.Why)
		}
	}
	v := viewOf(markedTemplate("web:v1", "tangerine-1@OLD"), markedTemplate("web:v2", "tangerine-2@NEW"), markedTemplate("web:v3", "tangerine-3"))
	v.sets = append(v.sets, viewOf(markedTemplate("web:v4", "tangerine-3"), markedTemplate("web:v3", "tangerine-3")).sets...)
	v.sets[3].Annotations[revisionKey], v.sets[4].Annotations[revisionKey] = "4", "5" // by hand: another image; restarted
	var by []string
	for _, r := range history(v, "app", "NEW") {
		by = append(by, r.By)
	}
	if got := strings.Join(by, ","); got != "tangerine-3,,tangerine-3,tangerine-2," {
		t.Errorf("the revisions are by %s", got)
	}
}
