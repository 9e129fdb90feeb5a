package kube

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/kubeconfig"
)

// callTimeout bounds one request. Past it, what was sent may still take effect;
// it is conditional.
const callTimeout = 20 * time.Second

// A cluster is one cluster's name and a client for it.
type cluster struct {
	name      string
	client    *kubernetes.Clientset
	transport *kubeconfig.Transport // below the client
	renewals  atomic.Int64          // of the kubeconfig, each counted before it is used
	known     atomic.Pointer[identity]

	mu          sync.Mutex
	grants      map[string]*grant // by namespace
	nextRenewal chan struct{}     // closed at it
}

// An identity is which cluster it was after so many renewals.
type identity struct {
	uid      string
	renewals int64
}

// cluster returns the cluster of that name. It reads the kubeconfig when it is
// first asked for it, and sends nothing; later each request looks whether that has
// changed.
func (s *System) cluster(name string) (*cluster, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clusters[name]; c != nil {
		return c, nil
	}
	cfg, ok := s.cfg.Clusters[name]
	if !ok {
		names := slices.Collect(maps.Keys(s.cfg.Clusters))
		return nil, deployer.Refuse(suggestOrList(name, names), "There is no cluster %s in the configuration.", name)
	}
	c := &cluster{name: name, grants: map[string]*grant{}, nextRenewal: make(chan struct{})}
	if err := c.connect(cfg, s.wrap); err != nil {
		return nil, deployer.Refuse("Correct the configuration of the cluster.", "Cluster %s can't be reached: %s", name, deployer.Sentence(err.Error()))
	}
	s.clusters[name] = c
	return c, nil
}

// connect makes the client, which asks as the kubeconfig says at each request.
func (c *cluster) connect(cfg Cluster, wrap func(http.RoundTripper) http.RoundTripper) (err error) {
	c.transport, err = kubeconfig.New(kubeconfig.Source{File: cfg.Kubeconfig, Context: cfg.Context}, func(rc *rest.Config) {
		rc.UserAgent = fieldManager
		if wrap != nil {
			rc.Wrap(wrap)
		}
	}, c.renewed)
	if err != nil {
		return err
	}
	c.client, err = kubernetes.NewForConfigAndClient(&rest.Config{
		Host:           c.transport.Host(),
		QPS:            -1, // the API server's own fairness limits us, and says so
		WarningHandler: rest.NoWarnings{},
		ContentConfig:  rest.ContentConfig{AcceptContentTypes: "application/vnd.kubernetes.protobuf,application/json"},
	}, &http.Client{Transport: c.transport})
	return err
}

// Check finds out whether the cluster answers and lets us in.
func (s *System) Check(ctx context.Context, name string) error {
	c, err := s.cluster(name)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if _, err = c.identity(ctx); err != nil {
		return c.definite(err, readIdentity)
	}
	if err := c.transport.Problem(); err != nil {
		return fmt.Errorf("cluster %s is asked as before: %w", c.name, err)
	}
	return nil
}

// readIdentity is what identity does, for a refusal.
const readIdentity = "get the namespace kube-system, which tells one cluster from another"

// identity is the UID of the namespace kube-system, which lives as long as the
// cluster does and is different in every other one.
func (c *cluster) identity(ctx context.Context) (string, error) {
	// Any version will do, so the API server need not ask etcd.
	ns, err := c.client.CoreV1().Namespaces().Get(ctx, metav1.NamespaceSystem, metav1.GetOptions{ResourceVersion: "0"})
	if err != nil {
		return "", err
	}
	return string(ns.UID), nil
}

func (c *cluster) deployment(ctx context.Context, namespace, name string) (*appsv1.Deployment, error) {
	d, err := c.client.AppsV1().Deployments(namespace).Get(ctx, name, metav1.GetOptions{})
	return d, c.problem(err)
}

// sets lists the deployment's ReplicaSets: its revision history.
func (c *cluster) sets(ctx context.Context, d *appsv1.Deployment) ([]*appsv1.ReplicaSet, error) {
	list, err := c.client.AppsV1().ReplicaSets(d.Namespace).List(ctx, ownedBy(d))
	if err != nil {
		return nil, c.problem(err)
	}
	var sets []*appsv1.ReplicaSet
	for i := range list.Items {
		if o := metav1.GetControllerOf(&list.Items[i]); o != nil && o.UID == d.UID {
			sets = append(sets, &list.Items[i])
		}
	}
	return sets, nil
}

// readWorkload reads all of the workload, pods included.
func (c *cluster) readWorkload(ctx context.Context, d *appsv1.Deployment) (view, error) {
	sets, err := c.sets(ctx, d)
	if err != nil {
		return view{}, err
	}
	list, err := c.client.CoreV1().Pods(d.Namespace).List(ctx, ownedBy(d))
	if err != nil {
		return view{}, c.problem(err)
	}
	v := view{deployment: d, sets: sets}
	for i := range list.Items {
		if p := &list.Items[i]; v.owns(p) {
			v.pods = append(v.pods, p)
		}
	}
	return v, nil
}

// ownedBy lists what the deployment's selector selects, which may be more
// than it owns.
func ownedBy(d *appsv1.Deployment) metav1.ListOptions {
	return metav1.ListOptions{LabelSelector: metav1.FormatLabelSelector(d.Spec.Selector)}
}
