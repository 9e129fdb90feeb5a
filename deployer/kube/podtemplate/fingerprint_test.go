package podtemplate

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

const mark = "stationmaster.dev/deployment"

// ordinary is the template of a service with a sidecar and a migration.
func ordinary() corev1.PodTemplateSpec {
	var t corev1.PodTemplateSpec
	t.Labels = map[string]string{"app": "web"}
	t.Spec = corev1.PodSpec{
		ServiceAccountName: "web",
		InitContainers:     []corev1.Container{{Name: "migrate", Image: "web:1", Command: []string{"migrate"}}},
		Containers: []corev1.Container{
			{
				Name: "app", Image: "web:1", Command: []string{"web"}, Args: []string{"-v"},
				Env:            []corev1.EnvVar{{Name: "DB", Value: "orders"}},
				VolumeMounts:   []corev1.VolumeMount{{Name: "data", MountPath: "/data"}},
				ReadinessProbe: &corev1.Probe{PeriodSeconds: 5},
			},
			{Name: "proxy", Image: "proxy:1"},
		},
		Volumes: []corev1.Volume{{Name: "data"}},
	}
	return t
}

func TestChangesSayWhatOfTheTemplateIsNotAsItWas(t *testing.T) {
	t.Parallel()
	app := func(t *corev1.PodTemplateSpec) *corev1.Container { return &t.Spec.Containers[0] }
	for _, test := range []struct {
		change func(*corev1.PodTemplateSpec)
		want   string
	}{
		{func(*corev1.PodTemplateSpec) {}, ""},
		// What a rollout changes, and what changes nothing that runs.
		{func(t *corev1.PodTemplateSpec) { app(t).Image, t.Spec.InitContainers[0].Image = "web:2", "web:2" }, ""},
		{func(t *corev1.PodTemplateSpec) { t.Annotations = map[string]string{mark: "t-1", restarted: "now"} }, ""},
		{func(t *corev1.PodTemplateSpec) { t.Labels["pod-template-hash"] = "5d" }, ""},

		{func(t *corev1.PodTemplateSpec) { app(t).Env[0].Value = "test" }, "the environment of app changed"},
		{func(t *corev1.PodTemplateSpec) { app(t).EnvFrom = make([]corev1.EnvFromSource, 1) }, "the environment of app changed"},
		{func(t *corev1.PodTemplateSpec) { app(t).Command, app(t).Args = []string{"sh"}, nil }, "the arguments of app changed, the command of app changed"},
		{func(t *corev1.PodTemplateSpec) { app(t).VolumeMounts[0].MountPath = "/etc" }, "the mounts of app changed"},
		{func(t *corev1.PodTemplateSpec) { app(t).ReadinessProbe = nil }, "the probes of app changed"},
		{func(t *corev1.PodTemplateSpec) {
			app(t).SecurityContext = &corev1.SecurityContext{RunAsUser: new(int64)}
		}, "the security context of app changed"},
		{func(t *corev1.PodTemplateSpec) { app(t).WorkingDir = "/" }, "the other settings of app changed"},
		{func(t *corev1.PodTemplateSpec) {
			app(t).Resources.Limits = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2")}
		}, "the resources of app changed"},
		{func(t *corev1.PodTemplateSpec) { t.Spec.Containers[1].Image = "proxy:2" }, "the image of proxy changed"},
		{func(t *corev1.PodTemplateSpec) { t.Spec.InitContainers[0].Image = "evil:1" }, "the image of migrate changed"},
		{func(t *corev1.PodTemplateSpec) { t.Spec.InitContainers[0].Command = []string{"drop"} }, "the command of migrate changed"},
		{func(t *corev1.PodTemplateSpec) { t.Spec.InitContainers = nil }, "the container migrate was removed"},
		{func(t *corev1.PodTemplateSpec) {
			t.Spec.Containers = append(t.Spec.Containers, corev1.Container{Name: "spy", Image: "spy:1", Command: []string{"spy"}})
		}, "the container spy was added"},
		{func(t *corev1.PodTemplateSpec) { t.Spec.Volumes = nil }, "the volumes changed"},
		{func(t *corev1.PodTemplateSpec) { t.Spec.ServiceAccountName = "admin" }, "the service account changed"},
		{func(t *corev1.PodTemplateSpec) { t.Spec.HostNetwork = true }, "the host access changed"},
		{func(t *corev1.PodTemplateSpec) { t.Spec.PriorityClassName = "high" }, "the other settings changed"},
		{func(t *corev1.PodTemplateSpec) { t.Labels["team"] = "b" }, "the labels changed"},
		{func(t *corev1.PodTemplateSpec) { t.Annotations = map[string]string{"checksum/config": "8"} }, "the annotations changed"},
		{func(t *corev1.PodTemplateSpec) {
			t.Spec.Containers[0], t.Spec.Containers[1] = t.Spec.Containers[1], t.Spec.Containers[0]
		}, "the pod template changed"},
	} {
		was, now := ordinary(), ordinary()
		test.change(&now)
		a, b := Fingerprint(was, "app", mark), Fingerprint(now, "app", mark)
		if got := Changes(a, b); got != test.want || (a == b) != (test.want == "") {
			t.Errorf("%q, want %q\n%s\n%s", got, test.want, a, b)
		}
	}
}

func TestFingerprintChangesNothingAndStaysSmall(t *testing.T) {
	t.Parallel()
	given := ordinary()
	given.Annotations = map[string]string{mark: "t-1"}
	got := Fingerprint(given, "app", mark)
	if given.Annotations[mark] == "" || given.Spec.InitContainers[0].Image != "web:1" || given.Spec.Containers[0].Image != "web:1" {
		t.Errorf("the template has become %+v", given)
	}
	if len(got) > 500 || strings.Contains(got, "orders") {
		t.Errorf("%d bytes: %s", len(got), got)
	}
	if Changes("", got) != "" || Changes(got, "") != "" {
		t.Error("what is not known has changed")
	}
}
