package kube

import "strings"

// version is what people call an image: its tag, or else the beginning of its
// digest.
func version(image string) string {
	name, digest, _ := strings.Cut(image, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		return name[i+1:]
	}
	if digest == "" {
		return "latest" // what Kubernetes takes
	}
	return digest[:min(len(digest), len("sha256:")+12)]
}

// matchesImage reports whether an image is the wanted one. A cluster that pins tags, by
// an admission webhook, writes the digest behind a tag that was asked for
// without.
func matchesImage(image, wanted string) bool {
	return image == wanted || wanted != "" && digest(wanted) == "" && strings.HasPrefix(image, wanted+"@")
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
