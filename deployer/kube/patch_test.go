package kube

import (
	"encoding/json"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// The patch is what makes a repeat harmless, so it is written out here.
func TestPatchTestsWhatItRestsOnAndSetsImageAndMark(t *testing.T) {
	t.Parallel()
	at := workloadRef{uid: "u1", container: "app"}
	template := markedTemplate("web:1", "")
	template.Spec.Containers = append([]corev1.Container{{Name: "proxy", Image: "proxy:1"}}, template.Spec.Containers...)
	d := &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Template: template}}
	const tests = `[{"op":"test","path":"/metadata/uid","value":"u1"},` +
		`{"op":"test","path":"/spec/template/spec/containers/1/name","value":"app"},` +
		`{"op":"test","path":"/spec/template/spec/containers/1/image","value":"web:1"},`
	const set = `{"op":"replace","path":"/spec/template/spec/containers/1/image","value":"web:2"},`
	for _, test := range []struct {
		name        string
		annotations map[string]string
		test, set   string
	}{
		{"no annotations", nil,
			`{"op":"test","path":"/spec/template/metadata/annotations","value":null},`,
			`{"op":"add","path":"/spec/template/metadata/annotations","value":{"stationmaster.dev/deployment":"t-1"}}]`},
		{"other annotations", map[string]string{"a": "b"},
			`{"op":"test","path":"/spec/template/metadata/annotations/stationmaster.dev~1deployment","value":null},`,
			`{"op":"add","path":"/spec/template/metadata/annotations/stationmaster.dev~1deployment","value":"t-1"}]`},
		{"an older mark", map[string]string{Annotation: "t-0"},
			`{"op":"test","path":"/spec/template/metadata/annotations/stationmaster.dev~1deployment","value":"t-0"},`,
			`{"op":"add","path":"/spec/template/metadata/annotations/stationmaster.dev~1deployment","value":"t-1"}]`},
	} {
		d.Spec.Template.Annotations = test.annotations
		var p patch
		p.testTemplate(d, at)
		p.setImage(d, at, "web:2", "t-1")
		got, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if want := tests + test.test + set + test.set; string(got) != want {
			t.Errorf("%s:\n%s, want\n%s", test.name, got, want)
		}
	}
	if got := pointer("a~b/c", "d"); got != "/a~0b~1c/d" {
		t.Errorf("pointer %s", got)
	}
}
