package launch

import (
	"cmp"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
)

// read is what was given for an input, as its kind is kept; see deployer.InputKind.
func (r reader) read(in deployer.Input, word string) (string, error) {
	trimmed := strings.TrimSpace(word)
	switch in.Kind {
	case deployer.InputBoolean:
		return readBoolean(in, trimmed)
	case deployer.InputNumber:
		n, err := strconv.Atoi(trimmed)
		if err != nil {
			return "", wrong(in, word, "It is a whole number, such as 90.")
		}
		return strconv.Itoa(n), nil
	case deployer.InputDuration:
		d, err := spelling.ParseSpan(strings.ReplaceAll(strings.ToLower(trimmed), " ", ""))
		if err != nil {
			return "", wrong(in, word, "It is a time such as 30s, 15m, 1h30m, 2d or 1w.")
		}
		return deployer.Span(d), nil
	case deployer.InputTime:
		return r.readTime(in, trimmed)
	case deployer.InputLink:
		if u, err := url.Parse(trimmed); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return "", wrong(in, word, "It is a link, such as https://wiki.example/changes.")
		}
		word = trimmed
	case deployer.InputPerson:
		return r.readPerson(trimmed)
	}
	return word, fits(in, word)
}

// wrong refuses what an input can't be, and says what it is.
func wrong(in deployer.Input, word, instead string) error {
	return deployer.Refuse(instead, "The input %s can’t be %q.", in.ID, clip(word))
}

func readBoolean(in deployer.Input, word string) (string, error) {
	switch strings.ToLower(word) {
	case "true", "yes", "y", "on":
		return "true", nil
	case "false", "no", "n", "off":
		return "false", nil
	}
	return "", wrong(in, word, "It is yes or no.")
}

// readTime reads a moment: as it is kept, as a form gives it, or as people write it.
func (r reader) readTime(in deployer.Input, word string) (string, error) {
	t, err := time.Parse(time.RFC3339, strings.ToUpper(word))
	switch {
	case err == nil:
	case r.time != nil:
		if t, err = r.time(word); err != nil {
			return "", err
		}
	default:
		return "", wrong(in, word, "It is a time, such as 2026-12-01T22:00:00Z.")
	}
	return t.UTC().Format(time.RFC3339), nil
}

// readPerson finds who is meant.
func (r reader) readPerson(word string) (string, error) {
	if r.person == nil {
		return word, nil
	}
	who, err := r.person(r.ctx, word)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(who.ID + " " + who.Name), nil
}

// fits refuses a text that is not as the input's pattern has it.
func fits(in deployer.Input, word string) error {
	if in.Pattern == "" {
		return nil
	}
	re, err := regexp.Compile(in.Pattern)
	if err == nil && !re.MatchString(word) { // a pattern that is none was refused when the procedure was loaded
		return wrong(in, word, deployer.Sentence(cmp.Or(in.Help, "It has to match "+in.Pattern)))
	}
	return nil
}
