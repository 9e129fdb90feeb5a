package kubetest

import (
	"fmt"
	"net"
	"strconv"
)

// ports are the loopback ports of one cluster. A part that starts again finds its port again.
type ports struct{ etcd, peer, api, kubelet int }

// freePorts asks the system for ports that nobody listens on. Another process may take one before its part
// starts; the part then ends, and its log says so.
func freePorts() (ports, error) {
	var p ports
	for _, port := range []*int{&p.etcd, &p.peer, &p.api, &p.kubelet} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return ports{}, err
		}
		// Open until all are known, so that no two are the same.
		defer func() { _ = listener.Close() }()
		*port = listener.Addr().(*net.TCPAddr).Port
	}
	return p, nil
}

func (c *Cluster) etcdURL() string { return loopback("http", c.ports.etcd) }

func loopback(scheme string, port int) string {
	return scheme + "://127.0.0.1:" + strconv.Itoa(port)
}

func (c *Cluster) etcdArgs() []string {
	peer := loopback("http", c.ports.peer)
	return []string{
		"--name=kubetest",
		"--data-dir=" + c.dir + "/etcd",
		"--listen-client-urls=" + c.etcdURL(),
		"--advertise-client-urls=" + c.etcdURL(),
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=kubetest=" + peer,
		"--unsafe-no-fsync", // the data ends with the test
		"--log-level=warn",
	}
}

func (c *Cluster) apiServerArgs() []string {
	return []string{
		"--etcd-servers=" + c.etcdURL(),
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", c.ports.api),
		"--tls-cert-file=" + c.tls.cert,
		"--tls-private-key-file=" + c.tls.key,
		"--token-auth-file=" + c.tokenFile(),
		"--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + c.tls.key,
		"--service-account-signing-key-file=" + c.tls.key,
		"--service-cluster-ip-range=10.0.0.0/24",
		// The address is loopback, which an Endpoints object refuses; nothing here looks for one.
		"--endpoint-reconciler-type=none",
		"--kubelet-preferred-address-types=InternalIP",
		"--kubelet-certificate-authority=" + c.tls.cert,
		// Pods need no token, as nothing runs in them, and so don't wait for their service account.
		"--disable-admission-plugins=ServiceAccount",
		"--profiling=false",
	}
}

func (c *Cluster) controllerManagerArgs() []string {
	return []string{
		"--kubeconfig=" + c.Kubeconfig(),
		"--service-account-private-key-file=" + c.tls.key,
		"--root-ca-file=" + c.tls.cert,
		"--leader-elect=false",
		"--secure-port=0",
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
	}
}

func (c *Cluster) schedulerArgs() []string {
	return []string{
		"--kubeconfig=" + c.Kubeconfig(),
		"--leader-elect=false",
		"--secure-port=0",
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
	}
}

func (c *Cluster) kwokArgs(stages string) []string {
	return []string{
		"--kubeconfig=" + c.Kubeconfig(),
		"--config=" + stages,
		"--manage-all-nodes",
		"--node-lease-duration-seconds=40",
		// As the kubelet: for logs.
		"--node-ip=127.0.0.1",
		fmt.Sprintf("--node-port=%d", c.ports.kubelet),
		fmt.Sprintf("--server-address=127.0.0.1:%d", c.ports.kubelet),
		"--tls-cert-file=" + c.tls.cert,
		"--tls-private-key-file=" + c.tls.key,
	}
}
