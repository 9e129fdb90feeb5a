package app

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube"
	"github.com/stationmaster/stationmaster/deployer/launch"
	"github.com/stationmaster/stationmaster/deployer/registry"
	"github.com/stationmaster/stationmaster/deployer/rules"
	"github.com/stationmaster/stationmaster/deployer/urltemplate"
	"github.com/stationmaster/stationmaster/templates"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A Config is what a process runs with, validated as a whole.
type Config struct {
	Command    string
	Channels   *regexp.Regexp
	Store      string        // a URL
	Socket     Socket        // where terminals are answered
	Listen     string        // host:port; "": nothing is served
	Settle     time.Duration // how long something that was sent may still take effect; 0: 10 s to Slack, 30 s to others
	Roles      map[string]Role
	BreakGlass string              // the role whose people may answer where nobody comes; "": nobody
	People     map[string]Person   // by one id of theirs
	Access     []deployer.Standing // who may give orders besides members of the workspace
	Defaults   Who
	Everywhere map[string]Who // by environment: over Defaults
	Clusters   map[string]kube.Cluster
	Grace      kube.Grace // what the file does not say is 0
	Registries map[string]registry.Host
	Retailers  map[string]Retailer
	Services   map[string]Service
	Procedures map[string]deployer.Procedure // that count: those of the folder, and the built-in ones that something uses
	Idle       map[string]deployer.Procedure // the other built-in ones, which ask nothing of a config
	Usual      map[string]bool               // those that are the usual one as it comes with the program, or extend it: see wants
	Doubts     []string                      // about the procedures of the folder: what is allowed in them and probably not meant
	Unused     strict.Problems               // vars that no procedure has
	Vars       map[string]string             // of procedures, for all
	VarsIn     map[string]map[string]string  // by environment: nearer than those of a retailer
	Groups     map[string]Group
	Owners     map[string]launch.Owner                    // by service
	Secrets    map[string]func() (deployer.Secret, error) // by name: each is read when it is used
	Freezes    []rules.Freeze                             // those that are over, too
	Messages   map[string]string                          // by name: over the procedures' own words
	Titles     map[string]string                          // by the message's name: over the procedures' own
	LeadTimes  map[string]time.Duration                   // by risk: how long ahead a deployment is announced
	Audit      Audit
}

// A Role is held by users and by members of user groups.
type Role struct {
	Users, Groups []string
	Deputies      Deputies // who stand in for them
}

// Deputies are users and members of user groups likewise.
type Deputies struct{ Users, Groups []string }

// A Person is a human with more than one account, or with a login.
type Person struct {
	Accounts []string // their other ids
	Login    string   // of the system, or its number; "": none
}

// A Group is what retailers have in common.
type Group struct{ Vars map[string]string }

// A Retailer has its channels and environments.
type Retailer struct {
	Who
	Product      bool // it is called a product
	Title        string
	Groups       []string          // sorted
	Components   []string          // on the status page
	Countries    []string          // whose holidays it has
	Holidays     map[string]string // besides, by day, as YYYY-MM-DD
	Vars         map[string]string
	Services     map[string]map[string]string // the only ones that it has, with their vars here; nil: all, without
	TAM          string
	Zone         *time.Location              // where its people are; UTC when the config says nothing
	Links        map[string]urltemplate.Link // by what people read; one named like an input is that input's
	Channels     map[string]string           // deploys is its own, by its id
	Shared       bool                        // that one may be shared with other organizations
	Messages     map[string]string           // over those for all
	Titles       map[string]string           // likewise
	Environments map[string]Environment
}

// An Environment is a namespace in a cluster.
type Environment struct {
	Who
	Cluster, Namespace string
	Default            bool
	Vars               map[string]string
}

// A Service is rolled out by changing the image of a container.
type Service struct {
	Who
	Environments               map[string]Who // by name: over Who
	Owner                      string
	Vars                       map[string]string
	Links                      map[string]urltemplate.Link // by what people read
	Workload, Container, Image string
}

// Load reads and validates a config. Its error says everything that is wrong,
// each with its line and column.
func Load(path string) (Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("read the config: %w", err)
	}
	return Parse(path, data)
}

// Parse is Load for what was read from a file of that name.
func Parse(path string, data []byte) (Config, error) {
	var f file
	if err := strict.Decode(path, data, &f); err != nil {
		return Config{}, err
	}
	c := &checker{path: path, data: data, file: f}
	cfg := c.config()
	if err := c.problems.Err(); err != nil {
		return Config{}, err
	}
	return cfg, nil
}

// known is what procedures may refer to.
func (c Config) known() templates.Known {
	known := templates.Known{Kinds: Kinds(), Roles: sorted(c.Roles), Channels: []string{deployer.ChannelDeploys, "change", "support", deployer.ChannelClients}}
	known.Secrets = append([]string{}, sorted(c.Secrets)...)
	for _, r := range c.Retailers {
		known.Channels = append(known.Channels, sorted(r.Channels)...)
		known.Environments = append(known.Environments, sorted(r.Environments)...)
	}
	slices.Sort(known.Environments)
	known.Environments, known.Retailers = slices.Compact(known.Environments), sorted(c.Retailers)
	return known
}

// procedures loads the built-in procedures and the folder that overlays them.
func (c *checker) procedures(cfg *Config) {
	known := cfg.known()
	known.Former = true
	known.Folder = Beside(c.path, c.file.Procedures.Value)
	known.Doubt = func(p strict.Problem) { cfg.Doubts = append(cfg.Doubts, p.Error()) }
	var overlay fs.FS
	if folder := known.Folder; folder != "" {
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			c.wrong(c.file.Procedures, "there is no folder %s; remove the line, or make the folder", folder)
			return
		}
		overlay = os.DirFS(folder)
	}
	entries, err := templates.List(known, overlay)
	var problems strict.Problems
	if errors.As(err, &problems) {
		c.problems = append(c.problems, problems...)
		return
	}
	if err != nil {
		c.wrong(c.file.Procedures, "%v", err)
		return
	}
	cfg.count(entries, c.file.whos())
}

// usual are the ids of the usual procedure as it comes with the program, and of all that
// extend it.
func usual(entries []templates.Entry) map[string]bool {
	out := map[string]bool{}
	extends := func(e templates.Entry) bool {
		base := e.Extends
		return base == usualProcedure && (e.Procedure.ID == base || !slices.ContainsFunc(entries, func(o templates.Entry) bool { return o.Hidden && o.Procedure.ID == base })) || out[base] && base != ""
	}
	for range entries { // one may extend another that comes later
		for _, e := range entries {
			if id := e.Procedure.ID; !e.Hidden && (e.BuiltIn && id == usualProcedure || extends(e)) {
				out[id] = true
			}
		}
	}
	return out
}

// count parts the procedures into those that count and those that don't. Of the built-in ones
// those count that the config names, the usual one, and what any that counts runs.
func (c *Config) count(entries []templates.Entry, whos []whoFile) {
	c.Procedures, c.Idle = map[string]deployer.Procedure{}, map[string]deployer.Procedure{}
	named := map[string]bool{usualProcedure: true}
	for _, w := range whos {
		named[w.Procedure.Value] = true
		for id := range w.Also {
			named[id] = true
		}
	}
	for _, e := range entries {
		switch id := e.Procedure.ID; {
		case e.Hidden:
		case e.BuiltIn && !named[id]:
			c.Idle[id] = e.Procedure
		default:
			c.Procedures[id] = e.Procedure
		}
	}
	c.Usual = usual(entries)
	for _, id := range sorted(c.Procedures) {
		c.wake(id)
	}
}

// wake has what a procedure runs count, if it is built in, and what that runs.
func (c *Config) wake(id string) {
	for _, child := range children(c.Procedures[id]) {
		if p, ok := c.Idle[child]; ok {
			c.Procedures[child] = p
			delete(c.Idle, child)
			c.wake(child)
		}
	}
}

// children are the procedures that the steps of one run, by id.
func children(p deployer.Procedure) []string {
	var out []string
	for _, s := range slices.Concat(p.Steps, p.Rollback, p.Failure.Steps, p.After) {
		if id := s.With["procedure"].Text; s.Uses == deployer.KindRun && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// followed are the procedures that may be followed where that holds: by their ids, with
// what they run.
func (c Config) followed(w Who) []string {
	out := append([]string{w.Procedure}, sorted(w.Also)...)
	for i := 0; i < len(out); i++ {
		for _, child := range children(c.Procedures[out[i]]) {
			if _, ok := c.Procedures[child]; ok && !slices.Contains(out, child) {
				out = append(out, child)
			}
		}
	}
	return out
}

// allProcedures are those that there are, whether they count or not.
func (c Config) allProcedures() map[string]deployer.Procedure {
	if c.Procedures == nil {
		return nil // they could not be loaded
	}
	all := maps.Clone(c.Procedures)
	maps.Copy(all, c.Idle)
	return all
}
