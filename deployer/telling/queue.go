package telling

import "github.com/stationmaster/stationmaster/deployer"

// turn tells whoever asked for a deployment that it has waited for its places, and begins.
func (d writer) turn() deployer.Message {
	m := d.threaded(deployer.Message{Kind: deployer.MessageNote, To: d.Requester.ID, Note: deployer.Note{Kind: deployer.NoteTurn}})
	m.DedupKey += "/turn" // of the same event, more may be told
	return m
}
