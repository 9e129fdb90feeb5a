// Package sim is a container registry in memory, for the demo and for tests.
package sim

import (
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// An Account is whom a registry lets in. The zero value is anybody.
type Account struct{ Username, Password string }

// Handler answers as a registry that lets anybody in does, with no images in
// it yet.
func Handler() http.Handler { return Account{}.Handler() }

// Push is Account.Push for a registry that lets anybody in.
func Push(image, tag, build string) (digest string, err error) {
	return Account{}.Push(image, tag, build)
}

// Handler answers as a registry of one account does, with no images in it yet.
func (a Account) Handler() http.Handler {
	images := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if username, password, _ := r.BasicAuth(); a != (Account{}) && a != (Account{username, password}) {
			w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		images.ServeHTTP(w, r)
	})
}

// Push puts an image that says which build it is under image:tag, in the
// registry that image names, and returns its digest.
func (a Account) Push(image, tag, build string) (digest string, err error) {
	ref, err := name.NewTag(image + ":" + tag)
	if err != nil {
		return "", fmt.Errorf("push %s: %w", image, err)
	}
	img, err := mutate.Config(empty.Image, v1.Config{Labels: map[string]string{"build": build}})
	if err != nil {
		return "", fmt.Errorf("build %s: %w", ref, err)
	}
	if err := remote.Write(ref, img, a.option()); err != nil {
		return "", fmt.Errorf("push %s: %w", ref, err)
	}
	hash, err := img.Digest()
	if err != nil {
		return "", fmt.Errorf("push %s: %w", ref, err)
	}
	return hash.String(), nil
}

func (a Account) option() remote.Option {
	if a == (Account{}) {
		return remote.WithAuth(authn.Anonymous)
	}
	return remote.WithAuth(&authn.Basic{Username: a.Username, Password: a.Password})
}
