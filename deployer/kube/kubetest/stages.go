package kubetest

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Behave is the label, or the annotation, of a pod that says how its containers behave:
//
//	ready    the default: ready at once
//	slow     running, and ready after 5 s
//	hang     running, and never ready
//	crash    exits with 1 after half a second, again and again: CrashLoopBackOff
//	missing  its image cannot be pulled: ErrImagePull, then ImagePullBackOff; pull is the same
//	unready  ready at once, and never again after 3 s
//	linger   as ready, but stays for 5 s when it is deleted
//	qps      the node pulls too much at a time for up to 5 s (ErrImagePull: pull QPS exceeded), then ready
//	noconfig its Secret comes after 5 s (CreateContainerConfigError), then ready
//
// A word of these (not pull) in a container's image tag does the same, for that container; the others of the pod
// are ready. That is how a deployment, which changes images only, chooses: `registry.example/app:1.4-crash`. The first such
// word in the pod's images counts. A number of seconds after the word, as in `1.4-slow20s`, takes the place
// of the 5 s and 3 s above.
//
// A container that was pulled says which digest it runs: the one its image names, otherwise one made up from
// the image's name and tag; or that of the annotation ImageDigest.
const Behave = "stationmaster.test/behave"

// ImageDigest is the annotation of a pod that says which digest its node reports for its containers, such as that
// of the platform's manifest of an index.
const ImageDigest = "stationmaster.test/image-digest"

// What GetLogs returns for every container, and with Previous for the one before it, whether there was
// one or not: kwok looks at no state here, where a kubelet refuses.
const (
	LogText         = "starting\nlistening on :8080\n"
	PreviousLogText = "starting\npanic: cannot reach the database\n"
)

const (
	// tags yields the tags of the pod's containers; one without a tag, or by digest alone, yields "".
	tags = `.spec.containers[].image | split("@")[0] | split("/")[-1] | split(":")[1] // ""`
	// behaviour is a jq expression over a pod.
	behaviour = `.metadata.labels["` + Behave + `"] // .metadata.annotations["` + Behave + `"]` +
		` // ([` + tags + ` | capture("(?<w>crash|missing|hang|slow|unready|linger|qps|noconfig)").w] | .[0]) // "ready"`
	// seconds is a jq expression over a pod; without a number it yields nothing, and the stage's own delay counts.
	seconds = `[` + tags + ` | capture("(slow|unready|linger|qps|noconfig)(?<s>[0-9]+s)").s] | .[0] // empty`
)

var (
	//go:embed stages/pods.yaml
	podStages string
	//go:embed stages/status.tmpl
	statusTemplate string
	//go:embed stages/nodes.yaml
	nodeStages string
	//go:embed stages/logs.yaml
	logStages string
)

// writeStages writes kwok's configuration and the logs it serves into dir, and returns the former's path.
func writeStages(dir string) (string, error) {
	logs, previous := filepath.Join(dir, "container.log"), filepath.Join(dir, "container-previous.log")
	status := strings.ReplaceAll(strings.TrimSpace(statusTemplate), "\n", "\n      ") // as deep as STATUS stands
	config := strings.Join([]string{
		strings.NewReplacer("BEHAVIOUR", behaviour, "SECONDS", seconds, "STATUS", status).Replace(withoutComments(podStages)),
		nodeStages,
		strings.NewReplacer("LOGFILE", logs, "PREVIOUSFILE", previous).Replace(logStages),
	}, "\n---\n")
	path := filepath.Join(dir, "kwok.yaml")
	for file, text := range map[string]string{
		path:     config,
		logs:     containerLog(LogText),
		previous: containerLog(PreviousLogText),
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	return path, nil
}

// withoutComments drops lines of comment, which speak of the words to be filled in.
func withoutComments(yaml string) string {
	var kept []string
	for line := range strings.Lines(yaml) {
		if !strings.HasPrefix(line, "#") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// containerLog puts text into the form that container runtimes write, which the kubelet's readers expect.
func containerLog(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		fmt.Fprintf(&b, "%s stdout F %s", time.Now().UTC().Format(time.RFC3339Nano), line)
	}
	return b.String()
}
