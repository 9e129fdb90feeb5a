package kubetest_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
)

// The order matters: each part goes on with the cluster as the one before left it.
func TestAPIServerEndsAndComesBack(t *testing.T) {
	begin := time.Now()
	c := kubetest.Start(t, kubetest.WithNodes(1), kubetest.WithContext("prod-1"))
	t.Logf("started in %s", time.Since(begin).Round(10*time.Millisecond))
	namespace := c.Namespace(t)
	deploy(t, c.Client(), namespace, "web", 2, image+":1.0")
	eventually(t, 2*time.Minute, ready(c.Client(), namespace, "web", 2))
	deployments := c.Client().AppsV1().Deployments(namespace)
	list, err := deployments.List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	old := list.ResourceVersion

	t.Run("a stopped server refuses and breaks watches", func(t *testing.T) {
		w, err := deployments.Watch(t.Context(), metav1.ListOptions{ResourceVersion: old})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Stop()
		c.StopAPIServer(t)
		if _, err := deployments.Get(t.Context(), "web", metav1.GetOptions{}); err == nil {
			t.Error("a stopped API server answered")
		}
		if err := drain(w, 2*time.Minute); err != nil {
			t.Error(err)
		}
	})

	t.Run("it comes back with its data, and the parts go on", func(t *testing.T) {
		begin := time.Now()
		c.StartAPIServer(t)
		t.Logf("ready again in %s", time.Since(begin).Round(10*time.Millisecond))
		patch := []byte(`{"spec":{"replicas":4}}`)
		_, err := deployments.Patch(t.Context(), "web", "application/merge-patch+json", patch, metav1.PatchOptions{})
		if err != nil {
			t.Fatalf("scale with the client that was there before: %v", err)
		}
		eventually(t, 2*time.Minute, ready(c.Client(), namespace, "web", 4))
	})

	t.Run("after compaction old versions have expired", func(t *testing.T) {
		exact := metav1.ListOptions{ResourceVersion: old, ResourceVersionMatch: metav1.ResourceVersionMatchExact}
		if _, err := deployments.List(t.Context(), exact); err != nil {
			t.Errorf("list version %s before compaction: %v", old, err)
		}
		c.Compact(t)
		if _, err := deployments.List(t.Context(), exact); !expired(err) {
			t.Errorf("list version %s: %v, want 410 Expired", old, err)
		}
		w, err := deployments.Watch(t.Context(), metav1.ListOptions{ResourceVersion: old})
		if err == nil {
			defer w.Stop()
			err = firstError(w)
		}
		if !expired(err) {
			t.Errorf("watch from version %s: %v, want 410 Expired", old, err)
		}
	})
}

func expired(err error) bool { return apierrors.IsResourceExpired(err) || apierrors.IsGone(err) }

// drain returns nil once the watch has ended.
func drain(w watch.Interface, within time.Duration) error {
	timeout := time.After(within)
	for {
		select {
		case _, open := <-w.ResultChan():
			if !open {
				return nil
			}
		case <-timeout:
			return errors.New("the watch goes on without a server")
		}
	}
}

// firstError returns the status that a watch begins with.
func firstError(w watch.Interface) error {
	select {
	case event := <-w.ResultChan():
		if event.Type == watch.Error {
			return apierrors.FromObject(event.Object)
		}
		return fmt.Errorf("the watch began with %s", event.Type)
	case <-time.After(2 * time.Minute):
		return errors.New("the watch said nothing")
	}
}
