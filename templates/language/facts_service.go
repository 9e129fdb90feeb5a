package language

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stationmaster/stationmaster/deployer"
)

// services are those that a deployment is about.
func (f *facts) services() []string {
	if len(f.Targets) > 0 {
		return deployer.Services(*f.Deployment)
	}
	var out []string
	for _, r := range f.Releases {
		out = append(out, r.Service)
	}
	return out
}

// released are the services with what somebody has typed for them, before that is
// looked up.
func (f *facts) released() []string {
	var out []string
	for _, r := range f.Releases {
		out = append(out, strings.TrimSpace(r.Service+" "+r.Tag))
	}
	return out
}

// service is the one that the moment is about; "": none.
func (f *facts) service() string {
	if slices.Contains(f.services(), f.at.Item) {
		return f.at.Item
	}
	if all := f.services(); len(all) == 1 && f.Procedure.Services == deployer.ServicesOne {
		return all[0]
	}
	return ""
}

// aService is what can be told of a service. From and to are the versions forward, in a
// rollback as well: it looks back on them.
func (f *facts) aService(name string) thing {
	var from, to deployer.State
	for _, r := range f.Releases {
		if r.Service == name {
			to.Version = r.Tag
		}
	}
	if t := f.Target(name); t != nil {
		from, to = deployer.Found(*f.Deployment, *t), t.After
	}
	return fixed("service", name, map[string]ref.Val{
		"owner": types.String(f.Place.Owners[name]), "from": types.String(from.Version), "to": types.String(to.Version), "image": types.String(to.Image),
	})
}

// variable is a var, with its own placeholders filled.
func (f *facts) variable(name string) (ref.Val, bool) {
	text, ok := f.variableText(name)
	if !ok {
		return nil, false
	}
	filled, err := f.fill(text, plainly)
	if err != nil {
		return types.WrapErr(reason(err.Error())), true
	}
	return types.String(filled), true
}

// variableText is a var as the config has it: the one of the service that is meant, if
// there is one.
func (f *facts) variableText(name string) (string, bool) {
	own := f.Procedure.ServiceVars[f.service()]
	for _, vars := range []map[string]string{own, f.Procedure.Vars} {
		if text, ok := vars[name]; ok {
			return text, true
		}
		for id, text := range vars {
			if plain(id) == plain(name) {
				return text, true
			}
		}
	}
	return "", false
}
