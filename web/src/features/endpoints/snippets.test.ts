import { execFileSync } from 'node:child_process'
import { runInNewContext } from 'node:vm'

import { expect, test } from 'vitest'

import { endpointSnippets } from './snippets.ts'

const NASTY = `it's "x" \\ $(id) \`y\` \${z} & é\n`
const call = {
  origin: 'http://127.0.0.1:7181',
  pipe: 'top pages',
  params: { who: NASTY },
  token: 'p.abc',
}
const code = (id: string): string =>
  endpointSnippets(call).find((each) => each.id === id)?.code ?? ''

test('curl in a shell asks for exactly the values, whatever stands in them', () => {
  const seen = execFileSync('sh', [
    '-c',
    `curl() { printf '%s|' "$@"; }\n${code('curl')}`,
  ]).toString()
  const url = new URL(seen.split('|')[2] ?? '')
  expect(url.searchParams.get('who')).toBe(NASTY)
  expect(url.pathname).toBe('/v0/pipes/top%20pages.json')
  expect(seen).toContain('Authorization: Bearer p.abc')
})

test('JavaScript, run, asks for exactly the values', async () => {
  const asked: string[] = []
  const answer = { ok: true, json: () => Promise.resolve({ data: [] }) }
  const fetch = (url: URL): Promise<unknown> => {
    asked.push(url.searchParams.get('who') ?? '')
    return Promise.resolve(answer)
  }
  await runInNewContext(`(async () => {${code('javascript')}})()`, {
    ...{ URL, fetch, console: { table: () => undefined } },
  })
  expect(asked).toEqual([NASTY])
})

test('Python and the SDK get the values as one literal', () => {
  for (const id of ['python', 'sdk']) expect(code(id)).toContain(JSON.stringify(NASTY))
})
