import { expect, test } from 'vitest'

import { maskConnection } from './mask-connection.ts'
import { parseProject } from './parse-project.ts'

const HEAD = 'TYPE kafka\nKAFKA_BOOTSTRAP_SERVERS broker:9092\nKAFKA_SECURITY_PROTOCOL SSL\n'

function deployed(lines: string): { settings: unknown; warnings: readonly string[] } {
  const sent = [{ filename: 'k.connection', text: `${HEAD}${lines}` }]
  const { files, warnings } = parseProject(sent)
  const [file] = files
  if (file?.kind !== 'connection') throw new Error('it was not read')
  return { settings: file.settings, warnings: warnings.map(({ message }) => message) }
}

test('attack 45: a secret in plain text is kept nowhere, and its author is told', () => {
  const { settings, warnings } = deployed('KAFKA_KEY user7f3a\nKAFKA_SECRET "pass7f3a"\n')
  expect(settings).toEqual({
    KAFKA_BOOTSTRAP_SERVERS: 'broker:9092',
    KAFKA_SECURITY_PROTOCOL: 'SSL',
    KAFKA_KEY: '***',
    KAFKA_SECRET: '***',
  })
  expect(warnings.filter((text) => text.includes('tb_secret'))).toHaveLength(2)
  expect(warnings.join()).not.toContain('7f3a')
})

test('a reference to a secret stays as it is written', () => {
  const reference = '{{ tb_secret("kafka_secret", "none") }}'
  const url = 'https://{{tb_secret("u")}}:{{tb_secret("p")}}@registry.example:8081'
  const { settings } = deployed(`KAFKA_SECRET ${reference}\nKAFKA_SCHEMA_REGISTRY_URL ${url}\n`)
  expect(settings).toMatchObject({ KAFKA_SECRET: reference, KAFKA_SCHEMA_REGISTRY_URL: url })
})

test.each([
  ['KAFKA_SECRET', '{{ tb_secret("a") }}7f3a'],
  ['KAFKA_SCHEMA_REGISTRY_URL', 'https://user:7f3a@registry.example'],
  ['KAFKA_SCHEMA_REGISTRY_URL', 'https://7f3a@registry.example'],
  ['KAFKA_SCHEMA_REGISTRY_URL', 'https://{{ tb_secret("u") }}:7f3a@registry.example'],
  ['GCS_SERVICE_ACCOUNT_CREDENTIALS_JSON', '{"private_key":"7f3a"}'],
])('%s is masked when it holds %s', (name, value) => {
  const file = {
    kind: 'connection',
    name: 'c',
    type: 'kafka',
    settings: { [name]: value },
  } as const
  const masked = maskConnection(file)
  expect(masked).toMatchObject({ file: { settings: { [name]: '***' } }, hidden: [name] })
})

test('what was masked is deployed again without a word', () => {
  const masked = 'KAFKA_SECRET ***\nKAFKA_SCHEMA_REGISTRY_URL ***\n'
  expect(deployed(masked).warnings.filter((text) => /secret/.test(text))).toEqual([])
})
