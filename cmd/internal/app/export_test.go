package app

import "github.com/stationmaster/stationmaster/deployer/urltemplate"

// LinksOf are the links of a service on cards.
func LinksOf(c Config, service string) map[string]urltemplate.Link { return c.linksOf(service) }
