package sim

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// A Cluster is one simulated cluster. Its methods may be called from any
// goroutine.
type Cluster struct {
	cfg   Config
	mu    sync.Mutex // guards the store and all that works on it
	store *store
	queue *queue
	api   *apiServer
}

// New starts a cluster. It runs until Close.
func New(cfg Config) *Cluster {
	c := &Cluster{cfg: cfg.withDefaults()}
	c.store = newStore(c.cfg.History)
	c.queue = newQueue(c.cfg, &c.mu)
	events := newRecorder(c.cfg, c.store)
	k := newKubelet(c.cfg, c.store, c.queue, events)
	c.store.changed = newControllers(c.cfg, c.store, c.queue, events, k).changed
	c.api = &apiServer{mu: &c.mu, cfg: c.cfg, done: c.queue.done, store: c.store, kubelet: k}
	c.mu.Lock()
	c.bootstrap()
	c.mu.Unlock()
	go c.queue.run()
	return c
}

// bootstrap makes what every cluster has.
func (c *Cluster) bootstrap() {
	for _, name := range append([]string{"default", "kube-system"}, c.cfg.Namespaces...) {
		c.ensureNamespace(name)
	}
	for i := range nodeCount {
		c.store.put(nodes, newNode(i))
	}
}

func (c *Cluster) ensureNamespace(name string) {
	if c.store.get(namespaces, "", name) != nil {
		return
	}
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if name == "kube-system" {
		ns.UID = types.UID(c.cfg.UID)
	}
	prepareNamespace(ns, nil)
	c.store.stamp(namespaces, ns)
	c.store.put(namespaces, ns)
}

// Close stops the simulation and ends the open watches; later requests get 503.
// It returns when nothing runs any more on the cluster's behalf, and may be
// called more than once.
func (c *Cluster) Close() { c.queue.close() }

// Handler is the API server.
func (c *Cluster) Handler() http.Handler { return http.HandlerFunc(c.api.serve) }

// UID is the UID of namespace kube-system.
func (c *Cluster) UID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.store.get(namespaces, "", "kube-system").obj.GetUID())
}

// Expire forgets all history, as a compaction of etcd does: a watch from any
// resource version known before, and every watch that is open, gets 410 Expired.
func (c *Cluster) Expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.store.expire()
}

// AddDeployment creates a Deployment of one container, and its namespace if
// need be, and returns without waiting for its pods. Its pods carry the label
// app=NAME. It fails as the API would: when the deployment exists or is invalid.
func (c *Cluster) AddDeployment(namespace, name, container, image string, replicas int) error {
	label := map[string]string{"app": name}
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: label},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(replicas)),
			Selector: &metav1.LabelSelector{MatchLabels: label},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: label},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: container, Image: image}}},
			},
		},
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ensureNamespace(namespace)
	if _, err := c.store.create(deployments, namespace, d, false); err != nil {
		return fmt.Errorf("add deployment %s/%s: %w", namespace, name, err)
	}
	return nil
}

// Available is how many pods of a Deployment are there for clients; 0 where there
// is none of that name.
func (c *Cluster) Available(namespace, name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	it := c.store.get(deployments, namespace, name)
	if it == nil {
		return 0
	}
	return int(it.obj.(*appsv1.Deployment).Status.AvailableReplicas)
}

// Kubeconfig is a kubeconfig for the cluster served at serverURL, with one
// context, which is the current one and is called [Config.Name]. It holds
// [Config.Token]: keep it as secret as that.
func (c *Cluster) Kubeconfig(serverURL string) []byte {
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: %[1]q
clusters:
- name: %[1]q
  cluster:
    server: %[2]q
    certificate-authority-data: %[4]q
contexts:
- name: %[1]q
  context:
    cluster: %[1]q
    user: %[1]q
users:
- name: %[1]q
  user: {token: %[3]q}
`, c.cfg.Name, serverURL, c.cfg.Token, base64.StdEncoding.EncodeToString(c.cfg.Authority))
}

// now is the time, to the second, as objects carry it.
func now() metav1.Time { return metav1.Now().Rfc3339Copy() }

// vary changes a duration by up to a fifth either way.
func vary(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}
