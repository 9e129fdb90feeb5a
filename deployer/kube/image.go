package kube

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// version is what people call an image: its tag, or else the beginning of its
// digest.
func version(image string) string {
	if tag := tag(image); tag != "" {
		return tag
	}
	digest := digest(image)
	return digest[:min(len(digest), len("sha256:")+12)]
}

// A likeness is what the name of an image shows of another.
type likeness int

const (
	differs  likeness = iota
	mirrored          // the same path and tag behind another host or a mirror's project, and no digests to compare
	same
)

// likenessOf compares an image, as it stands in a pod or a template, with the wanted
// one. A digest is what counts: a cluster may put a mirror before the registry by an
// admission webhook, or write the digest behind a tag that was asked for without.
func likenessOf(image, wanted string) likeness {
	has, wants := digest(image), digest(wanted)
	switch {
	case image == wanted, has != "" && has == wants:
		return same
	case has != "" && wants != "" || wanted == "" || image == "":
		return differs
	case wants == "" && strings.HasPrefix(image, wanted+"@"):
		return same
	case tag(image) == tag(wanted) && mirrors(path(image), path(wanted)):
		return mirrored
	}
	return differs
}

// matchesImage reports whether an image may be the wanted one, going by its name.
func matchesImage(image, wanted string) bool { return likenessOf(image, wanted) != differs }

// mirrors reports whether a path may be a mirror's for another one: some put a
// project of their own before it.
func mirrors(path, of string) bool { return path == of || strings.HasSuffix(path, "/"+of) }

// path is the path of an image's repository, without the registry's host.
func path(image string) string {
	name, _, _ := strings.Cut(image, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name = name[:i]
	}
	host, rest, ok := strings.Cut(name, "/")
	switch {
	case !ok:
		return "library/" + name // of Docker Hub
	case strings.ContainsAny(host, ".:") || host == "localhost":
		return rest
	}
	return name
}

// tag is the tag of an image: latest where it names none, and "" where it names a
// digest alone.
func tag(image string) string {
	name, digest, _ := strings.Cut(image, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		return name[i+1:]
	}
	if digest != "" {
		return ""
	}
	return "latest" // what Kubernetes takes
}

// tellApart is the short name of an image that tells it from the other one: its
// version, or else all of it.
func tellApart(image, other string) string {
	if version(image) == version(other) {
		return image
	}
	return version(image)
}

// digest is the digest that an image, or the image id that a node gives, names
// its image by in the registry, or "". A bare digest as image id is not one: it
// is that of the image's configuration.
func digest(image string) string {
	_, digest, _ := strings.Cut(image, "@")
	return digest
}

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
	untold   bool   // it can't, since the registry does not say
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
		return provenance{untold: true, wrong: fmt.Sprintf("%s runs the image %s. Whether %s is for several platforms, and that one of them, can't be told: %v.", p.Name, pinned, wanted, err)}
	case listed:
		return provenance{}
	}
	return other
}

// wrong is what was found out of the first of the pods that does not run the wanted
// image, or nil.
func (c *content) wrong(pods []*corev1.Pod, container, wanted string) (provenance, *corev1.Pod) {
	for _, p := range pods {
		if found := c.of(p, container, wanted); found.wrong != "" {
			return found, p
		}
	}
	return provenance{}, nil
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
