package kubetest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
)

func TestPodsBehaveAsTheirTagSays(t *testing.T) {
	c := kubetest.Shared(t)
	for _, test := range []struct {
		tag  string
		look func(*corev1.Pod) string // complains
	}{
		{"1.0", func(pod *corev1.Pod) string { return readiness(pod, true) }},
		{"1.0-hang", func(pod *corev1.Pod) string {
			if pod.Status.Phase != corev1.PodRunning || pod.Status.ContainerStatuses[0].State.Running == nil {
				return "is not running"
			}
			return readiness(pod, false)
		}},
		{"1.0-crash", crashLooping},
		{"1.0-missing", unpulled},
		{"1.0-qps6000s", waitsFor("ErrImagePull", "pull QPS exceeded")},
		{"1.0-noconfig60s", waitsFor("CreateContainerConfigError", `secret "db" not found`)},
		{"1.0-qps1s", func(pod *corev1.Pod) string { return readiness(pod, true) }},
		{"1.0-noconfig1s", func(pod *corev1.Pod) string { return readiness(pod, true) }},
	} {
		t.Run(test.tag, func(t *testing.T) {
			t.Parallel()
			namespace := c.Namespace(t)
			deploy(t, c.Client(), namespace, "web", 1, image+":"+test.tag)
			eventually(t, 2*time.Minute, func(ctx context.Context) string {
				pod, complaint := pod(ctx, c.Client(), namespace)
				if complaint == "" {
					complaint = test.look(pod)
				}
				return complaint
			})
		})
	}
}

func readiness(pod *corev1.Pod, want bool) string {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady && (condition.Status == corev1.ConditionTrue) == want {
			return ""
		}
	}
	return fmt.Sprintf("the pod's conditions are %v, want ready to be %t", pod.Status.Conditions, want)
}

// waitsFor looks whether the container waits for that.
func waitsFor(reason, message string) func(*corev1.Pod) string {
	return func(pod *corev1.Pod) string {
		status := pod.Status.ContainerStatuses[0]
		if w := status.State.Waiting; w == nil || w.Reason != reason || w.Message != message || pod.Status.Phase != corev1.PodPending {
			return "the container's status is " + status.String()
		}
		return readiness(pod, false)
	}
}

func crashLooping(pod *corev1.Pod) string {
	status := pod.Status.ContainerStatuses[0]
	waiting, last := status.State.Waiting, status.LastTerminationState.Terminated
	if waiting == nil || waiting.Reason != "CrashLoopBackOff" || status.RestartCount < 1 ||
		last == nil || last.ExitCode != 1 {
		return "the container's status is " + status.String()
	}
	return readiness(pod, false)
}

func unpulled(pod *corev1.Pod) string {
	status := pod.Status.ContainerStatuses[0]
	waiting := status.State.Waiting
	if waiting == nil || waiting.Reason != "ImagePullBackOff" || status.ImageID != "" ||
		!strings.Contains(waiting.Message, image+":1.0-missing: not found") {
		return "the container's status is " + status.String()
	}
	return readiness(pod, false)
}

// A crashing container comes back for a moment after each back-off, and its count of restarts grows.
func TestCrashingContainerIsRestarted(t *testing.T) {
	t.Parallel()
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	deploy(t, c.Client(), namespace, "web", 1, image+":crash")
	since := map[corev1.PodConditionType]metav1.Time{}
	eventually(t, 2*time.Minute, func(ctx context.Context) string {
		pod, complaint := pod(ctx, c.Client(), namespace)
		if complaint != "" {
			return complaint
		}
		for _, condition := range pod.Status.Conditions {
			if was, ok := since[condition.Type]; ok && !was.Equal(&condition.LastTransitionTime) {
				t.Errorf("the condition %s has changed at %s, though it was the same all the time", condition.Type, condition.LastTransitionTime)
			}
			since[condition.Type] = condition.LastTransitionTime
		}
		if pod.Status.ContainerStatuses[0].RestartCount < 2 {
			return "the container's status is " + pod.Status.ContainerStatuses[0].String()
		}
		return ""
	})
}

func TestSlowPodTakesItsTime(t *testing.T) {
	t.Parallel()
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	begin := time.Now()
	deploy(t, c.Client(), namespace, "web", 1, image+":1.0-slow2s")
	eventually(t, 2*time.Minute, ready(c.Client(), namespace, "web", 1))
	if took := time.Since(begin); took < 2*time.Second {
		t.Errorf("a pod that takes 2 s was ready after %s", took)
	}
}

// Guards kargo 41: healthy for a moment only.
func TestUnreadyPodWasReady(t *testing.T) {
	t.Parallel()
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	deploy(t, c.Client(), namespace, "web", 1, image+":1.0-unready5s")
	eventually(t, 2*time.Minute, ready(c.Client(), namespace, "web", 1))
	eventually(t, 2*time.Minute, func(ctx context.Context) string {
		pod, complaint := pod(ctx, c.Client(), namespace)
		if complaint == "" {
			complaint = readiness(pod, false)
		}
		return complaint
	})
}

// Guards kubectl 1284: a rollout "done" while old pods still served.
func TestLingeringPodStaysWhileItsSuccessorIsReady(t *testing.T) {
	t.Parallel()
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	deploy(t, c.Client(), namespace, "web", 1, image+":1.0-linger6s")
	eventually(t, 2*time.Minute, ready(c.Client(), namespace, "web", 1))
	patch := []byte(`{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"` + image + `:1.1"}]}}}}`)
	_, err := c.Client().AppsV1().Deployments(namespace).Patch(t.Context(), "web",
		"application/strategic-merge-patch+json", patch, metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 2*time.Minute, func(ctx context.Context) string {
		pods, err := c.Client().CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err.Error()
		}
		var leaving, serving int
		for _, pod := range pods.Items {
			switch {
			case readiness(&pod, true) != "":
			case pod.DeletionTimestamp != nil:
				leaving++
			default:
				serving++
			}
		}
		if leaving != 1 || serving != 1 {
			return fmt.Sprintf("%d pods are leaving and still ready, %d are new and ready; want one of each", leaving, serving)
		}
		return ""
	})
}

// The label chooses for the whole pod; where the tag chooses, the pod's other containers are well.
func TestBehaviourOfOneContainerAndOfAll(t *testing.T) {
	t.Parallel()
	c := kubetest.Shared(t)
	for _, test := range []struct {
		name, label, tag string
		sidecarReady     bool
	}{
		{"tag", "", "1.0-hang", true},
		{"label", "hang", "1.0", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			namespace := c.Namespace(t)
			bare := &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Name: "web", Labels: map[string]string{}},
				Spec: corev1.PodSpec{Containers: []corev1.Container{
					{Name: "app", Image: image + ":" + test.tag},
					{Name: "sidecar", Image: "registry.example:5000/proxy:2"},
				}},
			}
			if test.label != "" {
				bare.Labels[kubetest.Behave] = test.label
			}
			if _, err := c.Client().CoreV1().Pods(namespace).Create(t.Context(), bare, metav1.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			eventually(t, 2*time.Minute, func(ctx context.Context) string {
				pod, complaint := pod(ctx, c.Client(), namespace)
				if complaint != "" {
					return complaint
				}
				app, sidecar := pod.Status.ContainerStatuses[0], pod.Status.ContainerStatuses[1]
				if app.Ready || sidecar.Ready != test.sidecarReady {
					return fmt.Sprintf("app ready: %t, sidecar ready: %t", app.Ready, sidecar.Ready)
				}
				return readiness(pod, false)
			})
		})
	}
}

func TestImageIDNamesTheDigest(t *testing.T) {
	t.Parallel()
	c := kubetest.Shared(t)
	digest := "sha256:" + strings.Repeat("0123456789abcdef", 4)
	for name, test := range map[string]struct{ image, want string }{
		"digest":         {image + "@" + digest, image + "@" + digest},
		"tag and digest": {image + ":1.0@" + digest, image + "@" + digest},
		"port and tag":   {"registry.example:5000/app:1.0", "registry.example:5000/app@sha256:"},
		"no tag":         {"registry.example:5000/app", "registry.example:5000/app@sha256:"},
	} {
		t.Run(name, func(t *testing.T) {
			namespace := c.Namespace(t)
			deploy(t, c.Client(), namespace, "web", 1, test.image)
			eventually(t, 2*time.Minute, ready(c.Client(), namespace, "web", 1))
			pod, complaint := pod(t.Context(), c.Client(), namespace)
			if complaint != "" {
				t.Fatal(complaint)
			}
			id := pod.Status.ContainerStatuses[0].ImageID
			_, hash, _ := strings.Cut(id, "@sha256:")
			if !strings.HasPrefix(id, test.want) || len(hash) != 64 {
				t.Errorf("imageID %q, want %q", id, test.want)
			}
		})
	}
}
