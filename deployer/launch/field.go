package launch

// A Field is a part of a request.
type Field string

// The fields that a mistake can belong to.
const (
	FieldEnvironment Field = "environment"
	FieldTag         Field = "tag"
	FieldPlanned     Field = "planned"
	FieldInput       Field = "input"
)

// A FieldError is a mistake in one part of a request, so that a form can show it
// there. What it wraps is what the person is told.
type FieldError struct {
	Field Field
	Input string // of FieldInput: its id
	Err   error
}

func (e FieldError) Error() string { return e.Err.Error() }

func (e FieldError) Unwrap() error { return e.Err }
