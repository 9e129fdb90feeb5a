package app

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

func keyFor(t *testing.T, seed byte) ed25519.PrivateKey {
	t.Helper()
	return ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(seed), ed25519.SeedSize)))
}

// A signature is about one head of one store, by one key.
func TestHeadIsSignedForItsStore(t *testing.T) {
	t.Parallel()
	s := signer{"ours", keyFor(t, 1)}
	signed := s.sign("812-abc")
	if head, ok, err := s.open(signed); head != "812-abc" || !ok || err != nil {
		t.Errorf("%q, %v, %v", head, ok, err)
	}
	if head, ok, err := s.open("812-abc"); head != "812-abc" || ok || err != nil {
		t.Errorf("unsigned: %q, %v, %v", head, ok, err)
	}
	for what, other := range map[string]signer{"another store's": {"theirs", s.key}, "another key's": {"ours", keyFor(t, 2)}} {
		if _, ok, err := other.open(signed); ok || !errors.Is(err, errSignature) {
			t.Errorf("%s: %v, %v", what, ok, err)
		}
	}
	for _, forged := range []string{strings.Replace(signed, "812", "813", 1), "812-abc.", "812-abc.nonsense", signed + "A"} {
		if _, ok, err := s.open(forged); ok || !errors.Is(err, errSignature) {
			t.Errorf("%s: %v, %v", forged, ok, err)
		}
	}
	if got := (signer{store: "ours"}).sign("812-abc"); got != "812-abc" {
		t.Errorf("without a key it is %s", got)
	}
}

// Somebody who can post as the bot, and write the database, can't have a head of
// their own count in place of a signed one.
func TestNewestSignedHeadCounts(t *testing.T) {
	t.Parallel()
	s := signer{"ours", keyFor(t, 1)}
	forged := signer{"ours", keyFor(t, 2)}.sign("9-forged")
	for _, test := range []struct {
		heads []string
		want  string
	}{
		{nil, ""},
		{[]string{s.sign("2-b"), s.sign("1-a")}, "2-b"},
		{[]string{forged, "9-forged", s.sign("1-a")}, "1-a"},
		{[]string{forged, "2-b", "1-a"}, "2-b"}, // from before there was a key
		{[]string{forged}, ""},
	} {
		if got := s.counts(test.heads); got != test.want {
			t.Errorf("of %q %q counts, want %q", test.heads, got, test.want)
		}
	}
	if got := (signer{store: "ours"}).counts([]string{s.sign("2-b"), "1-a"}); got != "2-b" {
		t.Errorf("without a key %q counts", got)
	}
}

func TestKeyIsReadAsOpensslWritesIt(t *testing.T) {
	t.Parallel()
	der, err := x509.MarshalPKCS8PrivateKey(keyFor(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	text := deployer.Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if key, err := parseKey(text); err != nil || !key.Equal(keyFor(t, 1)) {
		t.Errorf("%v", err)
	}
	for _, wrong := range []deployer.Secret{"hunter2", text[:len(text)/2], deployer.Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("hunter2")}))} {
		if _, err := parseKey(wrong); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}
