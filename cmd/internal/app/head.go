package app

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store"
)

// signatureMark stands between a head and its signature.
const signatureMark = "."

// A signer signs the heads of one store. Whoever can write the database can make a
// chain of their own with a head of its own, but not with our signature.
type signer struct {
	store string             // its id
	key   ed25519.PrivateKey // nil: heads are not signed
}

// message is what is signed: a head counts for its store alone.
func (s signer) message(head string) []byte {
	return []byte("stationmaster head\n" + s.store + "\n" + head)
}

// sign returns HEAD.SIGNATURE, or without a key the head as it is.
func (s signer) sign(head string) string {
	if s.key == nil {
		return head
	}
	return head + signatureMark + base64.RawURLEncoding.EncodeToString(ed25519.Sign(s.key, s.message(head)))
}

// errSignature says that a head bears a signature that is not ours.
var errSignature = errors.New("its signature is not of this store's key: somebody else made it, or the key was changed")

// open takes the head out of HEAD or HEAD.SIGNATURE, and says whether it is signed
// by us. Without a key every signature is passed over.
func (s signer) open(text string) (head string, signed bool, err error) {
	head, signature, has := strings.Cut(text, signatureMark)
	if !has || s.key == nil {
		return head, false, nil
	}
	sum, err := base64.RawURLEncoding.DecodeString(signature)
	public, ok := s.key.Public().(ed25519.PublicKey)
	if err != nil || !ok || !ed25519.Verify(public, s.message(head), sum) {
		return head, false, fmt.Errorf("the head %s: %w", head, errSignature)
	}
	return head, true, nil
}

// counts is the newest head that counts of some, the newest first: with a key, one
// that is signed, and only where there is none, as from before there was a key, one
// without a signature. "" is none.
func (s signer) counts(heads []string) string {
	unsigned := ""
	for _, text := range heads {
		head, signed, err := s.open(text)
		switch {
		case err != nil:
		case signed || s.key == nil:
			return head
		case unsigned == "":
			unsigned = head
		}
	}
	return unsigned
}

// signedHead is the present head of a store, signed if there is a key.
func signedHead(ctx context.Context, s *store.Store, key ed25519.PrivateKey) (string, error) {
	head, err := s.Head(ctx)
	if err != nil {
		return "", err
	}
	return signer{s.ID(), key}.sign(head), nil
}

// parseKey reads an Ed25519 key in PEM (PKCS #8), as openssl writes it. The error
// shows nothing of it.
func parseKey(text deployer.Secret) (ed25519.PrivateKey, error) {
	wrong := errors.New("this is no Ed25519 key in PEM; make one with: openssl genpkey -algorithm ed25519 -out FILE")
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, wrong
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, wrong
	}
	if key, ok := key.(ed25519.PrivateKey); ok {
		return key, nil
	}
	return nil, wrong
}
