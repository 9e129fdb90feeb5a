package deployer

// A Choice is what somebody answers. The words are those on the buttons.
type Choice string

// The choices.
const (
	ChoiceDone    Choice = "Done"
	ChoiceApprove Choice = "Approve"
	ChoiceReject  Choice = "Reject"
	ChoiceSend    Choice = "Send" // words for clients
)
