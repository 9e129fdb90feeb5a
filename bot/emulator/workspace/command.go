package workspace

func (r Refusal) Error() string { return string(r) }
