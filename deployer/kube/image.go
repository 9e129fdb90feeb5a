package kube

import "strings"

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
