package kubetest_test

import (
	"context"
	"os"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimEnv); dir != "" {
		beVictim(dir)
	}
	os.Exit(kubetest.Main(m))
}

const image = "registry.example/app"

// deploy creates a deployment of one container.
func deploy(t *testing.T, client kubernetes.Interface, namespace, name string, replicas int32, image string) {
	t.Helper()
	labels := map[string]string{"app": name}
	deployment := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					Containers: []corev1.Container{{Name: "app", Image: image}},
				},
			},
		},
	}
	if _, err := client.AppsV1().Deployments(namespace).Create(t.Context(), deployment, metav1.CreateOptions{}); err != nil {
		t.Fatalf("create deployment %s: %v", name, err)
	}
}

// eventually waits until look has nothing to complain about any more.
func eventually(t *testing.T, within time.Duration, look func(context.Context) (complaint string)) {
	t.Helper()
	deadline := time.Now().Add(within)
	for {
		complaint := look(t.Context())
		if complaint == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %s: %s", within, complaint)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// ready complains while fewer than n of the deployment's pods are ready.
func ready(client kubernetes.Interface, namespace, name string, n int32) func(context.Context) string {
	return func(ctx context.Context) string {
		d, err := client.AppsV1().Deployments(namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err.Error()
		}
		if d.Status.ReadyReplicas != n || d.Status.UpdatedReplicas != n {
			return "the deployment's status is " + d.Status.String()
		}
		return ""
	}
}

// pod returns the namespace's only pod, once there is one with a container that has a status.
func pod(ctx context.Context, client kubernetes.Interface, namespace string) (*corev1.Pod, string) {
	pods, err := client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err.Error()
	}
	if len(pods.Items) != 1 || len(pods.Items[0].Status.ContainerStatuses) == 0 {
		return nil, "no pod with a status yet"
	}
	return &pods.Items[0], ""
}
