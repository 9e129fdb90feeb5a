package kubetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Kubeconfig returns the path of the administrator's kubeconfig.
func (c *Cluster) Kubeconfig() string { return filepath.Join(c.dir, "kubeconfig") }

func (c *Cluster) tokenFile() string { return filepath.Join(c.dir, "tokens.csv") }

// writeAdmin makes up the administrator's token, and its kubeconfig and client.
func (c *Cluster) writeAdmin() error {
	c.token = rand.Text()
	line := c.token + `,admin,admin,"system:masters"` + "\n"
	if err := os.WriteFile(c.tokenFile(), []byte(line), 0o600); err != nil {
		return err
	}
	if err := c.writeKubeconfig(c.Kubeconfig(), c.token); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig())
	if err != nil {
		return err
	}
	config.QPS = -1
	c.config = config
	c.client, err = kubernetes.NewForConfig(config)
	return err
}

func (c *Cluster) writeKubeconfig(path, token string) error {
	config := clientcmdapi.NewConfig()
	config.Clusters[c.context] = &clientcmdapi.Cluster{
		Server:                   loopback("https", c.ports.api),
		CertificateAuthorityData: c.tls.pem,
	}
	config.AuthInfos[c.context] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts[c.context] = &clientcmdapi.Context{Cluster: c.context, AuthInfo: c.context}
	config.CurrentContext = c.context
	return clientcmd.WriteToFile(*config, path)
}

// Namespace makes a namespace for this test alone and returns its name. It is deleted with the test, in the
// background.
func (c *Cluster) Namespace(t testing.TB) string {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	made, err := c.client.CoreV1().Namespaces().Create(t.Context(), namespace, metav1.CreateOptions{})
	if err != nil {
		t.Fatalf("create a namespace: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		// A test may have stopped the API server; its cluster ends with it, and the namespace too.
		_ = c.client.CoreV1().Namespaces().Delete(ctx, made.Name, metav1.DeleteOptions{})
	})
	return made.Name
}

// User makes a service account that may do what the rules say, in every namespace, and nothing else. It
// returns the path of a kubeconfig with its token, which is good for an hour. The account lives in the namespace
// default; deleting it there makes the token worthless.
func (c *Cluster) User(t testing.TB, name string, rules ...rbacv1.PolicyRule) string {
	t.Helper()
	token, err := c.account(t.Context(), name, rules)
	if err != nil {
		t.Fatalf("make user %s: %v", name, err)
	}
	path := filepath.Join(c.dir, "kubeconfig-"+name)
	if err := c.writeKubeconfig(path, token); err != nil {
		t.Fatalf("write kubeconfig of %s: %v", name, err)
	}
	return path
}

// account makes a service account with a role of its own, and returns a token for it.
func (c *Cluster) account(ctx context.Context, name string, rules []rbacv1.PolicyRule) (string, error) {
	meta := metav1.ObjectMeta{Name: name}
	accounts := c.client.CoreV1().ServiceAccounts(metav1.NamespaceDefault)
	if _, err := accounts.Create(ctx, &corev1.ServiceAccount{ObjectMeta: meta}, metav1.CreateOptions{}); err != nil {
		return "", err
	}
	role := &rbacv1.ClusterRole{ObjectMeta: meta, Rules: rules}
	if _, err := c.client.RbacV1().ClusterRoles().Create(ctx, role, metav1.CreateOptions{}); err != nil {
		return "", err
	}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: meta,
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: metav1.NamespaceDefault, Name: name}},
	}
	if _, err := c.client.RbacV1().ClusterRoleBindings().Create(ctx, binding, metav1.CreateOptions{}); err != nil {
		return "", err
	}
	request, err := accounts.CreateToken(ctx, name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("ask for a token: %w", err)
	}
	return request.Status.Token, nil
}
