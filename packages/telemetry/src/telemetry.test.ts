import { expect, test } from 'vitest'

import { createLogger } from './telemetry.ts'

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const payload = encode({ u: 'b9d1c2f0-0000-4000-8000-000000000002', id: 'x', host: 'local' })
const STATIC = `p.${payload}.${'s3cr3t_-'.repeat(6)}`.slice(0, payload.length + 46)
const JWT = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ name: 'page' })}.${'s1gn_-'.repeat(7)}`

function logged(act: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = []
  act(createLogger({ service: 'test', level: 'trace' }, { write: (line) => lines.push(line) }))
  return lines.join('')
}

test.each([
  ['static', STATIC],
  ['JWT', JWT],
  ['percent-encoded', JWT.replaceAll('.', '%2E')],
])('no token is ever in a line of the log, whatever it stands in: %s', (_kind, token) => {
  const text = logged((logger) => {
    logger.info(`GET /v0/pipes/x.json?token=${token}&a=1`)
    logger.warn({ err: new Error(`refused ${token}`), url: `?token=${token}` }, 'failed')
    logger.error({ token, deep: { headers: { Authorization: `Bearer ${token}` } } }, 'bug')
    logger.child({ token }).debug({ list: [token, { token }] }, 'child')
  })
  for (const part of token.split(/\.|%2E/).filter((each) => each.length > 3))
    expect(text).not.toContain(part)
  const lines = text.trim().split('\n')
  expect(lines).toHaveLength(4)
  expect(lines.map((line) => (JSON.parse(line) as { service: string }).service)).toEqual(
    Array(4).fill('test'),
  )
  expect(text).toContain('[token]&a=1')
})

test('what is no token is logged as it is', () => {
  const text = logged((logger) => {
    logger.info({ file: 'events.p.eyJ', id: 't_0123' }, 'eyJust a word. And more.')
  })
  expect(text).toContain('events.p.eyJ')
  expect(text).toContain('eyJust a word. And more.')
})
