package record

// blobMin is how long a text is that is kept aside, in bytes.
const blobMin = 2 << 10

// Blobs are what is kept aside, by its Hash. They have to be stored before the
// record that names them.
type Blobs map[string][]byte

func (b Blobs) put(data []byte) string {
	hash := Hash(data)
	b[hash] = data
	return hash
}

// text keeps a long text aside: either the text or its hash is "".
func (b Blobs) text(s string) (text, hash string) {
	if len(s) <= blobMin {
		return s, ""
	}
	return "", b.put([]byte(s))
}
