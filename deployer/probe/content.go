package probe

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// outputMax bounds one output, in bytes: it stands in the record for ever.
const outputMax = 1000

// lacks is what the JSON of the answer does not have, in words, or "".
func (c check) lacks(a answer) string {
	if len(c.json) == 0 && len(c.outputs) == 0 {
		return ""
	}
	doc, err := parse(a.body)
	switch {
	case a.truncated:
		return fmt.Sprintf("with more than %d KiB, which is not read as JSON", bodyMax>>10)
	case err != nil:
		return "it is no JSON"
	}
	for _, path := range slices.Sorted(maps.Keys(c.json)) {
		switch got, ok := at(doc, path); {
		case !ok:
			return "it has no " + path
		case got != c.json[path]:
			return fmt.Sprintf("%s is %s, not %s", path, short(c.hide(got)), c.json[path])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.outputs)) {
		switch got, ok := at(doc, c.outputs[name]); {
		case !ok:
			return fmt.Sprintf("it has no %s, which would be the output %s", c.outputs[name], name)
		case len(got) > outputMax:
			return fmt.Sprintf("%s, which would be the output %s, is longer than %d bytes", c.outputs[name], name, outputMax)
		}
	}
	return ""
}

// found are the outputs, of an answer that has them. None of them shows a secret.
func (c check) found(a answer) deployer.Values {
	if len(c.outputs) == 0 {
		return nil
	}
	doc, err := parse(a.body)
	if err != nil {
		return nil
	}
	out := deployer.Values{}
	for name, path := range c.outputs {
		text, _ := at(doc, path)
		out[name] = deployer.Value{Text: c.hide(text)}
	}
	return out
}

// parse reads JSON, with numbers as they are written.
func parse(body string) (doc any, err error) {
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	return doc, nil
}

// at is what stands at a path such as checks.database or items.0.id, as text: a text
// without its quotes, anything else as JSON has it.
func at(doc any, path string) (string, bool) {
	for key := range strings.SplitSeq(path, ".") {
		switch v := doc.(type) {
		case map[string]any:
			inner, ok := v[key]
			if !ok {
				return "", false
			}
			doc = inner
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(v) {
				return "", false
			}
			doc = v[i]
		default:
			return "", false
		}
	}
	if text, ok := doc.(string); ok {
		return text, true
	}
	text, err := json.Marshal(doc)
	return string(text), err == nil
}

// short is a value for a sentence.
func short(text string) string {
	if runes := []rune(text); len(runes) > 100 {
		return strconv.Quote(string(runes[:100])) + " …"
	}
	return strconv.Quote(text)
}
