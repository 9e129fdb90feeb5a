package registry_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/stationmaster/stationmaster/deployer/registry"
	"github.com/stationmaster/stationmaster/deployer/registry/sim"
)

// pushIndex puts an image for two platforms under image:tag, and returns the digest of its
// index and those of its manifests.
func pushIndex(t *testing.T, image, tag string) (index string, manifests []string) {
	t.Helper()
	var idx v1.ImageIndex = empty.Index
	for _, arch := range []string{"amd64", "arm64"} {
		img, err := random.Image(64, 1)
		if err != nil {
			t.Fatal(err)
		}
		digest, err := img.Digest()
		if err != nil {
			t.Fatal(err)
		}
		manifests = append(manifests, digest.String())
		idx = mutate.AppendManifests(idx, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: arch}}})
	}
	ref, err := name.NewTag(image + ":" + tag)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(ref, idx); err != nil {
		t.Fatal(err)
	}
	digest, err := idx.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return digest.String(), manifests
}

// A tag of a multi-platform image is pinned to its index; what nodes pull of that is
// one of its manifests.
func TestManifestsOfAnIndex(t *testing.T) {
	t.Parallel()
	host := serve(t, sim.Handler())
	image := host + "/web"
	index, manifests := pushIndex(t, image, "v2")
	single := push(t, image, "v1", "1")
	r := at(host)
	pinned, err := r.Pin(t.Context(), image, "v2")
	if err != nil || pinned != image+":v2@"+index {
		t.Fatalf("pinned %q, %v", pinned, err)
	}
	for asked, want := range map[string][]string{
		pinned: manifests, image + "@" + index: manifests, image + ":v1@" + single: nil,
	} {
		if got, err := r.Manifests(t.Context(), asked); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v; want %q", asked, got, err, want)
		}
	}
	if got, err := at("other.example").Manifests(t.Context(), pinned); err == nil || got != nil || !strings.Contains(err.Error(), "does not stand under registries") {
		t.Errorf("of another registry: %q, %v", got, err)
	}
}

// A registry that answers badly, late, in part or with something else leaves it open,
// within its bounds, and shows no password.
func TestManifestsOfARegistryInTrouble(t *testing.T) {
	t.Parallel()
	const secret, digest = "hush-hush", "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	const indexType = "application/vnd.oci.image.index.v1+json"
	code := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, secret, code) }
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"unauthorized": {code(401), "HTTP 401"},
		"forbidden":    {code(403), "HTTP 403"},
		"not there":    {code(404), "HTTP 404"},
		"broken":       {code(501), "HTTP 501"},
		"cut": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `{"manifests":[`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, "unexpected EOF"},
		"another content": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", indexType)
			fmt.Fprint(w, `{"schemaVersion":2,"manifests":[]}`)
		}, "does not match"},
		"endless": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", indexType)
			for {
				if _, err := fmt.Fprint(w, strings.Repeat(" ", 1<<16)); err != nil {
					return
				}
			}
		}, "more than 4 MiB"},
		"slow": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "deadline exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v2/" {
					c.answer(w, r)
				}
			}))
			r := registry.New(registry.Config{Hosts: map[string]registry.Host{host: {Username: "bot", Password: always(secret), PlainHTTP: true}}})
			ctx, done := context.WithTimeout(t.Context(), time.Minute)
			if name == "slow" {
				ctx, done = context.WithTimeout(t.Context(), 100*time.Millisecond)
			}
			defer done()
			got, err := r.Manifests(ctx, host+"/web:v2@"+digest)
			if err == nil || got != nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), secret) {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
		})
	}
}
