package deployer

const TagMax = 128

// ValidTag is the grammar of a tag in the OCI distribution specification.
func ValidTag(tag string) bool {
	for i, c := range tag {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
		if !letter && (i == 0 || c != '.' && c != '-') {
			return false
		}
	}
	return tag != "" && len(tag) <= TagMax
}
