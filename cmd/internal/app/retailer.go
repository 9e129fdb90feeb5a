package app

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer/launch"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// ofRetailer is where the name of a retailer stands in what is written for all.
const ofRetailer = "{retailer}"

// mergeProducts makes retailers of the products: another word for the same.
func (c *checker) mergeProducts() {
	c.products = map[string]bool{}
	if c.file.Retailers == nil {
		c.file.Retailers = map[string]retailerFile{}
	}
	for name, p := range c.file.Products {
		if _, twice := c.file.Retailers[name]; twice {
			c.wrong(c.key("products", name), "%s is a retailer as well; keep one of the two", name)
			continue
		}
		c.products[name], c.file.Retailers[name] = true, p
	}
}

// under is the key that a retailer stands under.
func (c *checker) under(retailer string) string {
	if c.products[retailer] {
		return "products"
	}
	return "retailers"
}

// values are written texts without their places.
func values(written map[string]strict.Text) map[string]string {
	out := map[string]string{}
	for name, t := range written {
		out[name] = t.Value
	}
	return out
}

func (c *checker) retailer(name string, r retailerFile, groups []string) Retailer {
	out := Retailer{
		Who: r.Who.who(), Product: c.products[name], Title: cmp.Or(r.Title.Value, launch.Capital(name)), TAM: r.TAM, Groups: groups,
		Zone: c.zone(cmp.Or(r.Zone, c.zoneOf(name, groups))), Channels: c.channelsOf(name, r), Shared: r.Shared,
		Countries: dayChecker{c}.countries(r.Countries), Holidays: dayChecker{c}.holidaysOf(name, r, groups), Vars: values(r.Vars), Services: c.has(name, r), Environments: map[string]Environment{},
	}
	for _, t := range r.Components {
		out.Components = append(out.Components, t.Value)
	}
	environments, marked := c.environmentsOf(name, r), 0
	for env, e := range environments {
		if _, ok := c.file.Clusters[e.Cluster.Value]; !ok {
			c.wrong(cmp.Or(e.Cluster, c.key(c.under(name), name, "environments", env)), "%s %s: %s", name, env, strict.Unknown("cluster", e.Cluster.Value, sorted(c.file.Clusters)))
		}
		if e.Namespace.Value == "" {
			c.wrong(c.key(c.under(name), name, "environments", env), "%s %s needs a namespace", name, env)
		}
		is := e.Default != nil && *e.Default
		if is {
			marked++
		}
		out.Environments[env] = Environment{
			Who: r.Environments[env].Who.who(), Cluster: e.Cluster.Value, Namespace: e.Namespace.Value,
			Default: is || len(environments) == 1, Vars: values(r.Environments[env].Vars),
		}
	}
	if len(environments) == 0 {
		c.wrong(c.key(c.under(name), name), "the retailer %s has no environments, and defaults has none either", name)
	}
	if len(environments) > 1 && marked != 1 {
		c.wrong(c.key(c.under(name), name, "environments"), "the retailer %s has %d environments and %d defaults; mark one with default: true", name, len(environments), marked)
	}
	return out
}

// environmentsOf are the environments of a retailer: its own with what the defaults
// say besides, or all that the defaults place in a cluster.
func (c *checker) environmentsOf(name string, r retailerFile) map[string]environmentFile {
	out := map[string]environmentFile{}
	if len(r.Environments) == 0 {
		for env, e := range c.file.Defaults.Environments {
			if e.Cluster.Value != "" {
				out[env] = e
			}
		}
	}
	maps.Copy(out, r.Environments)
	for env, e := range out {
		usual := c.file.Defaults.Environments[env]
		e.Cluster, e.Namespace = cmp.Or(e.Cluster, usual.Cluster), cmp.Or(e.Namespace, usual.Namespace)
		if e.Default == nil {
			e.Default = usual.Default
		}
		e.Cluster.Value = strings.ReplaceAll(e.Cluster.Value, ofRetailer, name)
		e.Namespace.Value = strings.ReplaceAll(e.Namespace.Value, ofRetailer, name)
		out[env] = e
	}
	return out
}

// channelsOf are a retailer's own channels over those of all. One that is empty is
// none.
func (c *checker) channelsOf(name string, r retailerFile) map[string]string {
	out := map[string]string{}
	for label, t := range c.file.Defaults.Channels {
		out[label] = strings.ReplaceAll(t.Value, ofRetailer, name)
	}
	maps.Copy(out, values(r.Channels))
	maps.DeleteFunc(out, func(_, channel string) bool { return channel == "" })
	return out
}

// has are the services of a retailer, where not all are.
func (c *checker) has(name string, r retailerFile) map[string]map[string]string {
	if r.Services == nil {
		return nil
	}
	out := map[string]map[string]string{}
	for service, h := range r.Services {
		if _, ok := c.file.Services[service]; !ok {
			c.wrong(c.key(c.under(name), name, "services", service), "%s: %s", name, strict.Unknown("service", service, sorted(c.file.Services)))
		}
		out[service] = values(h.Vars)
	}
	return out
}

// groups are those of each retailer, by its name, sorted. They may be said on both
// sides.
func (c *checker) groups(cfg *Config) map[string][]string {
	out := map[string][]string{}
	for name, r := range c.file.Retailers {
		for _, g := range r.Groups {
			out[name] = append(out[name], g.Value)
		}
	}
	cfg.Groups = map[string]Group{}
	for name, g := range c.file.Groups {
		cfg.Groups[name] = Group{Vars: values(g.Vars)}
		for _, r := range g.Retailers {
			if _, ok := c.file.Retailers[r.Value]; !ok {
				c.wrong(r, "%s: %s", name, strict.Unknown("retailer", r.Value, sorted(c.file.Retailers)))
			}
			out[r.Value] = append(out[r.Value], name)
		}
	}
	for name, groups := range out {
		slices.Sort(groups)
		out[name] = slices.Compact(groups)
		c.agree(name, out[name])
	}
	return out
}

// agree refuses a retailer of two groups that say different things of one var:
// neither is nearer.
func (c *checker) agree(retailer string, groups []string) {
	of := map[string]string{}
	for _, g := range groups {
		for _, name := range sorted(c.file.Groups[g].Vars) {
			at := c.file.Groups[g].Vars[name]
			if other, ok := of[name]; ok && c.file.Groups[other].Vars[name].Value != at.Value {
				c.wrong(at, "%s is in the groups %s and %s, which both set %s; set it for %[1]s itself", retailer, other, g, name)
			}
			of[name] = g
		}
	}
}

// zoneOf is the zone of a retailer's groups.
func (c *checker) zoneOf(retailer string, groups []string) (zone strict.Text) {
	for _, g := range groups {
		switch t := c.file.Groups[g].Zone; {
		case zone.Value != "" && t.Value != "" && zone.Value != t.Value:
			c.wrong(t, "%s is in groups of two zones, %s and %s; give it one of its own", retailer, zone.Value, t.Value)
		case t.Value != "":
			zone = t
		}
	}
	return zone
}

// zone is a time zone by its name in the IANA database, which the binary brings along.
func (c *checker) zone(t strict.Text) *time.Location {
	z, err := time.LoadLocation(t.Value)
	if err != nil || t.Value == "Local" {
		c.wrong(t, "%q is no time zone such as America/New_York", t.Value)
		return time.UTC
	}
	return z
}
