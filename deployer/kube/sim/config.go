package sim

import (
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
)

// Config describes a cluster. Its zero value is one that works. The functions
// are called with the cluster's lock held: they must be quick and must not call
// the Cluster.
type Config struct {
	// Name names the cluster, user and context in the kubeconfig; "sim" when empty.
	Name string

	// UID is the UID of namespace kube-system, which identifies a cluster;
	// random when empty.
	UID string

	// Token is what every client must bear; empty lets everybody in. Clients
	// bear it to a server with TLS alone.
	Token string

	// Authority is the certificate, in PEM, that clients trust for the server;
	// empty: those that they trust anyhow.
	Authority []byte

	// Namespaces exist from the start, besides default and kube-system.
	Namespaces []string

	// Speed divides every delay of the simulation, the spec's minReadySeconds
	// and progressDeadlineSeconds included: at 100, ten minutes pass in six
	// seconds. Timestamps stay wall-clock time. 0 means 1.
	Speed float64

	// History is how many changes of each resource a watch can go back, at
	// least; older resource versions have expired (410). 0 means 1000.
	History int

	// Behave says how a container with this image fares; [ByTag] when nil.
	Behave func(image string) Behaviour

	// Digests says what digest ("sha256:…") a node finds when it pulls this
	// image. When it is nil or answers "", the digest is the one in the
	// reference itself, or else one made from the reference.
	Digests func(image string) string

	// Allow decides whether the one user of this cluster may do something, for
	// requests and access reviews alike; nil allows everything.
	Allow func(authorizationv1.ResourceAttributes) bool
}

// How long the control plane and the nodes take for things that depend on no
// image, before Speed.
const (
	syncDelay     = 10 * time.Millisecond // from a change to the controller's look at it
	scheduleDelay = 50 * time.Millisecond
	createDelay   = 250 * time.Millisecond // sandbox and network of a pod
	restartDelay  = 1 * time.Second        // the kubelet's sync of a container that ended
	firstBackoff  = 10 * time.Second
	backoffMax    = 5 * time.Minute
	probePeriod   = 10 * time.Second
	bookmarkEvery = time.Minute
	eventLifetime = time.Hour
)

func (c Config) withDefaults() Config {
	if c.Name == "" {
		c.Name = "sim"
	}
	if c.Speed <= 0 {
		c.Speed = 1
	}
	if c.History <= 0 {
		c.History = 1000
	}
	if c.Behave == nil {
		c.Behave = ByTag
	}
	if c.Allow == nil {
		c.Allow = func(authorizationv1.ResourceAttributes) bool { return true }
	}
	return c
}

// scale turns a simulated duration into a real one.
func (c Config) scale(d time.Duration) time.Duration {
	return time.Duration(float64(d) / c.Speed)
}
