package kubetest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// startTimeout bounds each wait for a part; on a busy machine with two cores the slowest takes about ten seconds.
const startTimeout = 90 * time.Second

// Cluster is a running control plane on loopback ports of this machine. Its methods may be called by several
// tests at once, except for those that stop the API server, which all of them would notice.
type Cluster struct {
	dir     string
	binary  string
	context string // of the kubeconfig
	ports   ports
	tls     certificate
	token   string // of the administrator
	config  *rest.Config
	client  kubernetes.Interface
	nodes   int // made so far

	mu       sync.Mutex // guards parts
	parts    map[string]*process
	lifeline *os.File // the parts read it; see start
	life     *os.File // while it is open the parts live
}

type options struct {
	nodes   int
	context string
}

// An Option changes how a cluster is started.
type Option func(*options)

// WithNodes starts the cluster with n nodes instead of 2.
func WithNodes(n int) Option { return func(o *options) { o.nodes = n } }

// WithContext gives the kubeconfig's one context, cluster and user another name than "kubetest".
func WithContext(name string) Option { return func(o *options) { o.context = name } }

// Start starts a control plane for this test alone and ends it with the test. It skips the test where
// nobody asks for the slow ones (see the package's comment), builds the control plane where it is not built yet,
// and fails the test where it does not start or a part of it ends by itself.
func Start(t testing.TB, opts ...Option) *Cluster {
	t.Helper()
	supported(t)
	path := binary(t)
	dir := t.TempDir()
	c, err := launch(path, dir, opts)
	if c != nil {
		t.Cleanup(func() {
			c.report(t)
			c.close()
		})
	}
	if err != nil {
		t.Fatalf("start the control plane: %v", err)
	}
	return c
}

// launch returns a cluster also with an error, for its logs, once a part of it runs.
func launch(binary, dir string, opts []Option) (*Cluster, error) {
	o := options{nodes: 2, context: "kubetest"}
	for _, opt := range opts {
		opt(&o)
	}
	c := &Cluster{dir: dir, binary: binary, context: o.context, parts: map[string]*process{}}
	if err := c.prepare(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	if err := c.startAll(ctx); err != nil {
		return c, err
	}
	return c, c.addNodes(ctx, o.nodes)
}

// prepare does all that needs no running part.
func (c *Cluster) prepare() (err error) {
	if c.ports, err = freePorts(); err != nil {
		return fmt.Errorf("find free ports: %w", err)
	}
	if c.tls, err = writeCertificate(c.dir); err != nil {
		return fmt.Errorf("make a certificate: %w", err)
	}
	if err = c.writeAdmin(); err != nil {
		return fmt.Errorf("make the administrator: %w", err)
	}
	c.lifeline, c.life, err = os.Pipe()
	return err
}

func (c *Cluster) startAll(ctx context.Context) error {
	stages, err := writeStages(c.dir)
	if err != nil {
		return fmt.Errorf("write kwok's stages: %w", err)
	}
	if err := c.start("etcd", c.etcdArgs()...); err != nil {
		return err
	}
	if err := c.startAPIServer(ctx); err != nil {
		return err
	}
	if err := c.start(controllers, c.controllerManagerArgs()...); err != nil {
		return err
	}
	if err := c.start("kube-scheduler", c.schedulerArgs()...); err != nil {
		return err
	}
	return c.start(nodes, c.kwokArgs(stages)...)
}

func (c *Cluster) start(name string, args ...string) error {
	p, err := start(c.binary, c.dir, name, c.lifeline, args...)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.parts[name] = p
	return nil
}

// part returns the part of that name, or nil.
func (c *Cluster) part(name string) *process {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.parts[name]
}

// report fails the test if a part ended by itself, and prints the tails of all logs if the test failed.
func (c *Cluster) report(t testing.TB) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, p := range c.parts {
		if !p.running() {
			t.Errorf("%s has ended by itself", name)
		}
	}
	if !t.Failed() {
		return
	}
	for name, p := range c.parts {
		t.Logf("the end of %s.log:\n%s", name, p.tail(20))
	}
}

// close kills every part and waits until all have ended. Their data goes with the folder.
func (c *Cluster) close() {
	_ = c.life.Close()
	_ = c.lifeline.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.parts {
		p.kill()
	}
}

// Client returns an administrator's client. It has no rate limit.
func (c *Cluster) Client() kubernetes.Interface { return c.client }

// Config returns a copy of the administrator's configuration, for clients of other kinds.
func (c *Cluster) Config() *rest.Config { return rest.CopyConfig(c.config) }
