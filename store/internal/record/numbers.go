package record

import (
	"errors"
	"strconv"
	"strings"
)

// Numbers are those of a deployment's records in the log, the first one and then
// the distance from each to the next: 812.1.5 is 812, 813 and 818.
type Numbers string

// All returns the numbers.
func (n Numbers) All() ([]int64, error) {
	if n == "" {
		return nil, nil
	}
	var all []int64
	last := int64(0)
	for part := range strings.SplitSeq(string(n), ".") {
		more, err := strconv.ParseInt(part, 10, 64)
		if err != nil || more < 1 || last+more < last {
			return nil, errors.New("its list of records is damaged")
		}
		last += more
		all = append(all, last)
	}
	return all, nil
}

// Add returns the numbers and one more, which is greater than the last of them;
// that is 0 if there are none.
func (n Numbers) Add(last, number int64) Numbers {
	more := strconv.FormatInt(number-last, 10)
	if n == "" {
		return Numbers(more)
	}
	return n + "." + Numbers(more)
}

// numberMax is how long one more number is at most, in bytes.
const numberMax = 20
