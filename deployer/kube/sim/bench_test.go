package sim

import (
	"fmt"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
)

// BenchmarkRollouts rolls out 200 deployments of four pods at once, watched by
// informers for deployments, ReplicaSets and pods.
func BenchmarkRollouts(b *testing.B) {
	const count = 200
	f := newFixture(b, Config{Speed: 20})
	var mu sync.Mutex
	done, want := map[string]bool{}, int64(1)
	all := make(chan struct{}, 1)
	factory := informers.NewSharedInformerFactory(f.Clientset, 0)
	factory.Core().V1().Pods().Informer()
	factory.Apps().V1().ReplicaSets().Informer()
	see := func(o any) {
		mu.Lock()
		defer mu.Unlock()
		if d := o.(*appsv1.Deployment); d.Generation == want && complete(d) {
			done[d.Name] = true
		}
		if len(done) == count {
			clear(done)
			want++
			all <- struct{}{}
		}
	}
	if _, err := factory.Apps().V1().Deployments().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: see, UpdateFunc: func(_, o any) { see(o) }}); err != nil {
		b.Fatal(err)
	}
	stop := make(chan struct{})
	defer factory.Shutdown()
	defer close(stop)
	factory.Start(stop)
	for i := range count {
		if err := f.AddDeployment("prod", fmt.Sprint("web-", i), "app", "web:v1", 4); err != nil {
			b.Fatal(err)
		}
	}
	<-all
	version := 1
	for b.Loop() {
		version++
		for i := range count {
			patch := fmt.Sprintf(`[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"web:v%d"}]`, version)
			if _, err := f.AppsV1().Deployments("prod").Patch(f.ctx, fmt.Sprint("web-", i), types.JSONPatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
				b.Fatal(err)
			}
		}
		<-all
	}
}
