package procedures

import (
	"fmt"
	"os"

	"go.yaml.in/yaml/v4"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
)

// folderOf is the folder of procedures that a config names, as it is found from here;
// "": none. Nothing else of the
// config is looked at: it may have mistakes.
func folderOf(config string) (string, error) {
	data, err := os.ReadFile(config)
	if err != nil {
		return "", fmt.Errorf("read the config: %w", err)
	}
	var f struct {
		Procedures string `yaml:"procedures"`
	}
	if err := yaml.Load(data, &f); err != nil {
		return "", fmt.Errorf("read the config: %w", err)
	}
	return app.Beside(config, f.Procedures), nil
}
