package sim

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var (
	metaPath = field.NewPath("metadata")
	specPath = field.NewPath("spec")
)

// checkNew checks the metadata of any new object.
func checkNew(r *resource, o object) field.ErrorList {
	return validation.ValidateObjectMetaAccessor(o, r.namespaced, validation.NameIsDNSSubdomain, metaPath)
}

// checkChange keeps the metadata that is not the client's to change.
func checkChange(o, old object) field.ErrorList {
	if o.GetUID() == "" {
		o.SetUID(old.GetUID())
	}
	o.SetCreationTimestamp(old.GetCreationTimestamp())
	o.SetDeletionTimestamp(old.GetDeletionTimestamp())
	o.SetDeletionGracePeriodSeconds(old.GetDeletionGracePeriodSeconds())
	o.SetGeneration(old.GetGeneration())
	return validation.ValidateObjectMetaAccessorUpdate(o, old, metaPath)
}

func prepareNamespace(o, old object) field.ErrorList {
	ns := o.(*corev1.Namespace)
	if ns.Labels == nil {
		ns.Labels = map[string]string{}
	}
	ns.Labels[corev1.LabelMetadataName] = ns.Name
	ns.Spec.Finalizers = []corev1.FinalizerName{corev1.FinalizerKubernetes}
	ns.Status = corev1.NamespaceStatus{Phase: corev1.NamespaceActive}
	return nil
}

func prepareDeployment(o, old object) field.ErrorList {
	d := o.(*appsv1.Deployment)
	defaultDeployment(d)
	errs := checkDeployment(d)
	if old == nil {
		d.Status = appsv1.DeploymentStatus{}
		return errs
	}
	was := old.(*appsv1.Deployment)
	d.Status = was.Status
	// The real server counts a change of annotations as well, for this one kind.
	if !equality.Semantic.DeepEqual(d.Spec, was.Spec) || !equality.Semantic.DeepEqual(d.Annotations, was.Annotations) {
		d.Generation++
	}
	return append(errs, validation.ValidateImmutableField(d.Spec.Selector, was.Spec.Selector, specPath.Child("selector"))...)
}

func checkDeployment(d *appsv1.Deployment) field.ErrorList {
	errs := checkTemplate(d.Spec.Selector, d.Spec.Template)
	if *d.Spec.Replicas < 0 {
		errs = append(errs, field.Invalid(specPath.Child("replicas"), *d.Spec.Replicas, "must be greater than or equal to 0"))
	}
	if *d.Spec.ProgressDeadlineSeconds <= d.Spec.MinReadySeconds {
		errs = append(errs, field.Invalid(specPath.Child("progressDeadlineSeconds"), *d.Spec.ProgressDeadlineSeconds,
			"must be greater than minReadySeconds"))
	}
	switch path := specPath.Child("strategy"); d.Spec.Strategy.Type {
	case appsv1.RecreateDeploymentStrategyType:
		if d.Spec.Strategy.RollingUpdate != nil {
			errs = append(errs, field.Forbidden(path.Child("rollingUpdate"), "may not be specified when strategy `type` is 'Recreate'"))
		}
	case appsv1.RollingUpdateDeploymentStrategyType:
		if isZero(d.Spec.Strategy.RollingUpdate.MaxUnavailable) && isZero(d.Spec.Strategy.RollingUpdate.MaxSurge) {
			errs = append(errs, field.Invalid(path.Child("rollingUpdate", "maxUnavailable"),
				d.Spec.Strategy.RollingUpdate.MaxUnavailable, "may not be 0 when `maxSurge` is 0"))
		}
	default:
		errs = append(errs, field.NotSupported(path.Child("type"), d.Spec.Strategy.Type,
			[]appsv1.DeploymentStrategyType{appsv1.RecreateDeploymentStrategyType, appsv1.RollingUpdateDeploymentStrategyType}))
	}
	return errs
}

func prepareReplicaSet(o, old object) field.ErrorList {
	rs := o.(*appsv1.ReplicaSet)
	if rs.Spec.Replicas == nil {
		rs.Spec.Replicas = new(int32(1))
	}
	defaultPod(&rs.Spec.Template.Spec)
	errs := checkTemplate(rs.Spec.Selector, rs.Spec.Template)
	if old == nil {
		rs.Status = appsv1.ReplicaSetStatus{}
		return errs
	}
	was := old.(*appsv1.ReplicaSet)
	rs.Status = was.Status
	if !equality.Semantic.DeepEqual(rs.Spec, was.Spec) {
		rs.Generation++
	}
	return append(errs, validation.ValidateImmutableField(rs.Spec.Selector, was.Spec.Selector, specPath.Child("selector"))...)
}

func preparePod(o, old object) field.ErrorList {
	p := o.(*corev1.Pod)
	defaultPod(&p.Spec)
	if old == nil {
		p.Status = corev1.PodStatus{Phase: corev1.PodPending, QOSClass: corev1.PodQOSBestEffort}
		return checkPod(p.Spec, specPath)
	}
	was := old.(*corev1.Pod)
	p.Status = was.Status
	if !equality.Semantic.DeepEqual(p.Spec, was.Spec) {
		return field.ErrorList{field.Forbidden(specPath, "pod updates may not change fields of the spec in this cluster")}
	}
	return nil
}

func checkTemplate(selector *metav1.LabelSelector, template corev1.PodTemplateSpec) field.ErrorList {
	path := specPath.Child("template")
	errs := checkPod(template.Spec, path.Child("spec"))
	if selector == nil {
		return append(errs, field.Required(specPath.Child("selector"), ""))
	}
	s, err := metav1.LabelSelectorAsSelector(selector)
	switch {
	case err != nil:
		errs = append(errs, field.Invalid(specPath.Child("selector"), selector, err.Error()))
	case s.Empty():
		errs = append(errs, field.Invalid(specPath.Child("selector"), selector, "empty selector is invalid for deployment"))
	case !s.Matches(labels.Set(template.Labels)):
		errs = append(errs, field.Invalid(path.Child("metadata", "labels"), template.Labels, "`selector` does not match template `labels`"))
	}
	return errs
}

func checkPod(spec corev1.PodSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if spec.RestartPolicy != corev1.RestartPolicyAlways {
		errs = append(errs, field.NotSupported(path.Child("restartPolicy"), spec.RestartPolicy,
			[]corev1.RestartPolicy{corev1.RestartPolicyAlways}))
	}
	if len(spec.Containers) == 0 {
		errs = append(errs, field.Required(path.Child("containers"), ""))
	}
	seen := map[string]bool{}
	for i, ctr := range spec.Containers {
		at := path.Child("containers").Index(i)
		switch {
		case ctr.Name == "":
			errs = append(errs, field.Required(at.Child("name"), ""))
		case seen[ctr.Name]:
			errs = append(errs, field.Duplicate(at.Child("name"), ctr.Name))
		}
		seen[ctr.Name] = true
		if ctr.Image == "" {
			errs = append(errs, field.Required(at.Child("image"), ""))
		}
	}
	return errs
}
