package sim

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What kubectl get asks for, and shows.
func TestTables(t *testing.T) {
	w := newWorld(t, Config{})
	w.add("web:v1", 1)
	w.setImage("web:v2-crash")
	w.awaitPod("has restarted", func(p *corev1.Pod) bool {
		s := p.Status.ContainerStatuses
		return len(s) > 0 && s[0].RestartCount > 0 && s[0].State.Waiting != nil
	})
	for path, want := range map[string]string{
		"/apis/apps/v1/namespaces/prod/deployments":     "web 1/1 1 1 ",
		"/apis/apps/v1/namespaces/prod/deployments/web": "web 1/1 1 1 ",
		"/apis/apps/v1/namespaces/prod/replicasets":     " 1 1 0 ",
		"/api/v1/namespaces/prod/pods":                  "s ago) ",
		"/api/v1/namespaces/prod/events":                " Warning BackOff pod/web-",
		"/api/v1/namespaces":                            "kube-system Active ",
		"/api/v1/nodes":                                 "node-1 Ready <none> ",
	} {
		b, err := w.AppsV1().RESTClient().Get().AbsPath(path).
			SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json").DoRaw(w.ctx)
		if err != nil {
			t.Fatal(err)
		}
		var table metav1.Table
		if err := json.Unmarshal(b, &table); err != nil {
			t.Fatal(err)
		}
		var rows strings.Builder
		for _, r := range table.Rows {
			if len(r.Cells) != len(table.ColumnDefinitions) {
				t.Errorf("%s has %d cells in %d columns", path, len(r.Cells), len(table.ColumnDefinitions))
			}
			rows.WriteString(strings.Trim(fmt.Sprint(r.Cells), "[]") + "\n")
		}
		if !strings.Contains(rows.String(), want) {
			t.Errorf("%s has no row with %q:\n%s", path, want, rows.String())
		}
	}
}
