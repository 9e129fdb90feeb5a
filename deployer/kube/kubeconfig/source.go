// Package kubeconfig gives a client of a cluster what kubeconfig files say, as
// they are when a request is sent: tokens, certificates and addresses in them are
// renewed while a process runs.
//
// What a kubeconfig only names is client-go's to renew. It asks an exec plugin
// again when a token is over or refused, and reads a token file again after a minute,
// files of certificates after five. So it does for a process in a cluster, which
// has no kubeconfig.
package kubeconfig

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/stationmaster/stationmaster/deployer/spelling"
)

// A Source says where the configuration of a client is. The zero value is the
// cluster that this process runs in.
type Source struct {
	File    string // a kubeconfig; "" with a Context: kubectl's usual ones, which $KUBECONFIG lists
	Context string // in there; "" means its current one
}

// rules are client-go's for the files, or nil within a cluster.
func (s Source) rules() *clientcmd.ClientConfigLoadingRules {
	switch {
	case s == Source{}:
		return nil
	case s.File != "":
		return &clientcmd.ClientConfigLoadingRules{ExplicitPath: s.File}
	}
	return clientcmd.NewDefaultClientConfigLoadingRules()
}

// files are those that are merged; some of them may not exist.
func (s Source) files() []string {
	rules := s.rules()
	if rules == nil {
		return nil
	}
	return slices.DeleteFunc(rules.GetLoadingPrecedence(), func(f string) bool { return f == "" })
}

// load reads the files. Its error shows nothing that may be a secret.
func (s Source) load() (*rest.Config, error) {
	rules := s.rules()
	if rules == nil {
		return rest.InClusterConfig()
	}
	for _, file := range s.files() {
		if _, err := clientcmd.LoadFromFile(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, malformed(file, err)
		}
	}
	raw, err := rules.Load()
	if err != nil {
		return nil, fmt.Errorf("read its kubeconfig: %w", err)
	}
	if len(raw.Contexts) == 0 {
		return nil, fmt.Errorf("its kubeconfig %s says nothing of any cluster", strings.Join(s.files(), ", "))
	}
	if _, ok := raw.Contexts[s.Context]; s.Context != "" && !ok {
		return nil, fmt.Errorf("its kubeconfig has no context %s. %s", s.Context, suggest(s.Context, slices.Sorted(maps.Keys(raw.Contexts))))
	}
	if user := userOf(raw, s.Context); user != "" && raw.AuthInfos[user] == nil { // client-go would ask as nobody
		return nil, fmt.Errorf("its kubeconfig %s says nothing of the user %s", strings.Join(s.files(), ", "), user)
	}
	rc, err := clientcmd.NewNonInteractiveClientConfig(*raw, s.Context, nil, rules).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("its kubeconfig %s can't be used: %w", strings.Join(s.files(), ", "), err)
	}
	return rc, nil
}

// userOf is whom a context names, or "".
func userOf(raw *clientcmdapi.Config, name string) string {
	if at := raw.Contexts[cmp.Or(name, raw.CurrentContext)]; at != nil {
		return at.AuthInfo
	}
	return ""
}

// suggest says which context was probably meant, or which there are.
func suggest(typed string, names []string) string {
	if meant := spelling.Suggest(typed, names); meant != "" {
		return strings.TrimSuffix(meant, ".")
	}
	return "It has " + strings.Join(names, ", ")
}

var line = regexp.MustCompile(`\bline \d+`)

// malformed says that a file can't be read, or where it is wrong. The parser's own words
// may quote what stands there, such as a token.
func malformed(file string, err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("read its kubeconfig: %w", path)
	}
	if at := line.FindString(err.Error()); at != "" {
		return fmt.Errorf("read its kubeconfig: %s is none, see its %s", file, at)
	}
	return fmt.Errorf("read its kubeconfig: %s is none", file)
}
