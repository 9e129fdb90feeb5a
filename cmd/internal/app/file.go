package app

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/templates/jsonschema"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// file is the config as it is written. Its JSON Schema is made of it: each doc is the
// sentence that an editor shows.
type file struct {
	Slack      slackFile               `yaml:"slack" doc:"Which command and which channels are the bot's."`
	Store      strict.Text             `yaml:"store" doc:"Where the records are: the URL of one file, bolt://stationmaster.db if it says nothing; a relative path begins where the program runs." examples:"bolt:///data/stationmaster.db"`
	Socket     socketFile              `yaml:"socket" doc:"Where stationmaster status and stationmaster act find the process when Slack is away; beside the database, FILE.sock, if it says nothing and people have logins."`
	Listen     strict.Text             `yaml:"listen" doc:"The address that serves /healthz, /readyz and /metrics; without it nothing is served." examples:"127.0.0.1:9090"`
	Procedures strict.Text             `yaml:"procedures" doc:"A folder with procedures of your own, laid over the built-in ones by their ids; a relative path begins in the folder of this file." examples:"./procedures"`
	Settle     time.Duration           `yaml:"settle" doc:"How long something that was sent may still take effect; at least your time-outs. 10s for Slack and 30s for others if it says nothing."`
	Vars       map[string]strict.Text  `yaml:"vars" doc:"What the vars of procedures are for all. Nearer ones count before: of the group, retailer, environment, service, and the service in a retailer."`
	Secrets    map[string]strict.Text  `yaml:"secrets" doc:"Secrets that headers and bodies of probe.http may hold as {secrets.NAME}, each as ${ENV:NAME} or ${FILE:/path}, never written here."`
	Messages   map[string]wordsFile    `yaml:"messages" doc:"Your words in the place of those of the procedures, by the message's name."`
	LeadTimes  map[string]strict.Text  `yaml:"lead_times" doc:"How long ahead a deployment is announced, by the input risk; later than that, it is warned."`
	Holidays   holidaysFile            `yaml:"holidays" doc:"Days for the windows of procedures besides those of the retailers’ countries: as YYYY-MM-DD with what they are, or as a list that says for whom."`
	Freezes    []freezeFile            `yaml:"freezes" doc:"Times in which nothing begins that changes what runs; what has begun is finished, and a rollback is always possible."`
	Roles      map[string]roleFile     `yaml:"roles" doc:"Who is what: the roles that procedures and this file name."`
	People     map[string]personFile   `yaml:"people" doc:"Humans with several accounts, or with a login on the machine, by the Slack id of one of them."`
	Access     []strict.Text           `yaml:"access" doc:"Who gives orders besides members of the workspace: guest, stranger, other-team, bot."`
	Owners     ownersFile              `yaml:"owners" doc:"Who owns what: the people of the built-in role owner, and a link on the card."`
	Defaults   defaultsFile            `yaml:"defaults" doc:"What holds where nothing nearer says otherwise."`
	Clusters   map[string]clusterFile  `yaml:"clusters" doc:"The Kubernetes clusters, by the names that environments use."`
	Grace      graceFile               `yaml:"grace" doc:"How long what may pass by itself may last in a cluster before it fails a step."`
	Registries map[string]registryFile `yaml:"registries" doc:"Container registries, by their host; an image of another one is deployed by tag, and the card says so."`
	Groups     map[string]groupFile    `yaml:"groups" doc:"Groups of retailers that have something in common."`
	Retailers  map[string]retailerFile `yaml:"retailers" doc:"For whom is deployed. With defaults, a new one is a line: its name and a colon."`
	Products   map[string]retailerFile `yaml:"products" doc:"Another word for retailers, where what is deployed is for no retailer."`
	Audit      auditFile               `yaml:"audit" doc:"When the records are proved, and what signs them."`
	Services   map[string]serviceFile  `yaml:"services" doc:"What is deployed, by the names that people type."`
}

type slackFile struct {
	Command  strict.Text `yaml:"command" doc:"The slash command, /deploy if it says nothing." examples:"/deploy"`
	Channels strict.Text `yaml:"channels" doc:"A regular expression of the channels that take commands; its group retailer says for whom." examples:"^(?P<retailer>[a-z0-9-]+)-deploys$"`
}

type auditFile struct {
	Key    strict.Text `yaml:"key" doc:"What signs the heads of the records, as ${ENV:NAME} or ${FILE:/path}."`
	Verify strict.Text `yaml:"verify" doc:"When all records are proved, as cron has it, or never; 0 3 * * * if it says nothing." examples:"0 3 * * *"`
}

type roleFile struct {
	Users  []string `yaml:"users" doc:"People, by Slack id, name or e-mail address."`
	Groups []string `yaml:"groups" doc:"Slack user groups, by handle or id."`
}

type personFile struct {
	Accounts []strict.Text `yaml:"accounts" doc:"The Slack ids of their other accounts."`
	Login    strict.Text   `yaml:"login" doc:"Their login on the machine, or its number, by which stationmaster act knows them." examples:"ana"`
}

// socketFile is a path, or a path with who may use it.
type socketFile struct {
	Path  strict.Text `yaml:"path" short:"scalar" doc:"The path of the Unix socket; a relative one begins where the program runs." examples:"/run/stationmaster/stationmaster.sock"`
	Group strict.Text `yaml:"group" doc:"The group of the system whose members may use it besides the process's own user."`
}

// whoFile says who may do what. It may stand at several levels, of which the
// nearest that has a key counts.
type whoFile struct {
	Procedure strict.Text            `yaml:"procedure" doc:"The id of the procedure that is followed, whoever asks; deployment if nothing says another."`
	Also      map[string]strict.Text `yaml:"also" doc:"The only other procedures that may be chosen, by id, each by a role."`
	Start     []strict.Text          `yaml:"start" doc:"The roles that may start a deployment; without it everybody in the channel."`
	Lock      strict.Text            `yaml:"lock" doc:"The role that may lock; without it those who approve or decide."`
}

// whos are what all levels say of who may do what.
func (f file) whos() []whoFile {
	out := []whoFile{f.Defaults.Who}
	environments := func(all map[string]environmentFile) {
		for _, e := range all {
			out = append(out, e.Who)
		}
	}
	environments(f.Defaults.Environments)
	for _, r := range f.Retailers {
		out = append(out, r.Who)
		environments(r.Environments)
	}
	for _, s := range f.Services {
		out = append(append(out, s.Who), slices.Collect(maps.Values(s.Environments))...)
	}
	return out
}

type defaultsFile struct {
	Who          whoFile                    `yaml:",inline"`
	Channels     map[string]strict.Text     `yaml:"channels" doc:"Channels of every retailer, by the names that procedures have for them; {retailer} is its name."`
	Environments map[string]environmentFile `yaml:"environments" doc:"Environments of every retailer that names none, and what those that retailers name do not say."`
}

// ownersFile says who owns what.
type ownersFile struct {
	CSV   strict.Text `yaml:"csv" doc:"A file with a line for each component and the columns component, team, role and channel, beside this one if it has no folder." examples:"owners.csv"`
	Table []ownerFile `yaml:"table" doc:"The same, written here; its lines count before those of the file."`
}

type ownerFile struct {
	Component strict.Text `yaml:"component" doc:"What is owned: the name of a service." required:"yes"`
	Team      strict.Text `yaml:"team" doc:"Who owns it, as people read it."`
	Role      strict.Text `yaml:"role" doc:"The role of its people, one of roles; without it the one that is called like the team."`
	Channel   strict.Text `yaml:"channel" doc:"Where they are found: the id of a channel, such as C0123456789, to which the card links."`
}

type clusterFile struct {
	Kubeconfig string `yaml:"kubeconfig" doc:"The path of a kubeconfig, from the folder of this file if it is relative, read anew when it changes; without it the cluster that the bot runs in."`
	Context    string `yaml:"context" doc:"The context in it; its current one if it says nothing."`
}

type graceFile struct {
	Image       strict.Text `yaml:"image" doc:"How long an image of a registry that has not said no may not come; 1m if it says nothing."`
	Start       strict.Text `yaml:"start" doc:"How long a container may not start, as for want of a Secret; 1m if it says nothing."`
	Quota       strict.Text `yaml:"quota" doc:"How long there may be no room or leave for new pods while nothing can free any; 15s if it says nothing."`
	Webhook     strict.Text `yaml:"webhook" doc:"How long an admission webhook may not answer; 1m if it says nothing."`
	Schedule    strict.Text `yaml:"schedule" doc:"How long pods may fit on no node; 2m if it says nothing."`
	Endpoints   strict.Text `yaml:"endpoints" doc:"How long a Service may not lead to pods that are ready; 15s if it says nothing."`
	Stopping    strict.Text `yaml:"stopping" doc:"How long an old pod may still be there after the time that it was given to stop; 1m if it says nothing."`
	Unready     strict.Text `yaml:"unready" doc:"How long pods that were verified may be out of order; 1m if it says nothing."`
	Controllers strict.Text `yaml:"controllers" doc:"How long the cluster’s controllers may not take up a change until that is said; 15s if it says nothing."`
}

type registryFile struct {
	Username  string      `yaml:"username" doc:"Who asks it."`
	Password  strict.Text `yaml:"password" doc:"With what, as ${ENV:NAME} or ${FILE:/path}, which is read at each use."`
	PlainHTTP bool        `yaml:"plain_http" doc:"true: it may be asked without TLS too, so that anybody on the way could change what a tag means."`
}

// holidaysFile are days, in one of two forms.
type holidaysFile struct {
	Days map[string]strict.Text `yaml:"-" short:"mapping"`
	List []holidayFile          `yaml:"-" short:"list"`
}

type holidayFile struct {
	At        strict.Start
	Date      strict.Text   `yaml:"date" doc:"The day, as YYYY-MM-DD." required:"yes" examples:"2026-12-24"`
	Why       strict.Text   `yaml:"why" doc:"What it is."`
	Retailers []strict.Text `yaml:"retailers" doc:"The only retailers for which it is one, besides those of the groups; without both, all."`
	Groups    []strict.Text `yaml:"groups" doc:"The only groups for whose retailers it is one."`
}

// freezeFile is a freeze as it is written.
type freezeFile struct {
	At           strict.Start
	From         strict.Text   `yaml:"from" doc:"Its first day, as YYYY-MM-DD, or a moment, as YYYY-MM-DD HH:MM; by the clock of each retailer." required:"yes" examples:"2026-12-20"`
	To           strict.Text   `yaml:"to" doc:"Its last day, or the moment at which it ends." required:"yes" examples:"2027-01-04"`
	Why          strict.Text   `yaml:"why" doc:"What whoever wants to deploy is told." required:"yes"`
	Override     strict.Text   `yaml:"override" doc:"The role that may go on all the same, with a reason, which is announced; without it nobody."`
	Retailers    []strict.Text `yaml:"retailers" doc:"The only retailers that it is for, besides those of the groups; without both, all."`
	Groups       []strict.Text `yaml:"groups" doc:"The only groups for whose retailers it is."`
	Environments []strict.Text `yaml:"environments" doc:"The only environments; without it all."`
	Services     []strict.Text `yaml:"services" doc:"The only services; without it all, and what is about none."`
}

// groupFile is what retailers have in common.
type groupFile struct {
	Retailers []strict.Text          `yaml:"retailers" doc:"Who is in it; a retailer may say so itself, by its groups."`
	Zone      strict.Text            `yaml:"zone" doc:"The time zone of those that have none of their own." examples:"America/Los_Angeles"`
	Vars      map[string]strict.Text `yaml:"vars" doc:"What the vars of procedures are for its retailers."`
}

type retailerFile struct {
	Who          whoFile                    `yaml:",inline"`
	Title        strict.Text                `yaml:"title" doc:"What clients read as its name; the name with a capital if it says nothing."`
	TAM          string                     `yaml:"tam" doc:"The technical account manager, by Slack id, name or e-mail address."`
	Zone         strict.Text                `yaml:"zone" doc:"The time zone of its people; that of its group, or UTC, if it says nothing." examples:"America/New_York"`
	Groups       []strict.Text              `yaml:"groups" doc:"The groups that it is in, besides those that name it; they need not stand under groups."`
	Links        map[string]strict.Text     `yaml:"links" doc:"Links on the card, by what people read; one named like an input takes that input's key alone."`
	Channels     map[string]strict.Text     `yaml:"channels" doc:"Slack channels, by the names that procedures have for them; \"\" is none, where defaults has one. deploys is its own, by id."`
	Shared       bool                       `yaml:"shared_channel" doc:"true: its own channel may be shared with other organizations."`
	Messages     map[string]wordsFile       `yaml:"messages" doc:"Its words, over those for all."`
	Components   []strict.Text              `yaml:"components" doc:"Its components on the status page, where a step names none."`
	Countries    []strict.Text              `yaml:"countries" doc:"The countries of its people, by the two letters of ISO 3166: their public holidays are holidays in the windows of procedures." examples:"us"`
	Holidays     map[string]strict.Text     `yaml:"holidays" doc:"Its days, besides those of all, as YYYY-MM-DD with what they are."`
	Vars         map[string]strict.Text     `yaml:"vars" doc:"What the vars of procedures are for it."`
	Services     map[string]hasFile         `yaml:"services" doc:"The only services that it has, by name; without it all."`
	Environments map[string]environmentFile `yaml:"environments" doc:"Its environments; without them those of defaults."`
}

// hasFile is what is said of a service in a retailer.
type hasFile struct {
	Vars map[string]strict.Text `yaml:"vars" doc:"What the vars of procedures are for this service in this retailer; nothing is nearer."`
}

type environmentFile struct {
	Who       whoFile                `yaml:",inline"`
	Cluster   strict.Text            `yaml:"cluster" doc:"Where it runs, one of clusters; {retailer} is the retailer's name."`
	Namespace strict.Text            `yaml:"namespace" doc:"In which namespace; {retailer} is the retailer's name."`
	Default   *bool                  `yaml:"default" doc:"true: it is meant where none is named."`
	Vars      map[string]strict.Text `yaml:"vars" doc:"What the vars of procedures are in it."`
}

type serviceFile struct {
	Who          whoFile                `yaml:",inline"`
	Environments map[string]whoFile     `yaml:"environments" doc:"Who may do what with it in an environment; nearer than what it says itself."`
	Owner        string                 `yaml:"owner" doc:"Who owns it, as people read it; as owners says, if it says nothing."`
	Links        map[string]strict.Text `yaml:"links" doc:"Links on the card, by what people read."`
	Vars         map[string]strict.Text `yaml:"vars" doc:"What the vars of procedures are for it."`
	Rollout      rolloutFile            `yaml:"rollout" doc:"How it is rolled out." required:"yes"`
}

type rolloutFile struct {
	Uses      strict.Text `yaml:"uses" doc:"The system that rolls it out." enum:"kubernetes" required:"yes"`
	Workload  strict.Text `yaml:"workload" doc:"What runs it, as deployment/NAME." required:"yes" examples:"deployment/web"`
	Container strict.Text `yaml:"container" doc:"The container in it whose image changes."`
	Image     strict.Text `yaml:"image" doc:"The image, without a tag." required:"yes" examples:"registry.example/web"`
}

// schemaID is where the published schema is.
const schemaID = "https://raw.githubusercontent.com/stationmaster/stationmaster/main/cmd/internal/app/config.schema.json"

// Schema is the JSON Schema of the config. It knows shapes; whether what is named is
// there is Load's to say.
func Schema() ([]byte, error) {
	m := jsonschema.New(func(t reflect.Type) bool { return t == reflect.TypeFor[strict.Text]() })
	return jsonschema.Print(m.File(schemaID, "The config of stationmaster", reflect.TypeFor[file]()))
}
