package app

import (
	"fmt"
	"os"

	"github.com/stationmaster/stationmaster/templates"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// Validate looks at procedures by the names of their files. With a config it holds
// them against its roles and channels; "": against none. Its own mistakes are not
// looked at. An error means that something could not be read.
func Validate(config string, files []string) (templates.Findings, error) {
	known := templates.Known{Kinds: Kinds()}
	if config != "" {
		data, err := os.ReadFile(config) // #nosec G304 -- whoever types the command names the file
		if err != nil {
			return templates.Findings{}, fmt.Errorf("read the config: %w", err)
		}
		var f file
		if err := strict.Decode(config, data, &f); err != nil {
			return templates.Findings{}, err
		}
		f.Procedures = strict.Text{} // which are what is looked at
		c := &checker{path: config, data: data, file: f}
		known = c.config().known()
	}
	return templates.Validate(known, files)
}
