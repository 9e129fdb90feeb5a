// An editor in miniature: it opens a YAML file in a language server, and prints as JSON what that says of it, what it
// would complete at some places, and what it shows at others.
// node editor.mjs FILE '{"complete": [[LINE, COLUMN], …], "hover": [[LINE, COLUMN], …]}', counted from 0
import {spawn} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {pathToFileURL} from 'node:url'

const [file, asked] = [process.argv[2], JSON.parse(process.argv[3])]
const uri = pathToFileURL(file).href
const server = spawn(process.execPath, ['node_modules/yaml-language-server/bin/yaml-language-server', '--stdio'], {stdio: ['pipe', 'pipe', 'inherit']})
const waiting = new Map()
let last = 0, diagnosed
const diagnostics = new Promise(resolve => { diagnosed = resolve })

const send = message => {
  const body = Buffer.from(JSON.stringify({jsonrpc: '2.0', ...message}))
  server.stdin.write(`Content-Length: ${body.length}\r\n\r\n`)
  server.stdin.write(body)
}
const ask = (method, params) => new Promise(resolve => {
  waiting.set(++last, resolve)
  send({id: last, method, params})
})
const settings = {validate: true, hover: true, completion: true, schemaStore: {enable: false}}
const receive = message => {
  if (message.method === 'workspace/configuration') {
    send({id: message.id, result: message.params.items.map(i => i.section === 'yaml' ? settings : null)})
  } else if (message.method && message.id !== undefined) {
    send({id: message.id, result: null})
  } else if (message.id !== undefined) {
    waiting.get(message.id)(message.result ?? null)
  } else if (message.method === 'textDocument/publishDiagnostics' && message.params.uri === uri) {
    diagnosed(message.params.diagnostics)
  }
}
let rest = Buffer.alloc(0)
server.stdout.on('data', data => {
  rest = Buffer.concat([rest, data])
  for (;;) {
    const head = rest.indexOf('\r\n\r\n')
    if (head < 0) return
    const end = head + 4 + Number(/Content-Length: (\d+)/i.exec(rest.subarray(0, head))[1])
    if (rest.length < end) return
    receive(JSON.parse(rest.subarray(head + 4, end)))
    rest = rest.subarray(end)
  }
})

await ask('initialize', {
  processId: process.pid, rootUri: null,
  capabilities: {workspace: {configuration: true}, textDocument: {hover: {contentFormat: ['markdown']}, completion: {completionItem: {documentationFormat: ['markdown']}}}},
})
send({method: 'initialized', params: {}})
send({method: 'textDocument/didOpen', params: {textDocument: {uri, languageId: 'yaml', version: 1, text: readFileSync(file, 'utf8')}}})
const at = ([line, character]) => ({textDocument: {uri}, position: {line, character}})
const text = value => value?.value ?? value ?? ''
const out = {wrong: (await diagnostics).map(d => `${d.range.start.line}:${d.range.start.character} ${d.message}`), complete: [], hover: []}
for (const place of asked.complete) {
  const found = await ask('textDocument/completion', at(place))
  out.complete.push((found.items ?? found).map(i => `${i.label}: ${text(i.documentation)}`))
}
for (const place of asked.hover) out.hover.push(text((await ask('textDocument/hover', at(place)))?.contents))
console.log(JSON.stringify(out))
server.kill()
process.exit(0)
