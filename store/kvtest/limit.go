package kvtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/store/kv"
)

func testLimitsRefused(t *testing.T, s kv.KV) {
	many := names(kv.OpsMax + 1)
	for _, test := range []struct {
		name  string
		batch kv.Batch
		want  error
	}{
		{"too many conditions", kv.Batch{If: matches(many)}, kv.ErrTooBig},
		{"too many puts", kv.Batch{Put: entries(many, "")}, kv.ErrTooBig},
		{"too many deletes", kv.Batch{Delete: many}, kv.ErrTooBig},
		{"too many bytes", kv.Batch{Put: []kv.Entry{entry("a", strings.Repeat("x", kv.BatchBytesMax))}}, kv.ErrTooBig},
		{"too many bytes together", kv.Batch{Put: entries(many[:64], strings.Repeat("x", kv.BatchBytesMax/64))}, kv.ErrTooBig},
		{"two conditions on a key", kv.Batch{If: matches([]string{"a", "b", "a"})}, kv.ErrInvalid},
		{"two puts of a key", kv.Batch{Put: entries([]string{"a", "b", "a"}, "")}, kv.ErrInvalid},
		{"two deletes of a key", kv.Batch{Delete: []string{"a", "b", "a"}}, kv.ErrInvalid},
		{"put and deleted", kv.Batch{Put: entries([]string{"a"}, ""), Delete: []string{"a"}}, kv.ErrInvalid},
		{"negative revision", kv.Batch{If: []kv.Match{{Key: "a", Rev: -1}}}, kv.ErrInvalid},
	} {
		t.Log(test.name)
		refuse(t, s, test.batch, test.want)
	}
	_, err := s.Get(t.Context(), many...)
	wantError(t, err, kv.ErrTooBig)
	_, err = s.Scan(t.Context(), "", "", kv.ScanMax+1)
	wantError(t, err, kv.ErrTooBig)
	_, err = s.Scan(t.Context(), "", "", 0)
	wantError(t, err, kv.ErrInvalid)
	wantKeys(t, scan(t, s, "", "", 10))
}

// testLimitsReached: what is just within the limits works, all at once.
func testLimitsReached(t *testing.T, s kv.KV) {
	all := names(3 * kv.OpsMax)
	conds, puts, deletes := all[:64], all[64:128], all[128:]
	commit(t, s, kv.Batch{Put: entries(deletes, "x")})

	b := kv.Batch{If: matches(conds), Put: entries(puts, ""), Delete: deletes}
	b.Put[0].Value = []byte(strings.Repeat("x", kv.BatchBytesMax-kv.Size(b)))
	commit(t, s, b)
	got, err := s.Get(t.Context(), puts...)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range got {
		if e.Rev == 0 || string(e.Value) != string(b.Put[i].Value) {
			t.Fatalf("entry %d has revision %d and %d bytes", i, e.Rev, len(e.Value))
		}
	}
	wantKeys(t, scan(t, s, "", "", kv.ScanMax), puts...)

	// Putting or deleting a key under a condition on itself is the ordinary
	// use.
	commit(t, s, kv.Batch{If: []kv.Match{match(got[1]), match(got[2])}, Put: entries(puts[1:2], ""), Delete: puts[2:3]})
}

func testKeys(t *testing.T, s kv.KV) {
	longest := strings.Repeat("k", kv.KeyMax)
	for _, test := range []struct {
		key  string
		want error // nil: fine
	}{
		{"k", nil},
		{longest, nil},
		{"a b\t\n/\x01\xff\u2028", nil},
		{longest + "k", kv.ErrTooBig},
		{"", kv.ErrInvalid},
		{"a\x00", kv.ErrInvalid},
	} {
		t.Logf("key %.20q", test.key)
		if test.want == nil {
			put(t, s, test.key, "v")
			commit(t, s, kv.Batch{If: []kv.Match{match(get(t, s, test.key))}, Delete: []string{test.key}})
			continue
		}
		refuse(t, s, kv.Batch{If: matches([]string{test.key})}, test.want)
		refuse(t, s, kv.Batch{Put: entries([]string{test.key}, "")}, test.want)
		refuse(t, s, kv.Batch{Delete: []string{test.key}}, test.want)
		_, err := s.Get(t.Context(), test.key)
		wantError(t, err, test.want)
		if test.key == "" {
			continue // as a bound it is fine
		}
		_, err = s.Scan(t.Context(), test.key, "", 1)
		wantError(t, err, test.want)
		_, err = s.Scan(t.Context(), "", test.key, 1)
		wantError(t, err, test.want)
		_, err = s.Watch(t.Context(), test.key)
		wantError(t, err, test.want)
	}
}

func names(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("n/%04d", i)
	}
	return all
}

// matches are the conditions that keys are absent.
func matches(keys []string) []kv.Match {
	var all []kv.Match
	for _, key := range keys {
		all = append(all, kv.Match{Key: key})
	}
	return all
}

func entries(keys []string, value string) []kv.Entry {
	var all []kv.Entry
	for _, key := range keys {
		all = append(all, entry(key, value))
	}
	return all
}
