// Package podtemplate tells whether a pod template is still the one that was
// approved, and in what it differs. What a rollout changes itself, the image of
// its container, is left out, and so is what changes nothing that runs.
package podtemplate

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// restarted is what kubectl rollout restart writes. The same pods are made anew by
// it, as they are by every eviction, so that it voids no approval.
const restarted = "kubectl.kubernetes.io/restartedAt"

// How many bytes of a hash are kept: of the whole, which decides whether it is the
// same, and of a part, which only says where it is not.
const (
	wholeLen = 12
	partLen  = 3
)

// Fingerprint is the same for templates that differ at most in what a rollout of
// the container changes, in annotations with those keys, and in when somebody
// restarted the pods. It is a hash, then a short one for each part by its name in
// words: HASH;environment of app=HASH;volumes=HASH. A later release of the types,
// which knows more fields, may find another one: then an approval that waits is
// asked for again.
func Fingerprint(t corev1.PodTemplateSpec, container string, ignored ...string) string {
	t = *t.DeepCopy()
	for _, i := range Own(t, container) {
		t.Spec.InitContainers[i].Image = "=" // no image is called so
	}
	for i := range t.Spec.Containers {
		if t.Spec.Containers[i].Name == container {
			t.Spec.Containers[i].Image = ""
		}
	}
	for _, key := range append(ignored, restarted) {
		delete(t.Annotations, key)
	}
	delete(t.Labels, appsv1.DefaultDeploymentUniqueLabelKey)

	out := []string{hash(canonical(t), wholeLen)}
	parts := partsOf(t)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		out = append(out, name+"="+hash(parts[name], partLen))
	}
	return strings.Join(out, ";")
}

// Own are the indices of the init containers that run the very image of the
// container, such as one that migrates its database: a rollout changes theirs too.
func Own(t corev1.PodTemplateSpec, container string) []int {
	image := ""
	for _, c := range t.Spec.Containers {
		if c.Name == container {
			image = c.Image
		}
	}
	var own []int
	for i, c := range t.Spec.InitContainers {
		if image != "" && c.Image == image {
			own = append(own, i)
		}
	}
	return own
}

// canonical is JSON with the keys of maps in order, as encoding/json writes it.
func canonical(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("podtemplate: %T can't be written as JSON: %v", v, err))
	}
	return b
}

func hash(b []byte, n int) string {
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:n])
}
