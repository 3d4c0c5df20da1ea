import { resolve } from 'node:path'
import { expect, test } from 'vitest'

import { readConfig, redacted } from './config.ts'

test('nothing has to be set', () => {
  expect(readConfig({})).toMatchObject({
    port: 7181,
    host: '127.0.0.1',
    dataDir: resolve('.sandpiper'),
    databaseUrl: null,
    secretKey: null,
  })
})

test('every wrong value is named in one line', () => {
  const wrong = { SANDPIPER_PORT: '70000', SANDPIPER_PRINT: 'xml' }
  expect(() => readConfig(wrong)).toThrow(
    /^Wrong configuration: SANDPIPER_PORT: .*; SANDPIPER_PRINT: .*$/,
  )
})

test('an empty variable counts as not set', () => {
  expect(readConfig({ SANDPIPER_PORT: '', DATABASE_URL: '' })).toMatchObject({
    port: 7181,
    databaseUrl: null,
  })
})

test('what is shown holds no secret, and what children get holds none of ours', () => {
  const config = readConfig({
    SANDPIPER_SECRET_KEY: 'hush',
    DATABASE_URL: 'postgresql://me:hush@db/x',
    PGPASSWORD: 'hush',
    PATH: '/bin',
  })
  expect(JSON.stringify(redacted(config))).not.toContain('hush')
  expect(config.childEnvironment).toEqual({ PATH: '/bin', TZ: 'UTC' })
})
