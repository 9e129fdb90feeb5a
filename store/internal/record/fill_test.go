package record

import (
	"cmp"
	"fmt"
	"reflect"
	"time"

	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/deployer"
)

// isDerived reports whether a field is worked out from others, or an event of its own, and not stored.
func isDerived(owner reflect.Type, f reflect.StructField) bool {
	return owner == reflect.TypeFor[deployer.Step]() && f.Name == "Kind" || owner == reflect.TypeFor[deployer.Start]() && f.Name == "Overrides"
}

// written are the values in the golden files of fields that were renamed since.
var written = map[string]string{
	"Message.DedupKey": "Mark", "Post.DedupKey": "Key", "Undelivered.DedupKey": "Key", "Note.Kind": "What",
}

// fill gives every field below v a value of its own that is not zero.
func fill(v reflect.Value, name string, n *int) {
	*n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 11, 21, 2, 0, *n, *n, time.UTC)))
		return
	case time.Duration:
		v.Set(reflect.ValueOf(time.Duration(*n) * time.Second))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("%s %d", name, *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !isDerived(v.Type(), f) {
				fill(v.Field(i), cmp.Or(written[v.Type().Name()+"."+f.Name], f.Name), n)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), name, n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name, n)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, name+" key", n)
		fill(value, name, n)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	default:
		panic("fill: no value for " + v.Type().String())
	}
}

// leaves calls fn once for every field below v, while that field and nothing
// else is not zero, and once for every list and map that is empty and not nil.
func leaves(root, v reflect.Value, fn func()) {
	n := 0
	switch {
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]():
		for i := range v.NumField() {
			if isDerived(v.Type(), v.Type().Field(i)) {
				continue
			}
			leaves(root, v.Field(i), fn)
		}
		return
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fn()
		leaves(root, v.Elem(), fn)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		fn()
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		leaves(root, v.Index(0), fn)
	case v.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		fn()
		fill(v, "leaf", &n)
		fn()
	default:
		fill(v, "leaf", &n)
		fn()
	}
	v.SetZero()
}

// draw gives v any value at all.
func draw(t *rapid.T, v reflect.Value) {
	switch v.Interface().(type) {
	case time.Time:
		sec := rapid.Int64Range(-60_000_000_000, 250_000_000_000).Draw(t, "second")
		v.Set(reflect.ValueOf(time.Unix(sec, rapid.Int64Range(0, 999_999_999).Draw(t, "nanosecond")).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.String:
		s := rapid.String().Draw(t, "text")
		if rapid.IntRange(0, 9).Draw(t, "long") == 0 {
			for len(s) <= blobMin {
				s += "line of a log <&>\u2028\n" + s
			}
		}
		v.SetString(s)
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "number"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "flag"))
	case reflect.Struct:
		for i := range v.NumField() {
			if !isDerived(v.Type(), v.Type().Field(i)) {
				draw(t, v.Field(i))
			}
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "there") {
			v.Set(reflect.New(v.Type().Elem()))
			draw(t, v.Elem())
		}
	case reflect.Slice:
		if n := rapid.IntRange(-1, 2).Draw(t, "length"); n >= 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				draw(t, v.Index(i))
			}
		}
	case reflect.Map:
		if n := rapid.IntRange(-1, 2).Draw(t, "size"); n >= 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range n {
				key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				draw(t, key)
				draw(t, value)
				v.SetMapIndex(key, value)
			}
		}
	default:
		panic("draw: no value for " + v.Type().String())
	}
}
