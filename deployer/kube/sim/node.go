package sim

import (
	"fmt"

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
