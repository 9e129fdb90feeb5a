package probe

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

func TestAddressesOfMachinesThemselvesAreForbidden(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]bool{
		"169.254.169.254": true, "169.254.0.1": true, "fe80::1": true, "fe80::1%eth0": true, "febf::1": true, "fd00:ec2::254": true,
		"::ffff:169.254.169.254": true, "64:ff9b::a9fe:a9fe": true, "2002:a9fe:a9fe::1": true, "100.100.100.200": true,
		"168.63.129.16": true, "ff02::1": true, "224.0.0.1": true,
		"127.0.0.1": false, "::1": false, "10.0.0.1": false, "169.253.0.1": false, "fec0::1": false, "fd00:ec2::253": false,
		"192.0.2.1": false, "64:ff9b::c000:201": false, "2002:c000:201::1": false,
	} {
		if got := forbidden(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s: %v, want %v", ip, got, want)
		}
	}
}

// A step that names such an address is refused before anything is asked.
func TestAnAddressOfTheMachineItselfIsRefused(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://169.254.169.254/latest/meta-data/", "http://[fe80::1%25eth0]:80/", "https://[::ffff:169.254.169.254]/"} {
		var refused *deployer.Refusal
		if _, err := New(Config{}).Look(t.Context(), intent(address)); !errors.As(err, &refused) || !strings.Contains(err.Error(), "no probe asks there") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// A name that leads to such an address is no way around it: it is looked at when
// the name is an address, before a connection is made.
func TestANameThatLeadsToTheMachineItselfIsNotAsked(t *testing.T) {
	t.Parallel()
	s := New(Config{})
	dial := s.transport.DialContext
	s.transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dial(ctx, network, "169.254.169.254:80") // what the name means to this machine
	}
	o, _ := followOf(t, s, intent("http://web.example/"))
	expect(t, o, deployer.Failed, "http://web.example/ is at 169.254.169.254, which is for machines themselves (link-local, or a cloud's metadata): no probe asks there (tried 2 times).")
}

// The same host at another port is another server: a page to log in at, or what
// listens beside it on the same machine.
func TestRedirectIsFollowedWithinItsPort(t *testing.T) {
	t.Parallel()
	other := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the other port was asked") })
	from := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other+"/?next=secret", http.StatusFound)
	})
	o, _ := follow(t, intent(from+"/"))
	expect(t, o, deployer.Failed, from+"/ answered 302, which leads to "+other+", not 200 (tried 2 times).")
}

func TestSameServer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"http://web.example/a", "http://WEB.example:80/b", true},
		{"http://web.example", "https://web.example", true},
		{"http://web.example:80", "https://web.example:443", true},
		{"https://web.example:8443", "https://web.example:8443", true},
		{"http://web.example:8080", "https://web.example", false},
		{"http://web.example:8080", "https://web.example:8443", false},
		{"https://web.example", "https://web.example:8443", false},
		{"http://web.example", "http://api.example", false},
		{"http://web.example", "http://web.example.evil.example", false},
	} {
		a, errA := url.Parse(c.a)
		b, errB := url.Parse(c.b)
		if err := errors.Join(errA, errB); err != nil || sameServer(a, b) != c.want {
			t.Errorf("%s and %s: %v, want %v (%v)", c.a, c.b, !c.want, c.want, err)
		}
	}
}
