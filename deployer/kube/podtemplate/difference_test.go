package podtemplate

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestDifferenceIsPutInWords(t *testing.T) {
	t.Parallel()
	was := ordinary()
	for _, test := range []struct {
		change func(*corev1.PodTemplateSpec)
		want   string
	}{
		{func(*corev1.PodTemplateSpec) {}, ""},
		{func(t *corev1.PodTemplateSpec) { t.Spec.Containers[0].Env[0].Value = "test" }, "the environment of app was changed"},
		{func(t *corev1.PodTemplateSpec) { t.Spec.Volumes[0].Name = "logs" }, "the volumes were changed"},
		{func(t *corev1.PodTemplateSpec) { t.Spec.HostNetwork = true }, "the host access was changed"},
		{func(t *corev1.PodTemplateSpec) {
			t.Spec.Containers[0].Env, t.Spec.Volumes, t.Labels["team"] = nil, nil, "tracks"
		}, "the environment of app, the labels and the volumes were changed"},
		{func(t *corev1.PodTemplateSpec) {
			t.Spec.Containers = append(t.Spec.Containers, corev1.Container{Name: "log", Image: "log:1", Command: []string{"log"}})
		}, "the container log was added"},
		{func(t *corev1.PodTemplateSpec) { t.Spec.Containers = t.Spec.Containers[:1] }, "the container proxy was removed"},
		{func(t *corev1.PodTemplateSpec) {
			t.Spec.Containers[1].Name, t.Spec.ServiceAccountName = "envoy", "other"
		}, "the service account, the container envoy and the container proxy were changed"},
	} {
		now := ordinary()
		test.change(&now)
		d := Compare(Fingerprint(was, "app", mark), Fingerprint(now, "app", mark))
		words := d.Subject()
		if words != "" {
			words += " " + d.Verb()
		}
		if words != test.want {
			t.Errorf("got %q, want %q", words, test.want)
		}
	}
	if d := Compare("", Fingerprint(was, "app")); d.Subject() != "" {
		t.Errorf("one that is not known differs in %q", d.Subject())
	}
}

func TestContainersThatKeepTheirImageAreNamed(t *testing.T) {
	t.Parallel()
	always := corev1.ContainerRestartPolicyAlways
	pod := func(app string, init, more []corev1.Container) corev1.PodTemplateSpec {
		return corev1.PodTemplateSpec{Spec: corev1.PodSpec{InitContainers: init, Containers: append([]corev1.Container{{Name: "app", Image: app}}, more...)}}
	}
	const digest = "@sha256:0123456789abcdef0123456789abcdef"
	for _, test := range []struct {
		pod  corev1.PodTemplateSpec
		want []string
	}{
		{pod("r/web:1", []corev1.Container{{Name: "own", Image: "r/web:1"}}, []corev1.Container{{Name: "proxy", Image: "r/proxy:1"}, {Name: "webber", Image: "r/web-er:1"}}), nil},
		{pod("r:5000/a/web:1", nil, []corev1.Container{{Name: "worker", Image: "r:5000/a/web:1"}}), []string{"Container worker runs web:1 too, and keeps it."}},
		{pod("r:5000/web", nil, []corev1.Container{{Name: "worker", Image: "r:5000/web" + digest}}),
			[]string{"Container worker runs web@sha256:0123456789ab, another version of the same image, and keeps it."}},
		{pod("web:1"+digest, []corev1.Container{{Name: "old", Image: "web:0.9"}, {Name: "side", Image: "web:1", RestartPolicy: &always}}, nil), []string{
			"Init container old runs web:0.9, another version of the same image, and keeps it.",
			"Sidecar side runs web:1, another version of the same image, and keeps it.",
		}},
		{pod("", nil, []corev1.Container{{Name: "worker"}}), nil},
	} {
		if got := Keeps(test.pod, "app"); !slices.Equal(got, test.want) {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
