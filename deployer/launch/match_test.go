package launch

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

func TestAWordIsANameInAnyCase(t *testing.T) {
	t.Parallel()
	names := []string{"web", "Web", "api"}
	for word, want := range map[string]string{"web": "web", "Web": "Web", "WEB": "web", "Api": "api", "": "", "ap": ""} {
		if got := Match(word, names); got != want {
			t.Errorf("%q is %q, want %q", word, got, want)
		}
	}
}

func TestUnknownWordsAreSaidBackShortly(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 11 {
		many = append(many, fmt.Sprint("service-", i))
	}
	for _, c := range []struct {
		word  string
		known []string
		want  string
	}{
		{"wbe", []string{"web", "api"}, `There is no service "wbe". Did you mean web?`},
		{"zzz", nil, `There is no service "zzz".`},
		{"zzz", []string{"web"}, `There is no service "zzz". There are: web.`},
		{"zzz", many, `There is no service "zzz". There are: service-0, service-1, service-2, service-3, service-4, service-5, service-6, service-7 and 3 more.`},
		{strings.Repeat("ä", 61), nil, `There is no service "` + strings.Repeat("ä", 59) + `…".`},
	} {
		err := Unknown("There is no service", c.word, c.known, "There are")
		if no, ok := errors.AsType[*deployer.Refusal](err); !ok || no.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	if many[8] != "service-8" {
		t.Error("the list of the others has changed")
	}
}
