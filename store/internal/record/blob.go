package record

import "fmt"

// blobMin is how long a text is that is kept aside, in bytes.
const blobMin = 2 << 10

// Blobs are what is kept aside, by its Hash. They have to be stored before the
// record that names them.
type Blobs map[string][]byte

// Fetch returns what is kept aside under a hash.
type Fetch func(hash string) ([]byte, error)

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

// get fetches and proves that it is what was stored.
func (f Fetch) get(hash string) ([]byte, error) {
	data, err := f(hash)
	if err != nil {
		return nil, fmt.Errorf("fetch blob %s: %w", hash, err)
	}
	if Hash(data) != hash {
		return nil, fmt.Errorf("fetch blob %s: it is damaged", hash)
	}
	return data, nil
}

// text is the opposite of Blobs.text.
func (f Fetch) text(text, hash string) (string, error) {
	if hash == "" {
		return text, nil
	}
	data, err := f.get(hash)
	return string(data), err
}
