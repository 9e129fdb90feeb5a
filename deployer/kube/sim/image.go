package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// splitImage takes "host:5000/repo:tag@sha256:…" apart. Tag and digest may be
// empty.
func splitImage(image string) (repo, tag, digest string) {
	repo, digest, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(repo, ':'); i > strings.LastIndexByte(repo, '/') {
		repo, tag = repo[:i], repo[i+1:]
	}
	return repo, tag, digest
}

func tagOf(image string) string {
	_, tag, _ := splitImage(image)
	return tag
}

// imageID is how a node reports the image that it runs: by digest, whatever
// the pod's spec said.
func (c *Cluster) imageID(image string) string {
	repo, _, digest := splitImage(image)
	if c.cfg.Digests != nil {
		if d := c.cfg.Digests(image); d != "" {
			digest = d
		}
	}
	if digest == "" {
		sum := sha256.Sum256([]byte(image))
		digest = "sha256:" + hex.EncodeToString(sum[:])
	}
	return repo + "@" + digest
}
