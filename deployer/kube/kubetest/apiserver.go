package kubetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

const (
	apiServer   = "kube-apiserver"
	controllers = "kube-controller-manager"
	nodes       = "kwok"
)

// StopAPIServer kills the API server as kill -9 does. Everything else goes on, with nobody to talk to.
func (c *Cluster) StopAPIServer(t testing.TB) {
	t.Helper()
	c.stop(apiServer)
}

// StartAPIServer starts the API server, on the same port and with the same data, and returns when it is ready.
func (c *Cluster) StartAPIServer(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	if err := c.startAPIServer(ctx); err != nil {
		t.Fatalf("start the API server again: %v", err)
	}
}

// StopControllers kills the controller-manager: what there is stays so, and what is changed is taken up by nobody.
func (c *Cluster) StopControllers(t testing.TB) {
	t.Helper()
	c.stop(controllers)
}

// StartControllers starts the controller-manager again. It takes up what was changed meanwhile.
func (c *Cluster) StartControllers(t testing.TB) {
	t.Helper()
	if err := c.start(controllers, c.controllerManagerArgs()...); err != nil {
		t.Fatalf("start the controllers again: %v", err)
	}
}

// StopNodes kills what plays the nodes: no pod changes any more.
func (c *Cluster) StopNodes(t testing.TB) {
	t.Helper()
	c.stop(nodes)
}

// Compact throws away every version of every object but the present one: a watch or a list that goes on from
// an earlier resource version gets 410 Expired. The API server would answer for some time from its own
// memory, so it is restarted, and every watch breaks.
func (c *Cluster) Compact(t testing.TB) {
	t.Helper()
	c.StopAPIServer(t)
	if err := c.compact(t.Context()); err != nil {
		t.Fatalf("compact etcd: %v", err)
	}
	c.StartAPIServer(t)
}

// stop kills the part of that name, if it runs.
func (c *Cluster) stop(name string) {
	c.mu.Lock()
	p := c.parts[name]
	delete(c.parts, name) // its end is no failure
	c.mu.Unlock()
	if p != nil {
		p.kill()
	}
}

func (c *Cluster) startAPIServer(ctx context.Context) error {
	if err := c.start(apiServer, c.apiServerArgs()...); err != nil {
		return err
	}
	// A client of its own: the shared one's connections are to the API server that was.
	client, err := kubernetes.NewForConfig(c.config)
	if err != nil {
		return err
	}
	for {
		problem := ready(ctx, client)
		if problem == nil {
			return nil
		}
		select {
		case <-c.part(apiServer).exited:
			return fmt.Errorf("%s has ended:\n%s", apiServer, c.part(apiServer).tail(20))
		case <-ctx.Done():
			return fmt.Errorf("wait until %s is ready: %w", apiServer, problem)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// ready returns nil when the API server serves and has made its own namespaces.
func ready(ctx context.Context, client kubernetes.Interface) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if _, err := client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx); err != nil {
		return err
	}
	for _, namespace := range []string{metav1.NamespaceSystem, metav1.NamespaceDefault} {
		if _, err := client.CoreV1().Namespaces().Get(ctx, namespace, metav1.GetOptions{}); err != nil {
			return err
		}
	}
	return nil
}

// compact asks etcd for its revision and drops what is older, by etcd's JSON gateway.
func (c *Cluster) compact(ctx context.Context) error {
	var status struct {
		Header struct {
			Revision json.Number `json:"revision"`
		} `json:"header"`
	}
	if err := c.callEtcd(ctx, "/v3/maintenance/status", map[string]any{}, &status); err != nil {
		return err
	}
	if status.Header.Revision == "" {
		return errors.New("etcd told no revision")
	}
	var nothing struct{}
	return c.callEtcd(ctx, "/v3/kv/compaction",
		map[string]any{"revision": status.Header.Revision, "physical": true}, &nothing)
}

func (c *Cluster) callEtcd(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.etcdURL()+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s", path, response.Status, answer)
	}
	return json.Unmarshal(answer, out)
}
