import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'

import { runCli } from './cli.ts'

test('what a server says of a failure cannot steer the terminal, and the token is not in it', async () => {
  const server = createServer((_, res) => {
    res.statusCode = 400
    res.end(JSON.stringify({ error: 'row \u001b]0;owned\u0007 \u001b[2J\r\nis wrong' }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  let said = ''
  const code = await runCli(['sql', 'SELECT 1'], {
    config: { url: `http://127.0.0.1:${port}`, token: 'p.secret' },
    out: () => undefined,
    err: (text) => (said += text),
    isTerminal: true,
    sleep: () => Promise.resolve(),
  })
  server.close()
  expect(code).toBe(1)
  expect(said).toContain('is wrong')
  expect(said.trimEnd()).not.toMatch(/\p{Cc}/u)
  expect(said).not.toContain('p.secret')
})
