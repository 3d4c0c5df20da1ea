import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'

import { runCli } from './cli.ts'

/** Runs a command against a server that answers everything with this. */
async function run(
  args: readonly string[],
  answer: { readonly status?: number; readonly body: unknown },
): Promise<{ code: number; out: string; err: string }> {
  const server = createServer((_, res) => {
    res.statusCode = answer.status ?? 200
    res.setHeader('Content-Type', 'application/json; charset=UTF-8')
    res.end(JSON.stringify(answer.body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const said = { out: '', err: '' }
  const code = await runCli([...args], {
    config: { url: `http://127.0.0.1:${port}`, token: 'p.secret' },
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
    isTerminal: true,
    sleep: () => Promise.resolve(),
  })
  server.close()
  return { code, ...said }
}

test('what a server says of a failure cannot steer the terminal, and the token is not in it', async () => {
  const body = { error: 'row \u001b]0;owned\u0007 \u001b[2J\r\nis wrong' }
  const { code, err } = await run(['sql', 'SELECT 1'], { status: 400, body })
  expect(code).toBe(1)
  expect(err).toContain('is wrong')
  expect(err.trimEnd()).not.toMatch(/\p{Cc}/u)
  expect(err).not.toContain('p.secret')
})

test('a result has the names of its columns, as they are, over what they hold', async () => {
  const names = ['count()', 'lower', 'Mixed\u001b[2J']
  const body = {
    meta: names.map((name) => ({ name, type: 'UInt8' })),
    data: [{ [names[0]!]: 1, [names[1]!]: 'a longer text', [names[2]!]: null }],
  }
  const { code, out } = await run(['sql', 'SELECT ...'], { body })
  expect(code).toBe(0)
  expect(out).toBe('count()  lower          Mixed [2J\n1        a longer text  -\n')
})

test('a list of no jobs is a sentence, and as JSON an empty list', async () => {
  const answer = { body: { jobs: [] } }
  expect(await run(['jobs', 'list'], answer)).toMatchObject({
    code: 0,
    out: 'There are no jobs.\n',
  })
  const some = await run(['jobs', 'list', '--status', 'error'], answer)
  expect(some.out).toBe('There are no such jobs.\n')
  const json = await run(['jobs', 'list', '--json'], answer)
  expect(JSON.parse(json.out)).toEqual({ jobs: [] })
})
