package emulator_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestPageReadsMrkdwnAsSlack holds the page's reading of mrkdwn against Slack's.
func TestPageReadsMrkdwnAsSlack(t *testing.T) {
	chromium(t)
	w := start(t)
	b := browse(t, w, "bob")
	b.timezone("Europe/Berlin")
	for _, c := range []struct{ name, in, want string }{
		{"bold, italic, strike", "*a* _b_ ~c~", `<b>a</b> <i>b</i> <s>c</s>`},
		{"nested", "*a _b_*", `<b>a <i>b</i></b>`},
		{"marks within words", "a*b*c snake_case_name 2*3*4", `a*b*c snake_case_name 2*3*4`},
		{"marks with inner spaces", "* a * _ b_", `* a * _ b_`},
		{"marks over lines", "*a\nb*", `*a<br>b*`},
		{"marks around punctuation", "(*a*), *b*.", `(<b>a</b>), <b>b</b>.`},
		{"code keeps marks", "`*a*` `b", "<code>*a*</code> `b"},
		{"code block", "x\n```\n*a*\n  b\n```\ny", `x<pre class="code-block">*a*
  b</pre>y`},
		{"entities once", "&amp;lt; &lt;b&gt;", `&amp;lt; &lt;b&gt;`},
		{"raw markup", "<script>x</script><img src=x>", `&lt;script&gt;x&lt;/script&gt;&lt;img src=x&gt;`},
		{"a script link", "<javascript:alert(1)|click> <data:text/html,x|y>",
			`&lt;javascript:alert(1)|click&gt; &lt;data:text/html,x|y&gt;`},
		{"link", "<https://e.com/?a=1&amp;b=2|L &lt;1&gt;>",
			`<a href="https://e.com/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">L &lt;1&gt;</a>`},
		{"bare link, then a stop", "see https://e.com/x.",
			`see <a href="https://e.com/x" target="_blank" rel="noopener noreferrer">https://e.com/x</a>.`},
		{"mail", "<mailto:a@e.com|a@e.com>", `<a href="mailto:a@e.com" target="_blank" rel="noopener noreferrer">a@e.com</a>`},
		{"somebody else", "<@UALICE>", `<span class="mention" data-user="UALICE">@alice</span>`},
		{"me", "<@UBOB|old>", `<span class="mention me" data-user="UBOB">@bob</span>`},
		{"unknown user", "<@U404|ghost>", `<span class="mention" data-user="U404">@ghost</span>`},
		{"my group", "<!subteam^" + groupID(b) + ">", `<span class="mention me">@tech-leads</span>`},
		{"broadcast", "<!here> <!channel|channel>", `<span class="mention me">@here</span> <span class="mention me">@channel</span>`},
		{"channel", "<#CGENERAL>", `<a class="mention channel" href="?user=UBOB&amp;channel=CGENERAL" data-channel="CGENERAL">#general</a>`},
		{"quote", "&gt; a\n&gt; b\nc", `<blockquote>a<br>b</blockquote>c`},
		{"quote to the end", "&gt;&gt;&gt; a\n\nb", `<blockquote>a<br><br>b</blockquote>`},
		{"what looks like a list stays lines", "• a\n- b\n1. c", `• a<br>- b<br>1. c`},
		{"blank line", "a\n\nb", `a<br><br>b`},
		{"emoji that are not drawn", "✓ ▰▱ ☕", `✓ ▰▱ ☕`},
		{"unknown emoji, time", ":nope: 10:30:45", `:nope: 10:30:45`},
		{"date with a broken time", "<!date^x^{time}|soon>", `<time class="date" title="soon">soon</time>`},
		{"date with plain words", "<!date^0^at noon|x>", `<time class="date" title="Thursday, January 1st, 1970 at 1:00 AM">at noon</time>`},
	} {
		if got := rendered(b, c.in); got != c.want {
			t.Errorf("%s: %q\n got %s\nwant %s", c.name, c.in, got, c.want)
		}
	}
}

// Cards are full of emoji as characters, which Slack draws like those by name; a machine without an emoji font has none.
func TestPageDrawsEmojiCharacters(t *testing.T) {
	chromium(t)
	b := browse(t, start(t), "bob")
	if got, want := rendered(b, "🔴 a"), rendered(b, ":red_circle: a"); got != want || !strings.Contains(got, "<circle") {
		t.Errorf("the character is drawn as %s, the name as %s", got, want)
	}
}

// timezone sets the reader's clock.
func (b *tab) timezone(zone string) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, pagePatience)
	defer stop()
	if _, err := chromedp.Call(ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone}); err != nil {
		b.t.Fatalf("set the time zone %s: %v", zone, err)
	}
}

func groupID(b *tab) string {
	return b.eval(`(async () => [...(await import("/workspace.js")).ws.groups.keys()][0])()`)
}

// rendered is the page's markup for a text.
func rendered(b *tab, text string) string {
	b.t.Helper()
	in, err := json.Marshal(text)
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(b.ctx, pagePatience)
	defer stop()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(async () => {
		const { mrkdwn } = await import("/mrkdwn.js");
		const div = document.createElement("div");
		div.append(...mrkdwn(`+string(in)+`));
		return div.innerHTML;
	})()`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	return got
}
