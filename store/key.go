package store

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/kv"
)

const (
	schemaKey   = "meta/schema"
	idKey       = "meta/store"
	endKey      = kv.LogPrefix + "end" // behind all numbers, so that one page has both
	headPrefix  = "d/"
	livePrefix  = "live/"
	outPrefix   = "out/"
	placePrefix = "place/"
	allPrefix   = "ix/all/"
	envPrefix   = "ix/env/"
	cardName    = "card"
	dedupInKey  = 80  // bytes of a message's DedupKey that its key shows
	afterSlash  = "0" // the byte behind '/': a key that comes after all that begin with "x/"
)

// escape makes a name a part of a key: without a slash, and without a NUL.
func escape(name string) string { return url.PathEscape(name) }

func logKey(n int64) string          { return fmt.Sprintf("%s%012d", kv.LogPrefix, n) }
func liveKey(id string) string       { return livePrefix + escape(id) }
func blobKey(hash string) string     { return "blob/" + hash }
func placeKey(place string) string   { return placePrefix + place }
func originKey(origin string) string { return "origin/" + origin }

// headKey makes that of the highest number the first key of a prefix. An id
// that no deployment can have gets a key that none has.
func headKey(id string) string {
	prefix, n, err := number(id)
	if err != nil {
		return headPrefix + escape(id)
	}
	return numberPrefix(prefix) + inverse(n)
}

func numberPrefix(prefix string) string { return headPrefix + escape(prefix) + "/" }

// idOf is the opposite of headKey.
func idOf(headKey string) (string, error) {
	prefix, n, ok := strings.Cut(strings.TrimPrefix(headKey, headPrefix), "/")
	name, err := url.PathUnescape(prefix)
	count, err2 := invert(n)
	if !ok || err != nil || err2 != nil {
		return "", fmt.Errorf("the key %q is damaged", headKey)
	}
	return fmt.Sprintf("%s-%d", name, count), nil
}

func environmentPrefix(retailer, environment string) string {
	return envPrefix + escape(retailer) + "/" + escape(environment) + "/"
}

func servicePrefix(service string) string { return "ix/service/" + escape(service) + "/" }

func serviceKey(service string, s deployer.Summary, number int64) string {
	return servicePrefix(service) + escape(s.Site.Name) + "/" + escape(s.Site.Environment) + "/" + age(s, number)
}

// boxPrefix is what the keys of a box begin with.
func boxPrefix(box deployer.Box) string {
	return outPrefix + escape(box.Channel) + "/" + escape(box.Deployment) + "/"
}

// boxOf is the box of a message's key; of a key that is none, the zero one.
func boxOf(key string) (deployer.Box, bool) {
	parts := strings.SplitN(strings.TrimPrefix(key, outPrefix), "/", 3)
	if len(parts) < 3 {
		return deployer.Box{}, true
	}
	channel, err := url.PathUnescape(parts[0])
	deployment, err2 := url.PathUnescape(parts[1])
	if err != nil || err2 != nil {
		return deployer.Box{}, true
	}
	return deployer.Box{Channel: channel, Deployment: deployment}, true
}

// changedID is the id of the deployment whose head a key is; "" of a key that is
// none, such as that of a gap. Each commit changes the head, so its events need
// not be told.
func changedID(key string) (id string, tell bool) {
	prefix, n, ok := strings.Cut(strings.TrimPrefix(key, headPrefix), "/")
	if strings.Contains(n, "/") {
		return "", false
	}
	name, err := url.PathUnescape(prefix)
	number, err2 := invert(n)
	if !ok || err != nil || err2 != nil {
		return "", true
	}
	return fmt.Sprintf("%s-%d", name, number), true
}

// messageKey is where a message lies until it is sent. A deployment has one
// card; other messages stand in the order of its events.
func messageKey(id string, m deployer.Message, seq, n int) string {
	box := boxPrefix(deployer.Box{Channel: m.Channel, Deployment: id})
	if m.IsCard() {
		return box + cardName
	}
	dedup := escape(m.DedupKey)
	return box + fmt.Sprintf("%06d-%02d-", seq, n) + dedup[:min(len(dedup), dedupInKey)]
}

// lockMessageKey is where the announcement of a change of locks lies until it is
// sent.
// It is about no deployment; those of one environment stand in their order.
func lockMessageKey(read deployer.Locks, channel string) string {
	return boxPrefix(deployer.Box{Channel: channel}) + escape(read.Site.Name) + "/" + escape(read.Site.Environment) + fmt.Sprintf("/%016x", read.Rev)
}

// age is the end of an index key, which makes the newest the first: by the
// time of creation, then by number.
func age(s deployer.Summary, number int64) string {
	return inverse(s.Created.UnixMicro()) + "-" + inverse(number) + "-" + escape(s.ID)
}

// aged is the id in what age returned.
func aged(age string) (id string, err error) {
	parts := strings.SplitN(age, "-", 3)
	if len(parts) != 3 {
		return "", fmt.Errorf("the index key %q is damaged", age)
	}
	return url.PathUnescape(parts[2])
}

// inverse is a number, at least 0, in an order that begins with the greatest.
func inverse(n int64) string { return fmt.Sprintf("%016x", math.MaxInt64-max(n, 0)) }

func invert(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 16, 64)
	return math.MaxInt64 - n, err
}

// number splits an id such as tangerine-142. That is the only way to write it:
// tangerine-0142 is no id.
func number(id string) (prefix string, n int64, err error) {
	i := strings.LastIndexByte(id, '-')
	if i >= 0 {
		n, err = strconv.ParseInt(id[i+1:], 10, 64)
	}
	if i < 0 || err != nil || n < 1 || strconv.FormatInt(n, 10) != id[i+1:] {
		return "", 0, fmt.Errorf("the id %q does not end in a number", id)
	}
	return id[:i], n, nil
}
