package registry

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Manifests lists the digests of the manifests that an image with a digest, NAME@DIGEST
// or NAME:TAG@DIGEST, stands for: those of an index for several platforms. An image
// for one has none. A registry that is not one of the config's is not asked, which
// is an error.
func (r *Registry) Manifests(ctx context.Context, image string) ([]string, error) {
	named, digest, _ := strings.Cut(image, "@")
	if tagged, err := name.NewTag(named); err == nil {
		named = tagged.Repository.Name()
	}
	if !r.Knows(named) {
		return nil, fmt.Errorf("the registry of %s does not stand under registries in the config", named)
	}
	repo, how, err := r.repository(named)
	if err != nil {
		return nil, fmt.Errorf("list the manifests of %s: %w", image, err)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	options, err := r.options(ctx, repo, how)
	if err != nil {
		return nil, err
	}
	desc, err := remote.Get(repo.Digest(digest), options...) // which proves the digest
	if err != nil {
		return nil, fmt.Errorf("ask %s for %s: %w", repo.RegistryStr(), digest, withoutAddresses(err))
	}
	if !desc.MediaType.IsIndex() {
		return nil, nil
	}
	index, err := v1.ParseIndexManifest(bytes.NewReader(desc.Manifest))
	if err != nil {
		return nil, fmt.Errorf("read the index %s of %s: %w", digest, repo.Name(), err)
	}
	manifests := make([]string, 0, len(index.Manifests))
	for _, m := range index.Manifests {
		manifests = append(manifests, m.Digest.String())
	}
	return manifests, nil
}
