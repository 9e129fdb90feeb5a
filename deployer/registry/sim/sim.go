// Package sim is a container registry in memory, for the demo and for tests.
package sim

import (
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Handler answers as a registry does, with no images in it yet.
func Handler() http.Handler { return registry.New(registry.Logger(log.New(io.Discard, "", 0))) }

// Push puts an image that says which build it is under image:tag, in the
// registry that image names, and returns its digest.
func Push(image, tag, build string) (digest string, err error) {
	ref, err := name.NewTag(image + ":" + tag)
	if err != nil {
		return "", fmt.Errorf("push %s: %w", image, err)
	}
	img, err := mutate.Config(empty.Image, v1.Config{Labels: map[string]string{"build": build}})
	if err != nil {
		return "", fmt.Errorf("build %s: %w", ref, err)
	}
	if err := remote.Write(ref, img); err != nil {
		return "", fmt.Errorf("push %s: %w", ref, err)
	}
	hash, err := img.Digest()
	if err != nil {
		return "", fmt.Errorf("push %s: %w", ref, err)
	}
	return hash.String(), nil
}
