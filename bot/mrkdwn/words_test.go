package mrkdwn

import (
	"slices"
	"testing"
)

func TestJoinedWordsReadAsASentenceDoes(t *testing.T) {
	t.Parallel()
	words := []string{"a", "b", "c", "d", "e"}
	for n, want := range []string{"", "a", "a and b", "a, b and c", "a, b, c and 1 more", "a, b, c and 2 more"} {
		if got := Join(words[:n], "and", 3); got != want {
			t.Errorf("%d words are %q, want %q", n, got, want)
		}
	}
	if !slices.Equal(words, []string{"a", "b", "c", "d", "e"}) {
		t.Errorf("joining has changed the words: %q", words)
	}
}

func TestSentencesEndOnce(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "it is": "it is.", "it is.": "it is.", "is it?": "is it?", "it is!": "it is!", "it says:": "it says:", "it is" + ellipsis: "it is" + ellipsis,
	} {
		if got := Sentence(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	if got := TrimStop("it is."); got != "it is" {
		t.Errorf("without its stop it is %q", got)
	}
}

func TestParagraphsLeaveOutWhatIsEmpty(t *testing.T) {
	t.Parallel()
	for want, in := range map[string][]string{
		"a. b.": {"a.", "", "b."}, "a.\nb.": {"a.", "\nb."}, "a.": {"a.", "\n"}, "": {"", ""},
	} {
		if got := Paragraph(in...); got != want {
			t.Errorf("%q become %q, want %q", in, got, want)
		}
	}
}

func TestCapitalsAreForLettersAlone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "web": "Web", "Web": "Web", "3 pods": "3 pods", "über": "über"} {
		if got := Capital(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
