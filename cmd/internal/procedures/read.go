package procedures

import (
	"fmt"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates"
	"github.com/stationmaster/stationmaster/templates/review"
	"github.com/stationmaster/stationmaster/templates/runbook"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// Check says what a reviewer would miss in a procedure.
func Check(config, which string) ([]strict.Problem, error) {
	_, e, err := OpenFor(config, which)
	if err != nil {
		return nil, err
	}
	return review.Check(e.Procedure, e.Source), nil
}

// Show prints a procedure as a page; for a site, with what is known of it.
func Show(config, which string, site Site) (string, error) {
	l, e, err := OpenFor(config, which)
	if err != nil {
		return "", err
	}
	return l.page(e, site)
}

// page is that of one procedure.
func (l Library) page(e templates.Entry, site Site) (string, error) {
	v := runbook.View{Extends: e.Extends, Includes: e.Includes}
	if !e.BuiltIn {
		v.File = e.File
	}
	if !site.empty() {
		if err := l.at(&v, e.Procedure, site); err != nil {
			return "", err
		}
	}
	return string(runbook.Print(e.Procedure, v)), nil
}

// A Site is of what a page is shown. What is "" is not known.
type Site struct {
	Services                       []string
	Retailer, Product, Environment string
	Inputs                         map[string]string
}

func (s Site) empty() bool {
	return len(s.Services)+len(s.Inputs) == 0 && s.Retailer+s.Product+s.Environment == ""
}

func (s Site) String() string {
	var out []string
	for _, part := range []string{strings.Join(s.Services, ", "), s.Retailer + s.Product, s.Environment} {
		if part != "" {
			out = append(out, part)
		}
	}
	for _, id := range sortedKeys(s.Inputs) {
		out = append(out, fmt.Sprintf("%s=%s", id, s.Inputs[id]))
	}
	return strings.Join(out, " · ")
}

func (s Site) site() deployer.Site {
	out := deployer.Site{Name: s.Retailer, Environment: s.Environment}
	if s.Product != "" {
		out.Kind, out.Name = deployer.SiteProduct, s.Product
	}
	return out
}
