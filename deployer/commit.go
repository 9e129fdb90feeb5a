package deployer

// Pack puts what follows from an order into one commit.
func Pack(before Deployment, o Order, events []Event, letters []Message) Commit {
	c := Commit{Before: before, After: Fold(before, events...), Events: events, Messages: letters}
	for _, e := range events {
		switch e.(type) {
		case Created:
			c.Claim, c.Origin = c.After.Places(), c.After.Origin
		case Ended:
			c.Release = c.After.Places()
		}
	}
	switch cmd := o.Command.(type) {
	case Deliver:
		c.Sent = sent(cmd.OutboxKey)
	case GiveUp:
		c.Sent = sent(cmd.OutboxKey)
	}
	return c
}

func sent(key string) []string {
	if key == "" {
		return nil
	}
	return []string{key}
}
