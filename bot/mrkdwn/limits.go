package mrkdwn

// How much Slack takes. Texts are counted in [Units] after escaping, unless it
// says otherwise.
const (
	MessageMax = 3900   // a message's text: chat.update takes 4,000
	BlocksMax  = 50     // blocks of a message
	SectionMax = 3000   // the text of a section
	AllTextMax = 12_000 // of all blocks of a message together; it refuses 13,201
	AckMax     = 20_000 // bytes of an acknowledgement; what is larger than 20,480 is dropped without a word
)

// How much of a value people need to recognize it.
const (
	NameMax  = 80  // of people, services, versions
	TitleMax = 120 // of steps
)
