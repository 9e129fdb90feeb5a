package app

import (
	"cmp"
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // every binary has the zones, for an image from scratch has none

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/deployer/kube"
	"github.com/stationmaster/stationmaster/deployer/registry"
	"github.com/stationmaster/stationmaster/store"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A checker turns a file into a Config and collects what is wrong with it.
type checker struct {
	path     string
	data     []byte
	file     file
	products map[string]bool // retailers that stand under products
	problems strict.Problems
}

func (c *checker) wrong(at strict.Text, format string, args ...any) {
	c.problems = append(c.problems, at.At(c.path, format, args...))
}

// key is where a key stands in the file.
func (c *checker) key(path ...string) strict.Text { return strict.Find(c.data, path...) }

func (c *checker) config() Config {
	cfg := Config{
		Command: cmp.Or(c.file.Slack.Command.Value, "/deploy"), Channels: c.channels(),
		Store: cmp.Or(c.file.Store.Value, "bolt://stationmaster.db"), Listen: c.file.Listen.Value,
		Settle: c.file.Settle, Defaults: c.file.Defaults.Who.who(), Everywhere: map[string]Who{}, VarsIn: map[string]map[string]string{},
		Roles: map[string]Role{}, Clusters: map[string]kube.Cluster{}, Registries: map[string]registry.Host{},
		Retailers: map[string]Retailer{}, Services: map[string]Service{},
	}
	if !strings.HasPrefix(cfg.Command, "/") {
		c.wrong(c.file.Slack.Command, "a slash command begins with a slash: /%s", cfg.Command)
	}
	if _, _, err := net.SplitHostPort(cfg.Listen); cfg.Listen != "" && err != nil {
		c.wrong(c.file.Listen, "%q is not an address such as 127.0.0.1:9090", cfg.Listen)
	}
	if cfg.Settle < 0 {
		c.wrong(c.key("settle"), "a time can not be negative")
	}
	c.store()
	c.mergeProducts()
	cfg.Audit = c.audit()
	c.names()
	for name, r := range c.file.Roles {
		cfg.Roles[name] = Role{Users: r.Users, Groups: r.Groups, Deputies: Deputies(r.Deputies)}
	}
	cfg.BreakGlass = breakGlass(c, &cfg)
	cfg.People, cfg.Access = c.people(), c.access()
	cfg.Socket = socket(c, cfg)
	for name, k := range c.file.Clusters {
		cfg.Clusters[name] = kube.Cluster{Kubeconfig: Beside(c.path, k.Kubeconfig), Context: k.Context}
	}
	cfg.Grace = c.grace()
	for host, r := range c.file.Registries {
		if !registry.Hosts(host) {
			c.wrong(c.key("registries", host), "%q is no host of a registry such as registry.example or registry.example:5000, without https:// and a path", host)
		}
		if r.Username == "" && r.Password.Value != "" {
			c.wrong(r.Password, "the registry %s needs a username with its password; where tokens are used, its documentation says which", host)
		}
		cfg.Registries[host] = registry.Host{Username: r.Username, Password: c.renewable(r.Password), PlainHTTP: r.PlainHTTP}
	}
	cfg.Vars, cfg.Secrets = values(c.file.Vars), c.secrets()
	groups := c.groups(&cfg)
	for name, r := range c.file.Retailers {
		cfg.Retailers[name] = c.retailer(name, r, groups[name])
	}
	cfg.Freezes = dayChecker{c}.freezes(&cfg)
	c.pinned(cfg.Retailers)
	c.procedures(&cfg)
	cfg.Messages, cfg.Titles = c.messages(&cfg, c.file.Messages, "messages")
	cfg.LeadTimes = c.leadTimes(&cfg)
	for name, r := range cfg.Retailers {
		r.Messages, r.Titles = c.messages(&cfg, c.file.Retailers[name].Messages, c.under(name), name, "messages")
		cfg.Retailers[name] = r
	}
	for name, s := range c.file.Services {
		cfg.Services[name] = c.service(name, s)
	}
	cfg.Owners = c.owners(&cfg)
	c.links(&cfg)
	c.whoMay(&cfg)
	c.needsVars(&cfg)
	cfg.Unused = c.vars(cfg.allProcedures(), nil)
	for what, n := range map[string]int{"retailers": len(cfg.Retailers), "services": len(cfg.Services), "clusters": len(cfg.Clusters)} {
		if n == 0 {
			c.wrong(c.key(what), "there are no %s; without them nothing can be deployed", what)
		}
	}
	return cfg
}

// grace is how long what may pass by itself may last, by its cause.
func (c *checker) grace() kube.Grace {
	span := func(t strict.Text) time.Duration {
		if t.Line == 0 { // it was not written
			return 0
		}
		d, err := time.ParseDuration(t.Value)
		if err != nil || d <= 0 {
			c.wrong(t, "a grace is a time above 0 such as 15s or 2m, not %q", t.Value)
		}
		return d
	}
	f := c.file.Grace
	return kube.Grace{
		Image: span(f.Image), Start: span(f.Start), Quota: span(f.Quota), Webhook: span(f.Webhook), Schedule: span(f.Schedule),
		Endpoints: span(f.Endpoints), Stopping: span(f.Stopping), Unready: span(f.Unready), Controllers: span(f.Controllers),
	}
}

func (c *checker) service(name string, s serviceFile) Service {
	r := s.Rollout
	out := Service{
		Who: s.Who.who(), Environments: map[string]Who{}, Owner: s.Owner, Vars: values(s.Vars),
		Workload: r.Workload.Value, Container: r.Container.Value, Image: r.Image.Value,
	}
	if slices.Contains(command.Reserved(), name) {
		c.wrong(c.key("services", name), "a service can not be called %s: that is a command", name)
	}
	if r.Uses.Value != "kubernetes" {
		c.wrong(cmp.Or(r.Uses, c.key("services", name)), "the service %s: %s", name, strict.Unknown("runner", r.Uses.Value, []string{"kubernetes"}))
	}
	if kind, workload, ok := strings.Cut(out.Workload, "/"); !ok || kind != "deployment" || workload == "" {
		c.wrong(cmp.Or(r.Workload, c.key("services", name, "rollout")), "the service %s needs a workload such as deployment/%s, not %q", name, name, out.Workload)
	}
	c.image(name, out.Image)
	for env, w := range s.Environments {
		out.Environments[env] = w.who()
	}
	return out
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// name is what a service, a retailer or an environment can be called: it is
// typed in commands, where a colon and spaces divide, and stands in ids and keys.
var name = regexp.MustCompile(`^[\pL\pN][\pL\pN._-]*$`)

// names checks what people type.
func (c *checker) names() {
	check := func(what, called string, path ...string) {
		if !name.MatchString(called) {
			c.wrong(c.key(path...), "a name has letters, digits and . _ -, and begins with a letter or a digit; the %s %q does not", what, called)
		}
	}
	for service := range c.file.Services {
		check("service", service, "services", service)
	}
	for retailer, r := range c.file.Retailers {
		check("retailer", retailer, c.under(retailer), retailer)
		if strings.ToLower(retailer) != retailer {
			c.wrong(c.key(c.under(retailer), retailer), "the retailer %s is found by its channel, and Slack's channels have no capitals: write %s", retailer, strings.ToLower(retailer))
		}
		for env := range r.Environments {
			check("environment", env, c.under(retailer), retailer, "environments", env)
		}
	}
}

// store checks the URL of the store, as far as that is possible without opening
// it.
func (c *checker) store() {
	if at := c.file.Store; at.Value != "" {
		if err := store.Check(at.Value); err != nil {
			c.wrong(at, "the store: %v", err) // the URL may hold a password
		}
	}
}

// image checks the image of a service.
func (c *checker) image(service, image string) {
	at := c.file.Services[service].Rollout.Image
	last := image[strings.LastIndex(image, "/")+1:]
	switch {
	case image == "":
		c.wrong(c.key("services", service, "rollout"), "the service %s needs an image, without a tag", service)
	case strings.ContainsAny(last, ":@"):
		c.wrong(at, "the image %s of %s must have no tag and no digest", image, service)
	case !registry.Names(image):
		c.wrong(at, "the image %q of %s can not be: it has lower-case letters, digits and . _ - /, and no https://, such as registry.example/web", image, service)
	}
}
