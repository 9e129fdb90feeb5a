package command

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

func want(pairs ...string) []deployer.Release {
	var out []deployer.Release
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, deployer.Release{Service: pairs[i], Tag: pairs[i+1]})
	}
	return out
}

func TestCommandsAreUnderstood(t *testing.T) {
	t.Parallel()
	for text, expect := range map[string]Request{
		"":                    {Verb: VerbForm},
		" \t\u00a0 ":          {Verb: VerbForm},
		"web v2":              {Verb: VerbDeploy, Releases: want("web", "v2")},
		"web:v2":              {Verb: VerbDeploy, Releases: want("web", "v2")},
		"web v2 api:v3 db v4": {Verb: VerbDeploy, Releases: want("web", "v2", "api", "v3", "db", "v4")},
		"decanting-service 24-02-05.619-hotfix.627": {Verb: VerbDeploy, Releases: want("decanting-service", "24-02-05.619-hotfix.627")},
		"web\u00a0v2":                                           {Verb: VerbDeploy, Releases: want("web", "v2")},
		"web v2 --env prod":                                     {Verb: VerbDeploy, Releases: want("web", "v2"), Env: "prod"},
		"--env=prod web v2":                                     {Verb: VerbDeploy, Releases: want("web", "v2"), Env: "prod"},
		"web --env prod v2":                                     {Verb: VerbDeploy, Releases: want("web", "v2"), Env: "prod"},
		"web v2 —env prod":                                      {Verb: VerbDeploy, Releases: want("web", "v2"), Env: "prod"}, // phones make a dash of two hyphens
		"web v2 --ENV prod":                                     {Verb: VerbDeploy, Releases: want("web", "v2"), Env: "prod"},
		`web v2 --reason "two words"`:                           {Verb: VerbDeploy, Releases: want("web", "v2"), Reason: "two words"},
		`web v2 --reason="two words"`:                           {Verb: VerbDeploy, Releases: want("web", "v2"), Reason: "two words"},
		"web v2 --reason “two words”":                           {Verb: VerbDeploy, Releases: want("web", "v2"), Reason: "two words"},
		"web v2 --reason „two words“":                           {Verb: VerbDeploy, Releases: want("web", "v2"), Reason: "two words"},
		"web v2 --reason “two words\"":                          {Verb: VerbDeploy, Releases: want("web", "v2"), Reason: "two words"},
		"web v2 --reason ‘it’s stuck’":                          {Verb: VerbDeploy, Releases: want("web", "v2"), Reason: "it’s stuck"},
		"web v2 --reason it's":                                  {Verb: VerbDeploy, Releases: want("web", "v2"), Reason: "it's"},
		`web v2 --reason "--env"`:                               {Verb: VerbDeploy, Releases: want("web", "v2"), Reason: "--env"},
		"web v2 --reason &lt;!here&gt;&amp;":                    {Verb: VerbDeploy, Releases: want("web", "v2"), Reason: "<!here>&"},
		"web v2 --reason &amp;lt;":                              {Verb: VerbDeploy, Releases: want("web", "v2"), Reason: "&lt;"},
		"web v2 --input a=1 --input b=x=y":                      {Verb: VerbDeploy, Releases: want("web", "v2"), Inputs: map[string]string{"a": "1", "b": "x=y"}},
		`web v2 --input=a=1 --input b="two words"`:              {Verb: VerbDeploy, Releases: want("web", "v2"), Inputs: map[string]string{"a": "1", "b": "two words"}},
		"web v2 --at 18:00":                                     {Verb: VerbDeploy, Releases: want("web", "v2"), At: "18:00"},
		"--at tomorrow 22:00 UTC web v2":                        {Verb: VerbDeploy, Releases: want("web", "v2"), At: "tomorrow 22:00 UTC"},
		"web v2 --at in 2h api v3":                              {Verb: VerbDeploy, Releases: want("web", "v2", "api", "v3"), At: "in 2h"},
		`web v2 --at "fri 10pm" --dry-run`:                      {Verb: VerbDeploy, Releases: want("web", "v2"), At: "fri 10pm", DryRun: true},
		"web v2 --drill":                                        {Verb: VerbDeploy, Releases: want("web", "v2"), Drill: deployer.Drill{On: true}},
		"web v2 --drill --fail rollout --fail=pods --fail pods": {Verb: VerbDeploy, Releases: want("web", "v2"), Drill: deployer.Drill{On: true, Fail: []string{"rollout", "pods"}}},
		"start train --drill --at 22:00":                        {Verb: VerbStart, Procedure: "train", At: "22:00", Drill: deployer.Drill{On: true}},
		"web v2 --dry-run --procedure p":                        {Verb: VerbDeploy, Releases: want("web", "v2"), DryRun: true, Procedure: "p"},
		"web v2, api v3, ":                                      {Verb: VerbDeploy, Releases: want("web", "v2", "api", "v3")},
		"`web v2`":                                              {Verb: VerbDeploy, Releases: want("web", "v2")}, // copied with its marks
		"web `v2`":                                              {Verb: VerbDeploy, Releases: want("web", "v2")},
		"decanting\u2011service 24\u201102":                     {Verb: VerbDeploy, Releases: want("decanting-service", "24-02")}, // from a document
		"\ufeffweb\u200b v2\u2060":                              {Verb: VerbDeploy, Releases: want("web", "v2")},
		"web v2 \u2212\u2212env prod":                           {Verb: VerbDeploy, Releases: want("web", "v2"), Env: "prod"},
		`web v2 --reason="a, b,"`:                               {Verb: VerbDeploy, Releases: want("web", "v2"), Reason: "a, b,"},
		"web v2 --reason stuck":                                 {Verb: VerbDeploy, Releases: want("web", "v2"), Reason: "stuck"},
		"--reason stuck web v2":                                 {Verb: VerbDeploy, Releases: want("web", "v2"), Reason: "stuck", UnquotedReason: "stuck web v2"},
		"help":                                                  {Verb: "help"},
		"Status":                                                {Verb: "status"}, // phones begin with a capital
		"status tangerine-1":                                    {Verb: "status", Words: []string{"tangerine-1"}},
		"versions web api --env=prod":                           {Verb: "versions", Words: []string{"web", "api"}, Env: "prod"},
		"rollback web --to 12":                                  {Verb: "rollback", Words: []string{"web"}, To: "12"},
		`stop tangerine-1 --reason "no!"`:                       {Verb: "stop", Words: []string{"tangerine-1"}, Reason: "no!"},
		"lock everything --for 2h payments are down":            {Verb: "lock", For: 2 * time.Hour, Reason: "payments are down"},
		"lock everything --all --reason down":                   {Verb: "lock", Words: []string{}, All: true, Reason: "down"},
		"lock Everything":                                       {Verb: "lock", Words: []string{}},
		"unlock everything --all":                               {Verb: "unlock", Words: []string{}, All: true},
		`"status" v2`:                                           {Verb: VerbDeploy, Releases: want("status", "v2")},
	} {
		got, err := Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if diff := cmp.Diff(expect, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestCommandsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for text, part := range map[string]string{
		"web":                    `"web" has no partner`,
		"web v2 api":             `"api" has no partner`,
		"web api:v2":             `"web" has no tag`,
		"web:":                   `"web:" is not SERVICE:TAG`,
		":v2":                    `":v2" is not SERVICE:TAG`,
		"web:v2:v3":              `"v2:v3" is not a tag`,
		`"" v2`:                  "A service has no name",
		"web -v2":                "no flag --v2",
		"web .v2":                `".v2" is not a tag`,
		"web v2/x":               "is not a tag",
		"web ⅱ":                  "is not a tag",
		"web v2 --env":           "--env needs a value",
		"web v2 --env --dry-run": "--env needs a value",
		"web v2 --env=":          "--env is empty",
		`web v2 --reason " "`:    "--reason is empty",
		"web v2 --env a --env b": "--env is there twice",
		"lock everything --reason payments are down": `--reason "payments are down"`,
		"lock everything down --reason payments":     "The reason is there twice.",
		"lock web --all=yes":                         "--all takes no value",
		"web v2 --all":                               "no flag --all",
		"unlock everything web x":                    `"x" is a word too many`,
		"web v2 --dry-run=yes":                       "--dry-run takes no value",
		"web v2 --force":                             "no flag --force",
		"web v2 --":                                  "no flag --",
		"web v2 --input risk":                        "is not ID=VALUE",
		"web v2 --input =low":                        "is not ID=VALUE",
		"web v2 --input a=1 --input a=2":             "a is there twice",
		"web v2 --reason it is":                      `--reason "it is"`,
		"stop t-1 --reason it is":                    `--reason "it is"`,
		`web v2 --reason "open`:                      `The quote " is not closed`,
		"web v2 --reason “open":                      "The quote “ is not closed",
		`web v2 --reason "a"b`:                       "is not closed",
		"web v2 --at":                                "--at needs a value",
		"status --force":                             "no flag --force",
		"help --env prod":                            "help takes none",
		"stop a b":                                   "is a word too many",
		"hotfix web":                                 "not in this version",
		"lock web --for soon":                        "--for \"soon\" is no time from 1m to 30d",
		"lock web --for 31d":                         "is no time from 1m to 30d",
		"lock web api":                               "is a word too many",
		"locks web":                                  "is a word too many",
		"web v2 --to 12":                             "no flag --to",
		"--dry-run":                                  "No service was named",
		"web " + strings.Repeat("x", 129):            "is not a tag",
		strings.Repeat("web v2 ", 21):                "too many",
	} {
		got, err := Parse(text)
		if err == nil {
			t.Errorf("%q is taken for %+v", text, got)
		} else if !strings.Contains(err.Error(), part) {
			t.Errorf("%q: %q is missing in %q", text, part, err)
		}
	}
}

// Whatever is typed: no panic, an error is a refusal with words, and what is
// accepted consists of what was typed, in names that can be names.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"web v2", `web:v2 --reason “a b” --input x="y z"`, "rollback web --to=1", "—env", `"`, "‘’ “”", "a:b:c", "&amp;lt;", "\x00 \xff", "--=",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text)
		if err != nil {
			_, refusal := errors.AsType[*deployer.Refusal](err)
			_, unpaired := errors.AsType[*UnpairedWord](err)
			if !refusal && !unpaired || err.Error() == "" {
				t.Fatalf("%q: the error is %#v", text, err)
			}
			return
		}
		plain := string([]rune(mrkdwn.Tidy(mrkdwn.Unescape(text)))) // as the lexer reads it
		if (r.Verb == VerbForm) != (strings.Trim(strings.TrimSpace(plain), "`, \t\n\u00a0") == "") && letters(plain) != "" {
			t.Fatalf("%q is taken for %s", text, r.Verb)
		}
		if r.Verb == VerbDeploy && len(r.Releases) == 0 {
			t.Fatalf("%q wants nothing", text)
		}
		for _, w := range r.Releases {
			if w.Service == "" || !deployer.ValidTag(w.Tag) || !strings.Contains(plain, w.Service) || !strings.Contains(plain, w.Tag) {
				t.Fatalf("%q wants %+v", text, w)
			}
		}
		// Nothing is dropped: every letter typed is in what was understood.
		if r.Verb == VerbDeploy && !strings.ContainsAny(plain, "-–—") {
			got := ""
			for _, w := range r.Releases {
				got += w.Service + w.Tag
			}
			if letters(got) != letters(plain) {
				t.Fatalf("%q is understood as %+v", text, r.Releases)
			}
		}
	})
}

// letters leaves out what only separates.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune(":=,`", r) || closes(r) != "" {
			return -1
		}
		return r
	}, s)
}

// A procedure starts by its name, with services or without.
func TestAProcedureIsStartedByItsName(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Request{
		"start release-train --input train=24-05":         {Verb: VerbStart, Procedure: "release-train", Inputs: map[string]string{"train": "24-05"}},
		"start hotfix web v2 api:v3 --env prod --dry-run": {Verb: VerbStart, Procedure: "hotfix", Env: "prod", DryRun: true, Releases: []deployer.Release{{Service: "web", Tag: "v2"}, {Service: "api", Tag: "v3"}}},
	} {
		if got, err := Parse(text); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"start": "Which procedure should start?", "start hotfix web": "web", "start hotfix --procedure quick": "There is no flag --procedure here.",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
