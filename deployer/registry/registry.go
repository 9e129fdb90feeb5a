// Package registry asks container registries what a tag means: the digest that
// is deployed instead of it, so that a tag that moves between approval and
// rollout changes nothing (samson 593, branch-deploy 315).
//
// A registry is asked by HTTPS only, unless its host says PlainHTTP, whatever
// its name or address is. What it may answer is bounded: see [tagsMax] and the
// limits beside it. Credentials go to the registry and to the token service
// that it names, and to nobody that a redirect or a link leads to.
package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
)

// timeout bounds each question.
const timeout = 8 * time.Second

// Config names the registries that are asked, by host and port. It connects
// nothing.
type Config struct{ Hosts map[string]Host }

// A Host is how one registry is asked. The zero value is by HTTPS, as anybody.
type Host struct {
	// Username and Password are for basic auth or for a token service; both are
	// empty where anybody may read. Password is read for each question, since it
	// may be good for some hours only; its error must not show it.
	Username string
	Password func() (deployer.Secret, error)
	// PlainHTTP also asks without TLS, where anybody on the way can read the
	// password and change what a tag means.
	PlainHTTP bool
}

// A Registry answers for the hosts of its config. It is safe for concurrent
// use.
type Registry struct {
	hosts map[string]Host
	wire  http.RoundTripper // below the guard of each question
}

// New makes a Registry. The hosts may be named as people do: docker.io is what
// images call index.docker.io.
func New(c Config) *Registry {
	r := &Registry{hosts: map[string]Host{}, wire: remote.DefaultTransport}
	for host, how := range c.Hosts {
		if known, err := name.NewRegistry(host); err == nil {
			host = known.RegistryStr()
		}
		r.hosts[host] = how
	}
	return r
}

// Names reports whether an image without a tag can be one.
func Names(image string) bool {
	_, err := name.NewRepository(image)
	return err == nil && !strings.Contains(image, "//") // the parser takes https: for a host
}

// Hosts reports whether a host, perhaps with a port, can be a registry's: without
// a scheme and a path.
func Hosts(host string) bool {
	_, err := name.NewRegistry(host)
	return err == nil
}

// Knows reports whether the registry of an image without a tag is one that is
// asked.
func (r *Registry) Knows(image string) bool {
	repo, err := name.NewRepository(image)
	if err != nil {
		return false
	}
	_, ok := r.hosts[repo.RegistryStr()]
	return ok
}

// repository is an image's, with how its registry is asked.
func (r *Registry) repository(image string) (name.Repository, Host, error) {
	repo, err := name.NewRepository(image)
	if err != nil {
		return repo, Host{}, err
	}
	how := r.hosts[repo.RegistryStr()]
	if how.PlainHTTP {
		repo, err = name.NewRepository(image, name.Insecure)
	}
	return repo, how, err
}

// Pin returns image:tag@digest for a tag of an image. A tag that does not
// exist, a registry that does not let us in, or one that knows no HTTPS, is a
// *deployer.Refusal; a registry that does not answer is a plain error.
func (r *Registry) Pin(ctx context.Context, image, tag string) (string, error) {
	repo, how, err := r.repository(image)
	if err == nil {
		_, err = name.NewTag(image + ":" + tag)
	}
	if err != nil {
		return "", deployer.Refuse("Use the tag as the registry lists it.", "%q is not a tag.", tag)
	}
	ref := repo.Tag(tag)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	options, err := r.options(ctx, repo, how)
	if err != nil {
		return "", err
	}
	desc, err := remote.Head(ref, options...)
	if err != nil {
		return "", r.explain(ctx, ref, err)
	}
	return image + ":" + tag + "@" + desc.Digest.String(), nil
}

// Tags lists the tags of an image, in the registry's order. More of them than
// tagsMax is an error, for the newest may be among those that were not read.
func (r *Registry) Tags(ctx context.Context, image string) ([]string, error) {
	repo, how, err := r.repository(image)
	if err != nil {
		return nil, fmt.Errorf("list tags: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	options, err := r.options(ctx, repo, how)
	if err != nil {
		return nil, err
	}
	tags, err := list(ctx, repo, options)
	if err != nil {
		return nil, fmt.Errorf("list tags of %s: %w", image, withoutAddresses(err))
	}
	return tags, nil
}

// list reads one page after the other.
func list(ctx context.Context, repo name.Repository, options []remote.Option) ([]string, error) {
	puller, err := remote.NewPuller(options...)
	if err != nil {
		return nil, err
	}
	pages, err := puller.Lister(ctx, repo)
	if err != nil {
		return nil, err
	}
	var tags []string
	for pages.HasNext() {
		page, err := pages.Next(ctx)
		if err != nil {
			return nil, err
		}
		if tags = append(tags, page.Tags...); len(tags) > tagsMax {
			return nil, fmt.Errorf("it has more than %d tags", tagsMax)
		}
	}
	return tags, nil
}

// options are those of one question, with the password as it is now.
func (r *Registry) options(ctx context.Context, repo name.Repository, how Host) ([]remote.Option, error) {
	auth := authn.Anonymous
	if how.Username != "" {
		basic := &authn.Basic{Username: how.Username}
		if how.Password != nil {
			password, err := how.Password()
			if err != nil {
				return nil, fmt.Errorf("read the password for %s: %w", repo.RegistryStr(), err)
			}
			basic.Password = string(password)
		}
		auth = basic
	}
	g := &guard{registry: repo.RegistryStr(), plain: how.PlainHTTP, wire: r.wire}
	return []remote.Option{remote.WithContext(ctx), remote.WithAuth(auth), remote.WithTransport(g)}, nil
}

// explain turns the registry's answer into words.
func (r *Registry) explain(ctx context.Context, ref name.Tag, err error) error {
	if errors.Is(err, http.ErrSchemeMismatch) && !r.hosts[ref.RegistryStr()].PlainHTTP {
		return deployer.Refuse("Use its HTTPS address, or write plain_http: true beside it under registries in the config: then anybody on the way can change what a tag means.",
			"The registry %s answers plain HTTP, not HTTPS.", ref.RegistryStr())
	}
	var answer *transport.Error
	if !errors.As(err, &answer) {
		return fmt.Errorf("ask %s for %s: %w", ref.RegistryStr(), ref.TagStr(), withoutAddresses(err))
	}
	image := ref.Repository.Name()
	switch answer.StatusCode {
	case http.StatusNotFound:
		tags, err := r.Tags(ctx, image)
		if err != nil || len(tags) == 0 {
			return deployer.Refuse("Check the service's image in the config, and whether the build has pushed it.", "%s has no tag %s.", image, ref.TagStr())
		}
		return deployer.Refuse(suggestOrList(ref.TagStr(), tags), "%s has no tag %s.", image, ref.TagStr())
	case http.StatusUnauthorized, http.StatusForbidden:
		return deployer.Refuse("Check its credentials under registries in the config.", "%s does not let us read %s (HTTP %d).", ref.RegistryStr(), image, answer.StatusCode)
	}
	return fmt.Errorf("ask %s for %s: HTTP %d", ref.RegistryStr(), ref.TagStr(), answer.StatusCode)
}

// suggestOrList names the tag that was probably meant, or the last few.
func suggestOrList(tag string, tags []string) string {
	if meant := spelling.Suggest(tag, tags); meant != "" {
		return meant
	}
	return "There are for example: " + strings.Join(tags[max(0, len(tags)-5):], ", ") + "."
}

// withoutAddresses drops what an error of the HTTP client says about addresses with
// credentials in them.
func withoutAddresses(err error) error {
	var answer *transport.Error
	if errors.As(err, &answer) {
		return fmt.Errorf("HTTP %d", answer.StatusCode)
	}
	return err
}
