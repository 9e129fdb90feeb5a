package kube

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

func TestLikenessOfImages(t *testing.T) {
	t.Parallel()
	const pinned = "registry.example/team/web:2@" + sumA
	for _, test := range []struct {
		image, wanted string
		want          likeness
	}{
		{pinned, pinned, same},
		{"mirror.example:5000/x/y:9@" + sumA, pinned, same},
		{"registry.example/team/web@" + sumA, pinned, same},
		{"registry.example/team/web:2@" + sumB, pinned, differs},
		{"registry.example/team/web:2", pinned, mirrored},
		{"mirror.example:5000/team/web:2", pinned, mirrored},
		{"mirror.example/cache/team/web:2", pinned, mirrored},
		{"mirror.example/cache-team/web:2", pinned, differs},
		{"mirror.example/team/web:3", pinned, differs},
		{"mirror.example/other/web:2", pinned, differs},
		{"mirror.example/team/web", pinned, differs},
		{"", pinned, differs},
		{pinned, "", differs},
		{pinned, "registry.example/team/web:2", same},
		{"mirror.example/team/web:2@" + sumB, "registry.example/team/web:2", mirrored},
		{"mirror.example/team/web:2", "registry.example/team/web:2", mirrored},
		{"registry.example/team/web:20", "registry.example/team/web:2", differs},
		{"registry.example/team/web:2", "registry.example/team/web:20", differs},
		{"mirror.example/library/nginx", "nginx:latest", mirrored},
		{"mirror.example/library/nginx:1", "docker.io/library/nginx:1", mirrored},
		{"localhost/web:1", "web:1", differs},
		{"mirror.example/web:1", "mirror.example/web@" + sumA, differs},
	} {
		if got := likenessOf(test.image, test.wanted); got != test.want {
			t.Errorf("%s for %s: %d, want %d", test.image, test.wanted, got, test.want)
		}
	}
}

func TestContentIsProvenByDigests(t *testing.T) {
	t.Parallel()
	const tagged, pinned, sumC = "r.example/web:2", "r.example/web:2@" + sumA, "sha256:c"
	for _, test := range []struct {
		name, image, node, wanted string
		lists                     []string // nil: the registry does not answer
		want                      provenance
	}{
		{"pinned, and the node says the platform's", pinned, "r.example/web@" + sumB, pinned, nil, provenance{}},
		{"pinned in a mirror", "m.example/x:9@" + sumA, "m.example/x@" + sumB, pinned, nil, provenance{}},
		{"the same digest from anywhere", "m.example/anything:9", "m.example/anything@" + sumA, pinned, nil, provenance{}},
		{"a manifest of the index", "m.example/web:2", "m.example/web@" + sumB, pinned, []string{sumC, sumB}, provenance{}},
		{"a manifest of the index by another name", "m.example/x:9", "m.example/x@" + sumB, pinned, []string{sumB}, provenance{}},
		{"pinned by a manifest of the index", "r.example/web:2@" + sumB, "r.example/web@" + sumB, pinned, []string{sumB}, provenance{}},
		{"another digest", "m.example/web:2", "m.example/web@" + sumB, pinned, []string{sumC}, provenance{wrong: "a runs the image " + sumB + ", not " + sumA + "."}},
		{"pinned by another digest", "r.example/web:3@" + sumB, "r.example/web@" + sumB, pinned, []string{sumC}, provenance{wrong: "a runs 3, not 2."}},
		{"another name and digest", "m.example/x:9", "m.example/x@" + sumB, pinned, []string{}, provenance{wrong: "a runs 9, not 2."}},
		{"another name without a digest", "m.example/x:9", sumA, pinned, nil, provenance{wrong: "a runs 9, not 2."}},
		{"a mirror without a digest", "m.example/web:2", sumB, pinned, nil, provenance{unproven: "m.example/web:2"}},
		{"nothing is pinned", tagged, "r.example/web@" + sumB, tagged, nil, provenance{}},
		{"the cluster pins", pinned, "r.example/web@" + sumB, tagged, nil, provenance{}},
		{"a mirror where nothing is pinned", "m.example/web:2", "m.example/web@" + sumB, tagged, nil, provenance{unproven: "m.example/web:2"}},
		{"another tag where nothing is pinned", "r.example/web:3", "r.example/web@" + sumB, tagged, nil, provenance{wrong: "a runs 3, not 2."}},
		{"it can't be told", "m.example/web:2", "m.example/web@" + sumB, pinned, nil, provenance{untold: true, wrong: "a runs the image " + sumB +
			". Whether " + pinned + " is for several platforms, and that one of them, can't be told: HTTP 500."}},
	} {
		p := podOf(&appsv1.ReplicaSet{}, "a", corev1.ContainerStatus{Name: "app", ImageID: test.node})
		p.Spec.Containers = []corev1.Container{{Name: "other", Image: "x"}, {Name: "app", Image: test.image}}
		c := content{manifests: func(image string) ([]string, error) {
			if image != test.wanted || test.lists == nil {
				return nil, errors.New("HTTP 500")
			}
			return test.lists, nil
		}}
		if got := c.of(p, "app", test.wanted); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

// A registry is asked once for what an index lists, and again after a while where it
// has not answered: the pods are no wrong ones for that.
func TestVerifyAsksAgainWhatAnIndexLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		v := healthyView(began.Add(-time.Hour))
		for _, p := range v.pods {
			p.Spec.Containers[0].Image, p.Status.ContainerStatuses[0].ImageID = "m.example/library/web:2", "m.example/web@"+sumB
		}
		asked, answers := 0, false
		j := verifier(began)
		j.content.manifests = func(string) ([]string, error) {
			asked++
			if !answers {
				return nil, errors.New("ask r.example: HTTP 500")
			}
			return []string{sumB}, nil
		}
		for range 3 {
			got := j.judge(v, time.Now())
			if got.done || !strings.Contains(got.progress.Note, "can't be told: ask r.example: HTTP 500") || !got.recheckAt.Equal(began.Add(askAgain)) {
				t.Errorf("%+v", got)
			}
		}
		if asked != 1 {
			t.Errorf("it was asked %d times", asked)
		}
		answers = true
		time.Sleep(askAgain)
		if got := j.judge(v, time.Now()); got.done || !got.recheckAt.Equal(began.Add(j.steady)) {
			t.Errorf("%+v", got)
		}
		time.Sleep(j.steady)
		if got := j.judge(v, time.Now()); !got.done || got.outcome.Why != "2 pods, healthy for 1m" || asked != 2 {
			t.Errorf("asked %d times: %+v", asked, got)
		}
	})
}

// A registry that is away says nothing of the pods: they have not failed for that.
func TestVerifyDoesNotFailForARegistryThatIsAway(t *testing.T) {
	t.Parallel()
	v := healthyView(noon.Add(-time.Hour))
	for _, p := range v.pods {
		p.Spec.Containers[0].Image, p.Status.ContainerStatuses[0].ImageID = "m.example/library/web:2", "m.example/web@"+sumB
	}
	j := verifier(noon)
	j.in.Deadline = noon.Add(time.Hour)
	j.content.manifests = func(string) ([]string, error) { return nil, errors.New("ask r.example: HTTP 500") }
	got := j.judge(v, noon.Add(time.Hour))
	if got.outcome.Result != deployer.Interrupted || !strings.HasPrefix(got.outcome.Why, "It could not be verified in time. a runs the image "+sumB) {
		t.Errorf("%+v", got.outcome)
	}
	v.pods = v.pods[:1] // which is another matter
	v.pods[0].Spec.Containers[0].Image = "web:2@" + sumA
	if got := j.judge(v, noon.Add(time.Hour)); got.outcome.Result != deployer.Failed {
		t.Errorf("a pod is missing: %+v", got.outcome)
	}
}
