package podtemplate

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// of stands between a container's part and its name, which is a DNS label.
const (
	of      = " of "
	imageOf = "image" + of
)

// ofContainer is how people call what a field of a container is a part of. What is
// not listed, fields that come later among it, is a part of the rest.
var ofContainer = map[string]string{
	"name": "", "image": "image", "command": "command", "args": "arguments",
	"env": "environment", "envFrom": "environment",
	"volumeMounts": "mounts", "volumeDevices": "mounts",
	"resources": "resources", "resizePolicy": "resources", "ports": "ports",
	"livenessProbe": "probes", "readinessProbe": "probes", "startupProbe": "probes",
	"lifecycle": "hooks", "securityContext": "security context",
}

// ofPod is the same for the fields of a pod.
var ofPod = map[string]string{
	"containers": "", "initContainers": "",
	"volumes": "volumes", "securityContext": "security context of the pod",
	"serviceAccountName": "service account", "serviceAccount": "service account", "automountServiceAccountToken": "service account",
	"nodeSelector": "placement", "nodeName": "placement", "affinity": "placement", "tolerations": "placement",
	"topologySpreadConstraints": "placement", "schedulerName": "placement",
	"hostNetwork": "host access", "hostPID": "host access", "hostIPC": "host access", "hostUsers": "host access",
	"shareProcessNamespace": "host access", "imagePullSecrets": "pull secrets",
}

const otherSettings = "other settings"

// partsOf is what the template consists of, by its name in words.
func partsOf(t corev1.PodTemplateSpec) map[string][]byte {
	parts := map[string][]byte{}
	gather(parts, t.Spec, ofPod, "")
	for _, c := range slices.Concat(t.Spec.InitContainers, t.Spec.Containers) {
		gather(parts, c, ofContainer, of+c.Name)
	}
	if len(t.Labels) > 0 {
		parts["labels"] = canonical(t.Labels)
	}
	if len(t.Annotations) > 0 {
		parts["annotations"] = canonical(t.Annotations)
	}
	return parts
}

// gather adds the fields of a value to the parts that they belong to.
func gather(parts map[string][]byte, value any, names map[string]string, suffix string) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(canonical(value), &fields); err != nil {
		panic(fmt.Sprintf("podtemplate: %T is no JSON object: %v", value, err))
	}
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		name, known := names[field]
		if !known {
			name = otherSettings
		}
		content := fields[field]
		if name == "" || string(content) == "{}" {
			continue
		}
		parts[name+suffix] = append(append(parts[name+suffix], field...), content...)
	}
}
