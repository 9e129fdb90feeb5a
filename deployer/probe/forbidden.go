package probe

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
)

// metadata are the addresses that are not link-local, and at which a cloud
// tells a machine who it is, with its credentials: AWS by IPv6, Alibaba Cloud,
// Azure's wire server, Oracle Cloud.
var metadata = []netip.Addr{
	netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("100.100.100.200"),
	netip.MustParseAddr("168.63.129.16"), netip.MustParseAddr("192.0.0.192"),
}

// embedded are the networks of IPv6 whose addresses hold one of IPv4, and at
// which byte it begins: NAT64 and 6to4.
var embedded = map[netip.Prefix]int{netip.MustParsePrefix("64:ff9b::/96"): 12, netip.MustParsePrefix("2002::/16"): 2}

// forbidden reports whether an address is one that no service answers at.
func forbidden(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	for network, at := range embedded {
		if network.Contains(ip) {
			b := ip.As16()
			inner, _ := netip.AddrFromSlice(b[at : at+4])
			return forbidden(inner)
		}
	}
	return ip.IsLinkLocalUnicast() || ip.IsMulticast() || slices.Contains(metadata, ip)
}

// A forbiddenError is an address that is not asked.
type forbiddenError struct{ ip netip.Addr }

func (e *forbiddenError) Error() string {
	return fmt.Sprintf("%s, which is for machines themselves (link-local, or a cloud's metadata): no probe asks there", e.ip)
}

// refuseForbidden is asked before each connection, when names are addresses.
func refuseForbidden(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read the address %s: %w", address, err)
	}
	if forbidden(to.Addr()) {
		return &forbiddenError{to.Addr()}
	}
	return nil
}
