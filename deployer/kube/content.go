package kube

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// askAgain is how long after an answer that did not come a registry is asked again.
const askAgain = 10 * time.Second

// A content tells whether a container of pods runs the wanted image, whatever that
// is called there. The zero value has no registry to ask.
//
// What is pinned in a pod by the digest was pulled by it, whatever the node reports:
// of an index for several platforms, that is the manifest of its own. Elsewhere the
// digest that the node reports is held against the wanted one, and against those of
// the manifests that this lists.
type content struct {
	manifests func(image string) ([]string, error) // what an index lists; nil: nothing

	listed []string
	err    error     // why the registry has not said it
	asked  time.Time // when; zero: never
}

// A provenance is what was found out of one pod; the zero value is all well.
type provenance struct {
	wrong    string // which image it runs instead, or why that can't be told
	unproven string // the image it runs, where nothing but its name shows that it is the wanted one
}

// of looks at the container of a pod.
func (c *content) of(p *corev1.Pod, container, wanted string) provenance {
	image, got := runs(p, container)
	named, pinned, want := likenessOf(image, wanted), digest(image), digest(wanted)
	other := provenance{wrong: fmt.Sprintf("%s runs %s, not %s.", p.Name, tellApart(image, wanted), tellApart(wanted, image))}
	switch {
	case named == same, pinned == "" && want != "" && got == want:
		return provenance{}
	case named == mirrored && (want == "" || got == ""):
		return provenance{unproven: image}
	case want == "" || pinned == "" && got == "":
		return other
	case pinned == "":
		pinned = got
		if named == mirrored {
			other.wrong = fmt.Sprintf("%s runs the image %s, not %s.", p.Name, got, want)
		}
	}
	listed, err := c.lists(wanted, pinned)
	switch {
	case err != nil:
		return provenance{wrong: fmt.Sprintf("%s runs the image %s. Whether %s is for several platforms, and that one of them, can't be told: %v.", p.Name, pinned, wanted, err)}
	case listed:
		return provenance{}
	}
	return other
}

// runs is the image of a container as the pod wants it, and the digest by which its
// node has it, or "".
func runs(p *corev1.Pod, container string) (image, got string) {
	for _, c := range p.Spec.Containers {
		if c.Name == container {
			image = c.Image
		}
	}
	for _, c := range p.Status.ContainerStatuses {
		if c.Name == container {
			got = digest(c.ImageID)
		}
	}
	return image, got
}

// lists reports whether the wanted image is an index that lists a manifest. The
// registry is asked once, and again where it has not answered.
func (c *content) lists(wanted, manifest string) (bool, error) {
	if c.manifests == nil {
		return false, nil
	}
	if c.asked.IsZero() || c.err != nil && time.Since(c.asked) >= askAgain {
		c.listed, c.err = c.manifests(wanted)
		c.asked = time.Now()
	}
	return slices.Contains(c.listed, manifest), c.err
}

// caveat says, behind an outcome, that nothing shows what the pods run, or "".
func (c *content) caveat(pods []*corev1.Pod, container, wanted string) string {
	for _, p := range pods {
		if image := c.of(p, container, wanted).unproven; image != "" {
			return "; they run " + image + ", and no digest shows that it is the same image"
		}
	}
	return ""
}
