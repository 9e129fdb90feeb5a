package kubetest_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
)

func TestDeploymentBecomesReady(t *testing.T) {
	t.Parallel()
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)

	begin := time.Now()
	deploy(t, c.Client(), namespace, "web", 3, image+":1.0")
	eventually(t, 2*time.Minute, ready(c.Client(), namespace, "web", 3))
	t.Logf("3 replicas ready in %s", time.Since(begin).Round(10*time.Millisecond))

	version, err := c.Client().Discovery().ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	if version.Major != "1" || version.Minor != "36" || !strings.HasPrefix(version.GitVersion, "v1.36.") {
		t.Errorf("the server says it is version %s.%s, %s", version.Major, version.Minor, version.GitVersion)
	}
}

func TestAddedNodesAreThere(t *testing.T) {
	c := kubetest.Shared(t)
	before := nodeCount(t, c)
	c.AddNodes(t, 3)
	if after := nodeCount(t, c); after != before+3 {
		t.Errorf("%d nodes became %d, want 3 more", before, after)
	}
}

func nodeCount(t *testing.T, c *kubetest.Cluster) int {
	t.Helper()
	nodes, err := c.Client().CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return len(nodes.Items)
}

func TestLogsAreThoseOfTheStages(t *testing.T) {
	t.Parallel()
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	deploy(t, c.Client(), namespace, "web", 1, image+":1.0")
	eventually(t, 2*time.Minute, ready(c.Client(), namespace, "web", 1))
	web, complaint := pod(t.Context(), c.Client(), namespace)
	if complaint != "" {
		t.Fatal(complaint)
	}

	for _, test := range []struct {
		options corev1.PodLogOptions
		want    string
	}{
		{corev1.PodLogOptions{}, kubetest.LogText},
		{corev1.PodLogOptions{Previous: true}, kubetest.PreviousLogText},
		{corev1.PodLogOptions{TailLines: new(int64(1))}, "listening on :8080\n"},
	} {
		stream, err := c.Client().CoreV1().Pods(namespace).GetLogs(web.Name, &test.options).Stream(t.Context())
		if err != nil {
			t.Fatalf("get logs: %v", err)
		}
		got, err := io.ReadAll(stream)
		_ = stream.Close()
		if err != nil || string(got) != test.want {
			t.Errorf("logs with %v: %q, %v; want %q", test.options, got, err, test.want)
		}
	}
}

func TestUserMayDoNoMoreThanTheRulesSay(t *testing.T) {
	t.Parallel()
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	path := c.User(t, "reader", rbacv1.PolicyRule{
		APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get", "list", "watch"},
	})
	config, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	list := func(ctx context.Context) error {
		_, err := reader.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
		return err
	}

	eventually(t, 2*time.Minute, func(ctx context.Context) string { // RBAC learns of a role by a watch
		if err := list(ctx); err != nil {
			return fmt.Sprintf("list pods, which is allowed: %v", err)
		}
		return ""
	})
	if _, err := reader.AppsV1().Deployments(namespace).List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("list deployments, which is not allowed: %v, want forbidden", err)
	}

	accounts := c.Client().CoreV1().ServiceAccounts(metav1.NamespaceDefault)
	if err := accounts.Delete(t.Context(), "reader", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, 2*time.Minute, func(ctx context.Context) string { // the API server remembers a good token for ten seconds
		if err := list(ctx); !apierrors.IsUnauthorized(err) {
			return fmt.Sprintf("list pods with the token of a deleted account: %v, want unauthorized", err)
		}
		return ""
	})
}

func TestTwoHundredDeploymentsBecomeReady(t *testing.T) {
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	const deployments, replicas = 200, 2

	begin := time.Now()
	for i := range deployments {
		deploy(t, c.Client(), namespace, fmt.Sprintf("web-%03d", i), replicas, image+":1.0")
	}
	eventually(t, 3*time.Minute, func(ctx context.Context) string {
		list, err := c.Client().AppsV1().Deployments(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err.Error()
		}
		var up int
		for _, d := range list.Items {
			if d.Status.AvailableReplicas == replicas {
				up++
			}
		}
		if up < deployments {
			return fmt.Sprintf("%d of %d deployments are available", up, deployments)
		}
		return ""
	})
	t.Logf("%d deployments of %d pods available in %s", deployments, replicas, time.Since(begin).Round(10*time.Millisecond))
}
