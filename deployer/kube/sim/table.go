package sim

import (
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// A column is one of those in which kubectl shows a resource.
type column struct {
	name, typ string
	wide      bool // only with -o wide
	cell      func(object) any
}

// wantsTable reports whether the client prefers the server's own printing.
func wantsTable(r *http.Request) bool {
	first, _, _ := strings.Cut(r.Header.Get("Accept"), ",")
	return strings.Contains(first, "as=Table") && strings.Contains(first, "v=v1")
}

func (r *resource) table(items []*item, version string) metav1.Table {
	t := metav1.Table{
		TypeMeta: metav1.TypeMeta{Kind: "Table", APIVersion: "meta.k8s.io/v1"},
		ListMeta: metav1.ListMeta{ResourceVersion: version},
		Rows:     make([]metav1.TableRow, 0, len(items)),
	}
	for _, col := range r.columns {
		d := metav1.TableColumnDefinition{Name: col.name, Type: col.typ}
		if col.wide {
			d.Priority = 1
		}
		if col.name == "Name" {
			d.Format = "name"
		}
		t.ColumnDefinitions = append(t.ColumnDefinitions, d)
	}
	for _, it := range items {
		row := metav1.TableRow{Object: runtime.RawExtension{Object: partial(it.obj)}}
		for _, col := range r.columns {
			row.Cells = append(row.Cells, col.cell(it.obj))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// partial is an object's metadata alone.
func partial(o object) *metav1.PartialObjectMetadata {
	return &metav1.PartialObjectMetadata{
		TypeMeta: metav1.TypeMeta{Kind: "PartialObjectMetadata", APIVersion: "meta.k8s.io/v1"},
		ObjectMeta: metav1.ObjectMeta{
			Name: o.GetName(), Namespace: o.GetNamespace(), UID: o.GetUID(), ResourceVersion: o.GetResourceVersion(),
			Generation: o.GetGeneration(), CreationTimestamp: o.GetCreationTimestamp(),
			DeletionTimestamp: o.GetDeletionTimestamp(), Labels: o.GetLabels(), Annotations: o.GetAnnotations(),
			OwnerReferences: o.GetOwnerReferences(),
		},
	}
}
