package mrkdwn

import "testing"

func TestWhatCopyingBringsAlongIsDropped(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"decanting\u2011service": "decanting-service", "\ufeffweb\u200b v2\u2060": "web v2", "\u2212\u2212env": "--env", "web v2": "web v2",
	} {
		if got := Tidy(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestWhatSlackEscapedIsReadOnce(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"&lt;!here&gt; &amp; so": "<!here> & so", "&amp;lt;": "&lt;", "&quot;": "&quot;"} {
		if got := Unescape(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
