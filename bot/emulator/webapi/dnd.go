package webapi

func dndInfo(c *call) (obj, *refusal) {
	u, ref := c.person()
	if ref != nil {
		return nil, ref
	}
	return u.DNDStatus(), nil
}

// dndTeam tells of up to fifty people at once; those whom nobody knows are left out.
func dndTeam(c *call) (obj, *refusal) {
	ids := c.list("users")
	if len(ids) == 0 {
		return nil, refuse("no_users_provided")
	}
	users := obj{}
	for _, id := range ids[:min(len(ids), 50)] {
		if u := c.ws.User(id); u != nil && u.ID == id {
			users[id] = u.DNDStatus()
		}
	}
	return obj{"users": users}, nil
}
