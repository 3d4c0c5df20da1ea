#!/usr/bin/env node
// Stands in for curl on machines that have none: the options that the guides use, and no others.
import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'

const request = { headers: {}, data: [], form: null, method: null, query: false, fail: false }
const args = process.argv.slice(2)
while (args.length > 0) option(args.shift())

const url = new URL(request.url)
let body = request.data.length > 0 ? request.data.join('&') : undefined
if (request.query) {
  url.search = [url.search.slice(1), body].filter(Boolean).join('&')
  body = undefined
}
if (body !== undefined) {
  request.headers['Content-Type'] ??= 'application/x-www-form-urlencoded'
}
const payload = request.form ?? body
const response = await fetch(url, {
  method: request.method ?? (payload === undefined ? 'GET' : 'POST'),
  headers: request.headers,
  body: payload,
})
const bytes = Buffer.from(await response.arrayBuffer())
if (request.fail && !response.ok) process.exit(22)
if (request.output) writeFileSync(request.output, bytes)
else process.stdout.write(bytes)
if (request.format) {
  const text = request.format.replace('%{http_code}', String(response.status))
  process.stdout.write(text.replaceAll('\\n', '\n'))
}

function option(name) {
  if (name === '-s') return
  if (name === '-sf') request.fail = true
  else if (name === '-G') request.query = true
  else if (name === '-X') request.method = args.shift()
  else if (name === '-o') request.output = args.shift()
  else if (name === '-w') request.format = args.shift()
  else if (name === '-H') header(args.shift())
  else if (name === '-d' || name === '--data-binary') request.data.push(args.shift())
  else if (name === '--data-urlencode') request.data.push(encoded(args.shift()))
  else if (name === '-F') part(args.shift())
  else if (name.startsWith('-')) throw new Error(`this curl knows no ${name}`)
  else request.url = name
}

function header(line) {
  const colon = line.indexOf(':')
  request.headers[line.slice(0, colon)] = line.slice(colon + 1).trim()
}

function encoded(pair) {
  const equals = pair.indexOf('=')
  return `${pair.slice(0, equals)}=${encodeURIComponent(pair.slice(equals + 1))}`
}

function part(definition) {
  request.form ??= new FormData()
  const [, name, path] = /^([^=]*)=@(.*)$/.exec(definition)
  request.form.append(name, new Blob([readFileSync(path)]), basename(path))
}
