package app

import (
	"time"

	"github.com/stationmaster/stationmaster/templates/strict"
)

// file is the config as it is written. README.md documents it.
type file struct {
	Slack struct {
		Command  strict.Text `yaml:"command"`
		Channels strict.Text `yaml:"channels"`
	} `yaml:"slack"`
	Store      strict.Text             `yaml:"store"`
	Listen     strict.Text             `yaml:"listen"`
	Procedures strict.Text             `yaml:"procedures"`
	Settle     time.Duration           `yaml:"settle"`
	Messages   map[string]strict.Text  `yaml:"messages"`   // words over those of the procedures, by the message's name
	LeadTimes  map[string]strict.Text  `yaml:"lead_times"` // how long ahead a deployment is announced, by the input risk
	Roles      map[string]roleFile     `yaml:"roles"`
	People     map[string]personFile   `yaml:"people"` // by an id of theirs
	Access     []strict.Text           `yaml:"access"` // who besides members gives orders
	Defaults   defaultsFile            `yaml:"defaults"`
	Clusters   map[string]clusterFile  `yaml:"clusters"`
	Grace      graceFile               `yaml:"grace"` // how long what may pass by itself may last in a cluster
	Registries map[string]registryFile `yaml:"registries"`
	Retailers  map[string]retailerFile `yaml:"retailers"`
	Audit      auditFile               `yaml:"audit"`
	Services   map[string]serviceFile  `yaml:"services"`
}

type auditFile struct {
	Key    strict.Text `yaml:"key"`
	Verify strict.Text `yaml:"verify"`
}

type roleFile struct {
	Users  []string `yaml:"users"`
	Groups []string `yaml:"groups"`
}

type personFile struct {
	Accounts []strict.Text `yaml:"accounts"` // their other ids
}

// whoFile says who may do what. It may stand at several levels, of which the
// nearest that has a key counts.
type whoFile struct {
	Procedure strict.Text            `yaml:"procedure"` // the floor
	Also      map[string]strict.Text `yaml:"also"`      // others, each by a role
	Start     []strict.Text          `yaml:"start"`     // roles
	Lock      strict.Text            `yaml:"lock"`      // a role
}

type defaultsFile struct {
	Who          whoFile            `yaml:",inline"`
	Environments map[string]whoFile `yaml:"environments"`
}

type clusterFile struct {
	Kubeconfig string `yaml:"kubeconfig"`
	Context    string `yaml:"context"`
}

type graceFile struct {
	Image       strict.Text `yaml:"image"`
	Start       strict.Text `yaml:"start"`
	Quota       strict.Text `yaml:"quota"`
	Webhook     strict.Text `yaml:"webhook"`
	Schedule    strict.Text `yaml:"schedule"`
	Endpoints   strict.Text `yaml:"endpoints"`
	Stopping    strict.Text `yaml:"stopping"`
	Unready     strict.Text `yaml:"unready"`
	Controllers strict.Text `yaml:"controllers"`
}

type registryFile struct {
	Username  string      `yaml:"username"`
	Password  strict.Text `yaml:"password"`
	PlainHTTP bool        `yaml:"plain_http"` // it is asked without TLS too
}

type retailerFile struct {
	Who          whoFile                    `yaml:",inline"`
	TAM          string                     `yaml:"tam"`
	Zone         strict.Text                `yaml:"zone"`
	Links        map[string]strict.Text     `yaml:"links"`
	Channels     map[string]string          `yaml:"channels"`
	Shared       bool                       `yaml:"shared_channel"` // its own channel may be shared with other organizations
	Messages     map[string]strict.Text     `yaml:"messages"`       // over those for all
	Environments map[string]environmentFile `yaml:"environments"`
}

type environmentFile struct {
	Who       whoFile     `yaml:",inline"`
	Cluster   strict.Text `yaml:"cluster"`
	Namespace strict.Text `yaml:"namespace"`
	Default   bool        `yaml:"default"`
}

type serviceFile struct {
	Who          whoFile                `yaml:",inline"`
	Environments map[string]whoFile     `yaml:"environments"` // nearer than the service's own
	Owner        string                 `yaml:"owner"`
	Links        map[string]strict.Text `yaml:"links"`
	Rollout      struct {
		Uses      strict.Text `yaml:"uses"`
		Workload  strict.Text `yaml:"workload"`
		Container strict.Text `yaml:"container"`
		Image     strict.Text `yaml:"image"`
	} `yaml:"rollout"`
}
