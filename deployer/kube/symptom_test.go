package kube

import (
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func waiting(reason, message string) corev1.ContainerStatus {
	return corev1.ContainerStatus{Name: "app", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}}
}

func crashed(at time.Time, exit int32, reason string) corev1.ContainerStatus {
	c := waiting("CrashLoopBackOff", "back-off 10s")
	c.RestartCount = 1
	c.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: exit, Reason: reason, FinishedAt: metav1.NewTime(at)}
	return c
}

// TestDiagnosisOfWhatKubeletsReport holds what is said about a pod against the states that kubelets
// really report.
func TestDiagnosisOfWhatKubeletsReport(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		status corev1.ContainerStatus
		since  time.Time
		bear   cause
		words  string // "": nothing is wrong
	}{
		{"crash loop", crashed(noon, 1, "Error"), time.Time{}, causeFinal, "app, exit 1 (CrashLoopBackOff)"},
		{"out of memory", crashed(noon, 137, "OOMKilled"), time.Time{}, causeFinal, "app, OOMKilled, exit 137 (CrashLoopBackOff)"},
		{"crashed before this attempt", crashed(noon, 1, "Error"), noon.Add(time.Minute), 0, ""},
		{"crashed in this attempt", crashed(noon, 1, "Error"), noon.Add(-time.Minute), causeFinal, "app, exit 1 (CrashLoopBackOff)"},
		{"ended the third time", corev1.ContainerStatus{Name: "app", RestartCount: 2, State: corev1.ContainerState{
			Terminated: &corev1.ContainerStateTerminated{ExitCode: 2, FinishedAt: metav1.NewTime(noon)}}}, time.Time{}, causeFinal, "app, exit 2"},
		{"ended once", corev1.ContainerStatus{Name: "app", State: corev1.ContainerState{
			Terminated: &corev1.ContainerStateTerminated{ExitCode: 2, FinishedAt: metav1.NewTime(noon)}}}, time.Time{}, 0, ""},
		{"no such image", waiting("ErrImagePull", `rpc error: code = NotFound desc = failed to pull and unpack image "r/web:2": failed to resolve reference "r/web:2": r/web:2: not found`),
			time.Time{}, causeFinal, "app, r/web:2: not found (ErrImagePull)"},
		{"registry away", waiting("ErrImagePull", `failed to pull image "r/web:2": dial tcp 10.0.0.1:443: i/o timeout`), time.Time{}, causeImage,
			"app, dial tcp 10.0.0.1:443: i/o timeout (ErrImagePull)"},
		{"back-off without a cause", waiting("ImagePullBackOff", `Back-off pulling image "r/web:2"`), time.Time{}, causeImage,
			`app, Back-off pulling image "r/web:2" (ImagePullBackOff)`},
		{"back-off of an attempt before", waiting("ImagePullBackOff", "not found"), noon.Add(-time.Minute), 0, ""},
		{"back-off that has lasted", waiting("ImagePullBackOff", "not found"), noon.Add(-pullCycle - time.Minute), causeFinal, "app, not found (ImagePullBackOff)"},
		{"image name", waiting("InvalidImageName", "couldn't parse image name"), time.Time{}, causeFinal, "app, couldn't parse image name (InvalidImageName)"},
		{"configuration", waiting("CreateContainerConfigError", `secret "db" not found`), time.Time{}, causeStart,
			`app, secret "db" not found (CreateContainerConfigError)`},
		{"being made", waiting("ContainerCreating", ""), time.Time{}, 0, ""},
		{"running", corev1.ContainerStatus{Name: "app", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}, time.Time{}, 0, ""},
	} {
		p := &corev1.Pod{Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{test.status}}}
		p.CreationTimestamp = metav1.NewTime(noon.Add(-time.Hour))
		switch s := diagnosePod(p, test.since, noon); {
		case s == nil && test.words != "", s != nil && test.words == "":
			t.Errorf("%s: %+v", test.name, s)
		case s != nil && (s.words != test.words || s.cause != test.bear):
			t.Errorf("%s: %q, cause %d; want %q, %d", test.name, s.words, s.cause, test.words, test.bear)
		}
		// A container that runs before the others counts as much.
		p.Status.InitContainerStatuses, p.Status.ContainerStatuses = p.Status.ContainerStatuses, nil
		if s := diagnosePod(p, test.since, noon); (s == nil) != (test.words == "") {
			t.Errorf("%s, in an init container: %+v", test.name, s)
		}
	}
}

// podOf is a pod of the ReplicaSet.
func podOf(set *appsv1.ReplicaSet, name string, c ...corev1.ContainerStatus) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name), OwnerReferences: []metav1.OwnerReference{
			{Kind: "ReplicaSet", Name: set.Name, UID: set.UID, Controller: new(true)}}},
		Status: corev1.PodStatus{ContainerStatuses: c},
	}
}

func TestFailureIsToleratedForItsGrace(t *testing.T) {
	t.Parallel()
	v := viewOf(markedTemplate("web:1", ""), markedTemplate("web:2", "t-1"))
	v.sets[0].UID, v.sets[1].UID = "one", "two"
	set := v.sets[1]
	g := newGraceTracker(evenGrace(time.Minute), noon.Add(-time.Hour))
	failure := func(now time.Time) *failure {
		g.look(v, set, now)
		return g.failure(v, set, time.Time{}, now)
	}

	// Old pods that crash are not our failure.
	v.pods = []*corev1.Pod{podOf(v.sets[0], "old", crashed(noon, 1, ""))}
	if f := failure(noon); f != nil {
		t.Errorf("an old pod: %+v", f)
	}

	away := waiting("ErrImagePull", "i/o timeout")
	v.pods = append(v.pods, podOf(set, "a", away), podOf(set, "b", away))
	if f := failure(noon); f == nil || !f.until.Equal(noon.Add(time.Minute)) ||
		f.why != "2 of 2 pods can't get their image: app, i/o timeout (ErrImagePull)" {
		t.Errorf("tolerated at first: %+v", f)
	}
	if f := failure(noon.Add(59 * time.Second)); f == nil || f.until.IsZero() {
		t.Errorf("still tolerated: %+v", f)
	}
	if f := failure(noon.Add(time.Minute)); f == nil || !f.until.IsZero() {
		t.Errorf("not tolerated any more: %+v", f)
	}

	// What has passed in between begins anew.
	pods := v.pods
	v.pods = nil
	if f := failure(noon.Add(2 * time.Minute)); f != nil {
		t.Errorf("it has passed: %+v", f)
	}
	v.pods = pods
	if f := failure(noon.Add(3 * time.Minute)); f == nil || f.until.IsZero() {
		t.Errorf("tolerated again: %+v", f)
	}

	// What is beyond hope is told before what may pass.
	v.pods = append(v.pods, podOf(set, "c", crashed(noon, 1, "")))
	if f := failure(noon); f == nil || !strings.HasPrefix(f.why, "1 of 2 pods crashes: app, exit 1") {
		t.Errorf("the worst: %+v", f)
	}

	// An evicted pod is a record, not a pod.
	v.pods[3].Status.Phase = corev1.PodFailed
	if f := failure(noon); f != nil && strings.Contains(f.why, "crash") {
		t.Errorf("an evicted pod: %+v", f)
	}
	v.pods[0].Status.Phase = corev1.PodFailed
	if old := v.old(set); len(old) != 0 {
		t.Errorf("old pods %v", old)
	}
}

func TestTailKeepsWholeLines(t *testing.T) {
	t.Parallel()
	if got := tail("one\ntwo\nthree", 8); got != "three" {
		t.Errorf("%q", got)
	}
	if got := tail("one\ntwo", 8); got != "one\ntwo" {
		t.Errorf("%q", got)
	}
	if got := tail(strings.Repeat("ü", 9), 5); got != "üü" {
		t.Errorf("%q", got)
	}
}
