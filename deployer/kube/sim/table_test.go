package sim

import (
	"encoding/json"
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What kubectl get asks for, and shows.
func TestTable(t *testing.T) {
	w := newWorld(t, Config{})
	w.add("web:v1", 2)
	b, err := w.AppsV1().RESTClient().Get().Namespace("prod").Resource("deployments").
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json").DoRaw(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	var table metav1.Table
	if err := json.Unmarshal(b, &table); err != nil {
		t.Fatal(err)
	}
	if table.Kind != "Table" || len(table.Rows) != 1 || len(table.ColumnDefinitions) != len(table.Rows[0].Cells) {
		t.Fatalf("the table is %s", b)
	}
	if got := fmt.Sprint(table.Rows[0].Cells[:4]); got != "[web 2/2 2 2]" {
		t.Errorf("the row begins %s", got)
	}
}
