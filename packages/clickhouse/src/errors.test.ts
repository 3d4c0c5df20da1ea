import { expect, test } from 'vitest'

import { faultOfDriver, faultOfEngine } from './errors.ts'

test.each([
  [159, 'query.timeout', 408],
  [160, 'query.timeout', 408],
  [241, 'query.failed', 400],
  [396, 'query.failed', 400],
  [158, 'query.failed', 400],
  [307, 'query.failed', 400],
  [60, 'query.failed', 400],
  [202, 'server.busy', 503],
  [210, 'engine.unavailable', 503],
  [243, 'storage.full', 507],
])('engine code %d becomes %s (%d) and is told in a header', (code, expected, status) => {
  const made = faultOfEngine({ code, name: 'NAME', message: 'why' })
  expect([made.code, made.status, made.message]).toEqual([expected, status, '[Error] why (NAME)'])
  expect(made.details.headers).toMatchObject({ 'X-DB-Exception-Code': String(code) })
})

test('neither the compiled SQL nor tables of others are told to the caller', () => {
  const scope =
    "Unknown table expression identifier 'x' in scope SELECT * FROM ws_a.t WHERE org = 'secret'"
  const hint = "Unknown table expression identifier 'x'. Maybe you meant ws_other.t_1?"
  const made = [scope, hint].map((message) =>
    faultOfEngine({ code: 60, name: 'UNKNOWN_TABLE', message }),
  )
  for (const each of made) {
    expect(each.message).toBe("[Error] Unknown table expression identifier 'x' (UNKNOWN_TABLE)")
    expect(each.details.internal).toContain('ws_')
  }
})

test('a refused connection is engine.unavailable, and an unknown error stays what it is', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED /secret/path'), {
    code: 'ECONNREFUSED',
  })
  const made = faultOfDriver(refused)
  expect(made).toMatchObject({ code: 'engine.unavailable' })
  expect(String(made)).not.toContain('path')
  const bug = new TypeError('x is not a function')
  expect(faultOfDriver(bug)).toBe(bug)
})
