package podtemplate

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Keeps says, in sentences, which other containers run an image of the container's
// repository, and go on doing so when a rollout changes that of the container: only
// those of [Own] go with it.
func Keeps(t corev1.PodTemplateSpec, container string) []string {
	image := ""
	for _, c := range t.Spec.Containers {
		if c.Name == container {
			image = c.Image
		}
	}
	var out []string
	keeps := func(what string, c corev1.Container) {
		switch {
		case image == "" || repository(c.Image) != repository(image):
		case c.Image == image:
			out = append(out, fmt.Sprintf("%s %s runs %s too, and keeps it.", what, c.Name, short(c.Image)))
		default:
			out = append(out, fmt.Sprintf("%s %s runs %s, another version of the same image, and keeps it.", what, c.Name, short(c.Image)))
		}
	}
	own := Own(t, container)
	for i, c := range t.Spec.InitContainers {
		what := "Init container"
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			what = "Sidecar"
		}
		if !slices.Contains(own, i) {
			keeps(what, c)
		}
	}
	for _, c := range t.Spec.Containers {
		if c.Name != container {
			keeps("Container", c)
		}
	}
	return out
}

// repository is an image without its tag and its digest.
func repository(image string) string {
	name, _, _ := strings.Cut(image, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name = name[:i]
	}
	return name
}

// digestLen is how much of a digest people see, in characters.
const digestLen = len("sha256:") + 12

// short is an image as people read it: the last of its repository's path, with the
// tag, or else the beginning of the digest.
func short(image string) string {
	name, digest, pinned := strings.Cut(image, "@")
	base := name[strings.LastIndexByte(name, '/')+1:]
	if pinned && !strings.Contains(base, ":") {
		return base + "@" + digest[:min(len(digest), digestLen)]
	}
	return base
}
