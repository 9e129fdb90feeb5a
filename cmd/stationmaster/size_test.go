package main_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What is larger than this is several things, and tells nobody where they are.
const (
	filesMax       = 30 // of a package, besides its tests
	methodsMax     = 45 // of a type
	smallInterface = 3  // methods
)

// A unit is what the size of a package is measured by.
type unit struct {
	files      int
	methods    map[string]int // of each type that is no interface
	interfaces map[string]int // methods of each
}

// TestPackagesAndTypesAreSmall holds every package to the limits above, and, as the models have it, three interfaces
// in four to three methods.
func TestPackagesAndTypesAreSmall(t *testing.T) {
	t.Parallel()
	units := measure(t, readSources(t))
	all := 0
	var large []string
	for _, pkg := range slices.Sorted(maps.Keys(units)) {
		u := units[pkg]
		if u.files > filesMax {
			t.Errorf("%s has %d files besides tests; at most %d: move what belongs together into a package of its own", pkg, u.files, filesMax)
		}
		for _, name := range slices.Sorted(maps.Keys(u.methods)) {
			if n := u.methods[name]; n > methodsMax {
				t.Errorf("%s in %s has %d methods; at most %d: give some of them to a type of their own", name, pkg, n, methodsMax)
			}
		}
		for name, n := range u.interfaces {
			all++
			if n > smallInterface {
				large = append(large, fmt.Sprintf("%s in %s (%d)", name, pkg, n))
			}
		}
	}
	slices.Sort(large)
	t.Logf("%d interfaces of %d have at most %d methods", all-len(large), all, smallInterface)
	if 4*len(large) > all {
		t.Errorf("%d interfaces of %d have more than %d methods; at most one in four: ask only for what is used: %s",
			len(large), all, smallInterface, strings.Join(large, ", "))
	}
}

// TestLargePackagesAndTypesAreFound shows that what is measured is what is there.
func TestLargePackagesAndTypesAreFound(t *testing.T) {
	t.Parallel()
	src := `package p
type big struct{}
func (big) one() {}
func (b *big) two() {}
type generic[T any] struct{}
func (g *generic[T]) one() {}
type pair interface{ one(); two() }
type wide interface{ pair; three() }
type number interface{ ~int | ~string }
`
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	u := unitOf([]*ast.File{file})
	if u.files != 1 || !maps.Equal(u.methods, map[string]int{"big": 2, "generic": 1}) || !maps.Equal(u.interfaces, map[string]int{"pair": 2, "wide": 3}) {
		t.Errorf("measured: %+v", u)
	}
}

// measure parses every file that is no test.
func measure(t *testing.T, sources []source) map[string]unit {
	t.Helper()
	files := map[string][]*ast.File{}
	for _, s := range sources {
		if s.isTest() {
			continue
		}
		name := filepath.Join(root(t), filepath.FromSlash(s.file))
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files[path.Dir(s.file)] = append(files[path.Dir(s.file)], f)
	}
	units := map[string]unit{}
	for pkg, list := range files {
		units[pkg] = unitOf(list)
	}
	return units
}

// unitOf measures the files of one package.
func unitOf(files []*ast.File) unit {
	u := unit{files: len(files), methods: map[string]int{}, interfaces: map[string]int{}}
	declared := map[string]*ast.InterfaceType{}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv != nil {
					u.methods[receiver(n.Recv.List[0].Type)]++
				}
			case *ast.TypeSpec:
				if i, ok := n.Type.(*ast.InterfaceType); ok {
					declared[n.Name.Name] = i
				}
			}
			return true
		})
	}
	for name, i := range declared {
		if n := methods(i, declared); n > 0 { // else it constrains a type, or is any
			u.interfaces[name] = n
		}
	}
	return u
}

// receiver is the name of a method's type.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// methods counts those of an interface, with what it embeds of its package; of another's it counts one.
func methods(i *ast.InterfaceType, declared map[string]*ast.InterfaceType) (n int) {
	for _, f := range i.Methods.List {
		switch e := f.Type.(type) {
		case *ast.FuncType:
			n += len(f.Names)
		case *ast.Ident:
			if embedded := declared[e.Name]; embedded != nil {
				n += methods(embedded, declared)
			}
		case *ast.SelectorExpr:
			n++
		}
	}
	return n
}
