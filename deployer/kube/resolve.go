package kube

import (
	"context"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// A WorkloadSpec is a service as it is configured, and what it should run.
type WorkloadSpec struct {
	Service   string
	Cluster   string // a name in Config.Clusters
	Namespace string
	Workload  string // deployment/NAME
	Container string // "": the only one
	Image     string // exact, as it is to be written; "" with Revision
	Version   string // of the image, for people; "": its tag
	Revision  string // a revision of the workload's history; "" with Image
}

// Resolve finds the workload of the spec, and whether it can be rolled out.
// It changes nothing. The error is a *deployer.Refusal where the spec, the
// configuration or the rights are wrong; any other error, such as of a cluster
// that does not answer, may pass.
func (s *System) Resolve(ctx context.Context, w WorkloadSpec) (deployer.Target, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c, err := s.cluster(w.Cluster)
	if err != nil {
		return deployer.Target{}, err
	}
	uid, err := c.identity(ctx)
	if err != nil {
		return deployer.Target{}, c.definite(err, readIdentity)
	}
	d, err := c.workload(ctx, w)
	if err != nil {
		return deployer.Target{}, err
	}
	if err := c.rights(ctx, w.Namespace); err != nil {
		return deployer.Target{}, err
	}
	if w.Container, err = container(d, w); err != nil {
		return deployer.Target{}, err
	}
	v, err := c.readWorkload(ctx, d)
	if err != nil {
		return deployer.Target{}, err
	}
	if err := checkStartable(v, w); err != nil {
		return deployer.Target{}, err
	}
	after, err := desiredState(v, w)
	if err != nil {
		return deployer.Target{}, err
	}
	at := workloadRef{
		cluster: w.Cluster, clusterUID: uid, namespace: w.Namespace,
		workload: w.Workload, uid: string(d.UID), container: w.Container,
	}
	return deployer.Target{
		Service: w.Service, Runner: "kubernetes", Where: at.where(),
		Before: v.fullState(w.Container), After: after, Live: isLive(v, w, after, s.manifests(ctx)), Pauses: true, Good: v.good(w.Container),
	}, nil
}

// Distinct refuses targets that are containers of one workload: its template
// bears one mark, so that the second rollout would take the place of the first.
func Distinct(targets []deployer.Target) error {
	first := map[[2]string]string{}
	for _, t := range targets {
		at := workloadRefOf(t.Where)
		workload := [2]string{at.clusterUID, at.uid}
		if other, taken := first[workload]; taken {
			return deployer.Refuse("Deploy them one after the other.", "%s and %s both run in %s.", other, t.Service, at.workload)
		}
		first[workload] = t.Service
	}
	return nil
}

// workload reads the Deployment, or says what there is instead.
func (c *cluster) workload(ctx context.Context, w WorkloadSpec) (*appsv1.Deployment, error) {
	kind, name, _ := strings.Cut(w.Workload, "/")
	if kind != "deployment" || name == "" {
		return nil, deployer.Refuse("Write deployment/NAME.", "Workload %q of %s is not a Deployment; others can't be rolled out.", w.Workload, w.Service)
	}
	d, err := c.client.AppsV1().Deployments(w.Namespace).Get(ctx, name, metav1.GetOptions{})
	if err == nil {
		return d, nil
	}
	if !apierrors.IsNotFound(err) {
		return nil, c.definite(err, "read "+w.Workload+" in namespace "+w.Namespace)
	}
	if missing := c.namespace(ctx, w.Namespace); missing != nil {
		return nil, missing
	}
	var names []string
	if list, err := c.client.AppsV1().Deployments(w.Namespace).List(ctx, metav1.ListOptions{}); err == nil {
		for _, d := range list.Items {
			names = append(names, d.Name)
		}
	}
	return nil, deployer.Refuse(suggestOrList(name, names), "There is no %s in namespace %s of cluster %s.", w.Workload, w.Namespace, c.name)
}

// namespace says that the namespace is missing, if it is and if we may know.
func (c *cluster) namespace(ctx context.Context, name string) error {
	_, err := c.client.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
	if !apierrors.IsNotFound(err) {
		return nil
	}
	help := ""
	if list, err := c.client.CoreV1().Namespaces().List(ctx, metav1.ListOptions{}); err == nil {
		var names []string
		for _, n := range list.Items {
			if !strings.HasPrefix(n.Name, "kube-") {
				names = append(names, n.Name)
			}
		}
		help = suggestOrList(name, names)
	}
	return deployer.Refuse(help, "Cluster %s has no namespace %s.", c.name, name)
}

// container finds the container that the spec is about.
func container(d *appsv1.Deployment, w WorkloadSpec) (string, error) {
	var names []string
	for _, c := range d.Spec.Template.Spec.Containers {
		names = append(names, c.Name)
	}
	switch {
	case slices.Contains(names, w.Container):
		return w.Container, nil
	case w.Container == "" && len(names) == 1:
		return names[0], nil
	case w.Container == "":
		return "", deployer.Refuse("Name the container in the configuration of "+w.Service+".",
			"%s has several containers: %s.", w.Workload, strings.Join(names, ", "))
	}
	return "", deployer.Refuse(suggestOrList(w.Container, names), "%s has no container %s.", w.Workload, w.Container)
}

// checkStartable refuses a workload that a rollout could not bring to an end.
func checkStartable(v view, w WorkloadSpec) error {
	if v.deployment.DeletionTimestamp != nil {
		return deployer.Refuse("", "%s is being deleted.", w.Workload)
	}
	if paused, ours := v.paused(); paused && !ours {
		return deployer.Refuse("Ask who did it. To let it go on: kubectl -n "+w.Namespace+" rollout resume "+w.Workload,
			"%s is paused, and not by stationmaster.", w.Workload)
	}
	if v.wanted() == 0 {
		return deployer.Refuse("Scale it up first: kubectl -n "+w.Namespace+" scale "+w.Workload+" --replicas=1",
			"%s is scaled to 0, so that nothing would show whether the version runs.", w.Workload)
	}
	return nil
}

// desiredState is what the spec asks for.
func desiredState(v view, w WorkloadSpec) (deployer.State, error) {
	if w.Revision == "" {
		if w.Image == "" {
			return deployer.State{}, deployer.Refuse("Name a version, or a revision of its history.", "Nothing says what %s should run.", w.Service)
		}
		s := deployer.State{Version: w.Version, Image: w.Image}
		if s.Version == "" {
			s.Version = version(w.Image)
		}
		return s, nil
	}
	set := v.revision(w.Revision)
	if set == nil {
		return deployer.State{}, deployer.Refuse(available(v, w.Container), "%s has no revision %s in its history.", w.Workload, w.Revision)
	}
	image, _ := imageOf(set.Spec.Template, w.Container)
	if image == "" {
		return deployer.State{}, deployer.Refuse(available(v, w.Container), "Revision %s of %s has no container %s.", w.Revision, w.Workload, w.Container)
	}
	return deployer.State{
		Version: version(image), Image: image, Revision: w.Revision, Template: templateOf(set.Spec.Template, w.Container),
	}, nil
}

// available lists the revisions, the newest first.
func available(v view, container string) string {
	var list []string
	for _, r := range history(v, container, "") {
		list = append(list, r.State.Revision+" ("+r.State.Version+")")
	}
	if len(list) > suggestMax {
		list = append(list[:suggestMax], "older ones")
	}
	return "There are " + strings.Join(list, ", ") + "."
}

// isLive reports whether the workload runs what is wanted, proven by its pods. A
// workload whose image names no digest runs one that does if every node says that it
// has pulled that; manifests says what an index lists.
func isLive(v view, w WorkloadSpec, after deployer.State, manifests func(image string) ([]string, error)) bool {
	set, runs := v.current(), v.image(w.Container)
	if set == nil || v.deployment.Spec.Paused || !v.complete() || !matchesImage(runs, after.Image) {
		return false
	}
	if after.Revision != "" && set.Annotations[revisionKey] != after.Revision {
		return false
	}
	now := time.Now()
	j := verifyJudge{
		in: deployer.Intent{To: after}, at: workloadRef{container: w.Container}, content: content{manifests: manifests},
		grace: newGraceTracker(Grace{}, now), proof: newProof(),
	}
	why, _ := j.fault(&verdict{}, v, set, now)
	return why == "" && (digest(after.Image) == "" || j.content.caveat(v.of(set), w.Container, after.Image) == "")
}

// good is what the workload itself shows to run well: what it runs, if that is
// there for clients.
func (v view) good(container string) deployer.Good {
	if !v.serves() {
		return deployer.Good{How: deployer.EvidenceNone}
	}
	return deployer.Good{How: deployer.EvidenceSeen, State: v.state(container)}
}
