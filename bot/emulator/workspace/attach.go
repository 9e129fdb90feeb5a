package workspace

// Attach keeps a file that a person has put into a form's file_input. The app sees it in the form's state, and may ask
// for it with files.info. A name without a known extension is plain text.
func (p *People) Attach(base, user, name string, data []byte) File {
	p.ws.Lock()
	id := p.ws.NextID("F")
	p.ws.Unlock()
	f := p.ws.Files.NewFile(base, id, name, p.ws.UserID(user), len(data))
	p.ws.Files.Lock()
	defer p.ws.Files.Unlock()
	p.ws.Files.ByID[id] = &Upload{File: f, Data: data, Sent: true, Done: true}
	return f
}
