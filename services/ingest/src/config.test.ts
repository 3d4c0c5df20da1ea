import { expect, test } from 'vitest'
import { readConfig, redacted } from './config.ts'

const NEEDED = {
  DATABASE_URL: 'postgresql://user:secret-one@db/catalog',
  SANDPIPER_SECRET_KEY: 'secret-two',
  SANDPIPER_KAFKA_BROKERS: 'one:9092,two:9092',
}

test('what is shown of the configuration holds no secret', () => {
  const config = readConfig({
    ...NEEDED,
    SANDPIPER_KAFKA_SECURITY: 'sasl_ssl',
    SANDPIPER_KAFKA_USERNAME: 'alice',
    SANDPIPER_KAFKA_PASSWORD: 'secret-three',
  })
  expect(config.kafka.password).toBe('secret-three')
  const shown = JSON.stringify(redacted(config))
  expect(shown).toContain('alice')
  expect(shown).not.toContain('secret-')
})

test('every wrong or missing value is named in one line', () => {
  expect(() => readConfig({ SANDPIPER_PORT: '-1', DATABASE_URL: '' })).toThrow(
    /^Wrong configuration: SANDPIPER_PORT: .*DATABASE_URL: .*SANDPIPER_SECRET_KEY: .*SANDPIPER_KAFKA_BROKERS: [^\n]*$/,
  )
})
