package kubetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// AddNodes adds n nodes, named node-1 and so on, and returns when pods can run on them. Each has room for
// more pods than any test has.
func (c *Cluster) AddNodes(t testing.TB, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	if err := c.addNodes(ctx, n); err != nil {
		t.Fatal(err)
	}
}

func (c *Cluster) addNodes(ctx context.Context, n int) error {
	for range n {
		c.mu.Lock()
		c.nodes++
		name := fmt.Sprintf("node-%d", c.nodes)
		c.mu.Unlock()
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{
			Name:   name,
			Labels: map[string]string{corev1.LabelHostname: name, corev1.LabelOSStable: "linux"},
		}}
		if _, err := c.client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("add node %s: %w", name, err)
		}
	}
	err := wait.PollUntilContextCancel(ctx, 100*time.Millisecond, true, c.nodesReady)
	if err != nil {
		return fmt.Errorf("wait until the nodes are ready: %w", err)
	}
	return nil
}

// nodesReady says whether every node is ready and free of taints, which a new one has.
func (c *Cluster) nodesReady(ctx context.Context) (bool, error) {
	nodes, err := c.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return false, nil // the API server may be starting again
	}
	for _, node := range nodes.Items {
		if len(node.Spec.Taints) > 0 || !nodeReady(node) {
			return false, nil
		}
	}
	return true, nil
}

func nodeReady(node corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}
