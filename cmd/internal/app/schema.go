package app

import (
	"reflect"

	"github.com/stationmaster/stationmaster/templates/jsonschema"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// schemaID is where the published schema is.
const schemaID = "https://raw.githubusercontent.com/stationmaster/stationmaster/main/cmd/internal/app/config.schema.json"

// Schema is the JSON Schema of the config. It knows shapes; whether what is named is
// there is Load's to say.
func Schema() ([]byte, error) {
	m := jsonschema.New(func(t reflect.Type) bool { return t == reflect.TypeFor[strict.Text]() })
	return jsonschema.Print(m.File(schemaID, "The config of stationmaster", reflect.TypeFor[file]()))
}
