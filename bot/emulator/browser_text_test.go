package emulator_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/chromedp/chromedp"
)

// script is the text that an expression gives; it may import the page's modules, and in is its argument.
func (b *tab) script(in any, js string) string {
	b.t.Helper()
	arg, err := json.Marshal(in)
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(b.ctx, pagePatience)
	defer stop()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(async (it) => {
		const html = (nodes) => { const div = document.createElement("div"); div.append(...[nodes].flat(9)); return div.innerHTML; };
		`+js+`
	})(`+string(arg)+`)`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	return got
}

// TestPageWritesDatesAsSlack holds every date token against Slack's documentation, read in Berlin at noon of 5 February 2026.
func TestPageWritesDatesAsSlack(t *testing.T) {
	chromium(t)
	b := browse(t, start(t), "bob")
	b.timezone("Europe/Berlin")
	const day = 86400
	for _, c := range []struct {
		at            int64
		pattern, want string
	}{
		{noon, "{date_num}", "2026-02-05"},
		{noon, "{date_slash}", "02/05/2026"},
		{noon, "{date}", "February 5th"},
		{noon - 400*day, "{date}", "January 1st, 2025"},
		{noon, "{date_short}", "Feb 5, 2026"},
		{noon, "{date_long}", "Thursday, February 5th, 2026"},
		{noon, "{date_long_full}", "February 5, 2026"},
		{noon, "{date_pretty}", "Today"},
		{noon - day, "{date_short_pretty} at {time}", "Yesterday at 12:00 PM"},
		{noon + day, "Until {date_long_pretty}", "Until tomorrow"},
		{noon + 2*day, "{date_short_pretty}", "Feb 7, 2026"},
		{noon + 16*day, "{date_pretty}", "February 21st"},
		{noon + 2*day, "{day_divider_pretty}", "Saturday, February 7th"},
		{noon - 400*day, "{day_divider_pretty}", "Wednesday, January 1st, 2025"},
		{noon + 9, "{time_secs}", "12:00:09 PM"},
		{noon - 30, "{ago}", "Just now"},
		{noon - 180, "{ago}", "3 minutes ago"},
		{noon - 3600, "{ago}", "1 hour ago"},
		{noon - 2*day, "{ago}", "2 days ago"},
		{noon + 7200, "{ago}", "In 2 hours"},
		{noon, "{nonsense} {time}", "{nonsense} 12:00 PM"},
	} {
		got := b.script([]any{c.at, c.pattern, noon * 1000}, `return (await import("/dates.js")).tokenised(it[0], it[1], "fallback", {now: it[2]});`)
		if got != c.want {
			t.Errorf("%s of %d: %q, want %q", c.pattern, c.at, got, c.want)
		}
	}
	link := b.script("<!date^1392734382^Posted {date_num}^https://example.com/?a=1&amp;b=2|2014>", `return html((await import("/mrkdwn.js")).mrkdwn(it));`)
	if want := `<a href="https://example.com/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">Posted 2014-02-18</a>`; link != want {
		t.Errorf("a date with a link: %s, want %s", link, want)
	}
}

// TestPageObeysVerbatimAndEmoji: what verbatim and emoji change, and what plain_text leaves alone.
func TestPageObeysVerbatimAndEmoji(t *testing.T) {
	chromium(t)
	b := browse(t, start(t), "bob")
	mrkdwn := func(s string, verbatim bool) o { return o{"type": "mrkdwn", "text": s, "verbatim": verbatim} }
	wave := `<span class="emoji" role="img" aria-label="wave emoji" title=":wave:">👋</span>`
	link := `<a href="https://e.com/" target="_blank" rel="noopener noreferrer">https://e.com</a>`
	for _, c := range []struct {
		name string
		in   o
		want string
	}{
		{"addresses and channels become links", mrkdwn("https://e.com in #general, #nope", false),
			link + ` in <a class="mention channel" href="?user=UBOB&amp;channel=CGENERAL" data-channel="CGENERAL">#general</a>, #nope`},
		{"verbatim leaves them", mrkdwn("https://e.com in #general", true), "https://e.com in #general"},
		{"verbatim still knows marks", mrkdwn("*b* <https://e.com> :wave:", true), "<b>b</b> " + link + " " + wave},
		{"plain text knows no marks", o{"type": "plain_text", "text": "*b* <@UBOB> `c` https://e.com\nx"}, "*b* &lt;@UBOB&gt; `c` https://e.com<br>x"},
		{"plain text draws emoji", o{"type": "plain_text", "text": ":wave: :nope:"}, wave + " :nope:"},
		{"plain text with emoji false", o{"type": "plain_text", "text": ":wave:", "emoji": false}, ":wave:"},
		{"plain text keeps an escape", o{"type": "plain_text", "text": "a &amp; b &lt;c&gt;"}, "a &amp; b &lt;c&gt;"},
		{"skin tones", mrkdwn(":wave::skin-tone-3:", false), wave},
		{"a quote of three marks holds marks", mrkdwn(">>> *a*\nb", false), "<blockquote><b>a</b><br>b</blockquote>"},
		{"a code block between lines", mrkdwn("a ```b``` c", false), `a <pre class="code-block">b</pre> c`},
		{"nested marks and code", mrkdwn("*a `*` _b_*", false), "<b>a <code>*</code> <i>b</i></b>"},
		{"marks with entities", mrkdwn("*&lt;a&gt;*", false), "<b>&lt;a&gt;</b>"},
	} {
		if got := b.script(c.in, `return html((await import("/mrkdwn.js")).textObject(it));`); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestPageReadsStandardMarkdown: the markdown block is standard Markdown, not mrkdwn.
func TestPageReadsStandardMarkdown(t *testing.T) {
	chromium(t)
	b := browse(t, start(t), "bob")
	link := func(words string) string {
		return `<a href="https://e.com/a_b" target="_blank" rel="noopener noreferrer">` + words + `</a>`
	}
	for _, c := range []struct{ name, in, want string }{
		{"marks", "**b** __b__ *i* _i_ ~~s~~ `c *c*` ***bi***", "<p><b>b</b> <b>b</b> <i>i</i> <i>i</i> <s>s</s> <code>c *c*</code> <b><i>bi</i></b></p>"},
		{"marks within words", "snake_case_name 2*3*4 a\\*b\\*", "<p>snake_case_name 2<i>3</i>4 a*b*</p>"},
		{"links", "[**l**](https://e.com/a_b) https://e.com/a_b <https://e.com/a_b|m> ![pic](https://e.com/a_b)",
			"<p>" + link("<b>l</b>") + " " + link("https://e.com/a_b") + " " + link("m") + " " + link("pic") + "</p>"},
		{"a script link", "[x](javascript:alert(1)) <script>x</script>", "<p>[x](javascript:alert(1)) &lt;script&gt;x&lt;/script&gt;</p>"},
		{"mentions", "<@UBOB>", `<p><span class="mention me" data-user="UBOB">@bob</span></p>`},
		{"headings", "# A\n### B #", `<div class="md-heading h1" role="heading" aria-level="3">A</div><div class="md-heading h3" role="heading" aria-level="5">B</div>`},
		{"lists", "- a\n  goes on\n  1. b\n- c\n\n3. d", `<ul><li>a goes on<ol start="1"><li>b</li></ol></li><li>c</li></ul><ol start="3"><li>d</li></ol>`},
		{"a quote with a list", "> q\n> - a", "<blockquote><p>q</p><ul><li>a</li></ul></blockquote>"},
		{"a fence keeps marks", "```go\n**x** <b>\n```", `<pre class="code-block">**x** &lt;b&gt;</pre>`},
		{"a rule", "a\n\n---\nb", "<p>a</p><hr><p>b</p>"},
		{"a table", "| a | b |\n|---|:-:|\n| `1` | **2** |", `<div class="table-scroll"><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td><code>1</code></td><td><b>2</b></td></tr></tbody></table></div>`},
	} {
		if got := b.script(c.in, `return html((await import("/markdown.js")).markdown(it));`); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestPageTakesTimesAsTyped: a time picker takes a time as people type it.
func TestPageTakesTimesAsTyped(t *testing.T) {
	chromium(t)
	b := browse(t, start(t), "bob")
	for typed, want := range map[string]string{"2:07 pm": "14:07", "12am": "00:00", "12:30 p.m.": "12:30", "9": "09:00", "22.15": "22:15", "0815": "08:15",
		"24:00": "undefined", "13pm": "undefined", "10:75": "undefined", "soon": "undefined", "": "undefined"} {
		if got := b.script(typed, `return String((await import("/clock.js")).parseTime(it));`); got != want {
			t.Errorf("%q is %s, want %s", typed, got, want)
		}
	}
}

// TestPageScalesChartsInRoundNumbers: a chart's scale has round numbers, whole ones for counts.
func TestPageScalesChartsInRoundNumbers(t *testing.T) {
	chromium(t)
	b := browse(t, start(t), "bob")
	for _, c := range []struct{ values, want string }{
		{"[1, 9]", "0,5,10"}, {"[12.5, 17]", "0,5,10,15,20"}, {"[0.1, 0.4]", "0,0.1,0.2,0.3,0.4"}, {"[-3, 4]", "-4,-2,0,2,4"}, {"[0]", "0,1"}, {"[98, 100]", "0,25,50,75,100"},
	} {
		if got := b.eval(`(async () => (await import("/chart.js")).ticks(` + c.values + `).join())()`); got != c.want {
			t.Errorf("%s: %s, want %s", c.values, got, c.want)
		}
	}
}

// TestPageTurnsTypingIntoRichText: what an editor holds becomes Slack's rich_text.
func TestPageTurnsTypingIntoRichText(t *testing.T) {
	chromium(t)
	b := browse(t, start(t), "bob")
	section := func(words string) string {
		return `{"type":"rich_text_section","elements":[{"type":"text","text":"` + words + `"}]}`
	}
	for _, c := range []struct{ html, want string }{
		{"", "null"}, {"<br>", "null"},
		{"<div>a</div><div>b</div>", section(`a\nb`)},
		{"a<ul><li>b</li><li>c</li></ul><blockquote>q</blockquote>", section("a") + `,{"type":"rich_text_list","style":"bullet","elements":[` + section("b") + "," + section("c") +
			`]},{"type":"rich_text_quote","elements":[{"type":"text","text":"q"}]}`},
		{"<b>x <i>y</i></b><code>:wave:</code> https://e.com.", `{"type":"rich_text_section","elements":[{"type":"text","text":"x ","style":{"bold":true}},` +
			`{"type":"text","text":"y","style":{"bold":true,"italic":true}},{"type":"text","text":":wave:","style":{"code":true}},{"type":"text","text":" "},` +
			`{"type":"link","url":"https://e.com"},{"type":"text","text":"."}]}`},
	} {
		want := c.want
		if want != "null" {
			want = `{"type":"rich_text","elements":[` + want + `]}`
		}
		got := b.script(c.html, `const box = new DOMParser().parseFromString(it, "text/html").body; return JSON.stringify((await import("/richinput.js")).toRichText(box));`)
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", c.html, got, want)
		}
	}
}
