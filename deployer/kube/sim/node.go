package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	quantity "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/uuid"
)

const nodeCount = 3

func nodeName(i int) string { return fmt.Sprintf("node-%d", i%nodeCount+1) }

func nodeIP(i int) string { return fmt.Sprintf("10.0.0.%d", i%nodeCount+11) }

// podIP is another one for each of the first sixty thousand pods.
func podIP(i int) string { return fmt.Sprintf("10.244.%d.%d", i/250%250, i%250+2) }

func newNode(i int) *corev1.Node {
	now := metav1.Now().Rfc3339Copy()
	room := corev1.ResourceList{
		corev1.ResourceCPU: quantity.MustParse("8"), corev1.ResourceMemory: quantity.MustParse("32Gi"),
		corev1.ResourcePods: quantity.MustParse("1000"),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: nodeName(i), UID: uuid.NewUUID(), CreationTimestamp: now,
			Labels: map[string]string{corev1.LabelHostname: nodeName(i), corev1.LabelOSStable: "linux"}},
		Status: corev1.NodeStatus{
			Capacity: room, Allocatable: room,
			Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: nodeIP(i)}},
			NodeInfo:  corev1.NodeSystemInfo{KubeletVersion: serverVersion, OperatingSystem: "linux", Architecture: "amd64"},
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue,
				Reason: "KubeletReady", Message: "kubelet is posting ready status", LastHeartbeatTime: now, LastTransitionTime: now}},
		},
	}
}

// splitImage takes "host:5000/repo:tag@sha256:…" apart. Tag and digest may be
// empty.
func splitImage(image string) (repo, tag, digest string) {
	repo, digest, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(repo, ':'); i > strings.LastIndexByte(repo, '/') {
		repo, tag = repo[:i], repo[i+1:]
	}
	return repo, tag, digest
}

func tagOf(image string) string {
	_, tag, _ := splitImage(image)
	return tag
}

// imageID is how a node reports the image that it runs: by digest, whatever
// the pod's spec said.
func (k *kubelet) imageID(image string) string {
	repo, _, digest := splitImage(image)
	if k.cfg.Digests != nil {
		if d := k.cfg.Digests(image); d != "" {
			digest = d
		}
	}
	if digest == "" {
		sum := sha256.Sum256([]byte(image))
		digest = "sha256:" + hex.EncodeToString(sum[:])
	}
	return repo + "@" + digest
}
