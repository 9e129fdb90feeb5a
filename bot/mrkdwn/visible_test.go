package mrkdwn

import (
	"strings"
	"testing"
)

// What can't be seen, or is taken for something else, is spelled out; words of
// every script, and emoji, stay.
func TestEveryCharacterIsShownAsWhatItIs(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"v1\u200B":                        "v1⟨U+200B⟩",
		"a\u202Eb\u2066c\u2069":           "a⟨U+202E⟩b⟨U+2066⟩c⟨U+2069⟩",
		"\u3164":                          "⟨U+3164⟩",
		"\u2800x":                         "⟨U+2800⟩x",
		"soft\u00ADhyphen":                "soft⟨U+00AD⟩hyphen",
		"x\U000E0041\U000E0042":           "x⟨U+E0041 and 1 more⟩",
		"x\uFE0F":                         "x⟨U+FE0F⟩",
		"a\uFEFFb\x07":                    "a⟨U+FEFF⟩b⟨U+0007⟩",
		"z" + strings.Repeat("\u0301", 9): "z\u0301\u0301\u0301\u0301⟨U+0301 and 4 more⟩",
		"\u0301x":                         "⟨U+0301⟩x",
		"s\u0336t":                        "s⟨U+0336⟩t",
		"p\u0430ypal":                     "p⟨U+0430⟩ypal",
		"ο\u200Bk, bοb":                   "ο⟨U+200B⟩k, b⟨U+03BF⟩b",
		"𝗔𝗽𝗽𝗿𝗼𝘃𝗲𝗱 𝟏":                      "Approved 1",
		"a\u2028b\u00A0c\u3000d":          "a b c d",
		"our\u2060 own":                   "our own",

		"Zoë, naïve, Việt, Łódź, ß, Ångström": "Zoë, naïve, Việt, Łódź, ß, Ångström",
		"Vie\u0323\u0302t":          "Vie\u0323\u0302t",
		"заказы зависли":            "заказы зависли",
		"API упал, 5 μs, Δt, 10 kΩ": "API упал, 5 μs, Δt, 10 kΩ",
		"注文が止まった。修正！":               "注文が止まった。修正！",
		"주문이 멈췄다":                   "주문이 멈췄다",
		"ההזמנות תקועות, שָׁלוֹם":   "ההזמנות תקועות, שָׁלוֹם",
		"الطلبات عالقة، مُحَمَّد":   "الطلبات عالقة، مُحَمَّد",
		"می\u200cخواهم":             "می\u200cخواهم",
		"क्\u200dष":                 "क्\u200dष",
		"🚀 ✔\uFE0F 👩\u200D🚀 👍🏽 1\uFE0F\u20E3 🇩🇪 ❤\uFE0F\u200D🔥": "🚀 ✔\uFE0F 👩\u200D🚀 👍🏽 1\uFE0F\u20E3 🇩🇪 ❤\uFE0F\u200D🔥",
	} {
		if got := OneLine(in); got != want {
			t.Errorf("%+q is shown as %+q, want %+q", in, got, want)
		}
		if got := OneLine(OneLine(in)); got != want {
			t.Errorf("%+q is shown as %+q at the second time", in, got)
		}
	}
}

func TestPeoplesTextIsNoMarkup(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		":white_check_mark: *Approved by Bob*": ":\u2060white_check_mark: ∗Approved by Bob∗",
		"_so_ ~not~ *b*":                       "ˍsoˍ ∼not∼ ∗b∗",
		"my_service, 2*3*4, a~b":               "my_service, 2*3*4, a~b",
		"2 * 3, a _ b":                         "2 * 3, a _ b",
		"__init__":                             "ˍˍinitˍˍ",
		"é*b*":                                 "é∗b∗",
		":100::tada:":                          ":\u2060100::\u2060tada:",
		"ends with :bug":                       "ends with :\u2060bug",
		"at 22:00":                             "at 22:00",
		"at 10:30:45":                          "at 10:\u206030:45",
		"https://evil.example/x":               "https://evil.example/x",
		"note: this":                           "note: this",
		"> quoted":                             "\u2060&gt; quoted",
		">>> all":                              "\u2060&gt;&gt;&gt; all",
		"- item":                               "\u2060- item",
		"• item":                               "\u2060• item",
		"1. item":                              "\u20601. item",
		"1.2.3 and -x":                         "1.2.3 and -x",
		"@channel":                             "@\u2060channel",
	} {
		if got := Escape(in, 80); got != want {
			t.Errorf("%q becomes %+q, want %+q", in, got, want)
		}
	}
	if got := Escape("a*bcd", 3); got != "a∗…" {
		t.Errorf("what is cut behind a sign is %q", got)
	}
}
