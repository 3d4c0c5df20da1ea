// Random data sources, random events: what SELECT gives equals what a model says, and what the model refuses is in quarantine.
// SEED=<n> makes others.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCaller, projectForm, type Caller } from '../support/http.ts'
import { startProduct, type Product } from '../support/product.ts'
import { datafileOf, randomDataSource, type RandomDataSource } from './random-data-source.ts'
import { canonical } from './type-models.ts'

const SEED = Number(process.env['SEED'] ?? 20_261_121)
const DATA_SOURCES = 40

let product: Product
let admin: Caller

beforeAll(async () => {
  product = await startProduct()
  admin = createCaller(product.url, product.tokens.workspace_admin_token)
})
afterAll(() => product.stop())

test(`every value is stored as it was meant, and every other is refused (SEED=${SEED})`, async () => {
  const sources = fc.sample(randomDataSource(), { seed: SEED, numRuns: DATA_SOURCES })
  const files = sources.map((source, index) => [`ds_${index}.datasource`, datafileOf(source)])
  const deployed = await admin.post(
    '/v1/deploy?auto_promote=true&wait=true',
    projectForm(Object.fromEntries(files) as Record<string, string>),
  )
  expect(deployed.json, deployed.text).toMatchObject({ result: 'success' })
  for (const [index, source] of sources.entries()) await check(`ds_${index}`, source)
})

async function check(name: string, source: RandomDataSource): Promise<void> {
  const { columns, events } = source
  const good = events.filter((event) => event.stored !== null)
  const answer = await admin.post(
    `/v0/events?name=${name}&wait=true`,
    events.map((event) => event.json).join('\n'),
  )
  expect(answer.status, answer.text).toBe(200)
  const shape = datafileOf(source)
  const shown = columns.map((column) => `toString(${column.name}) AS ${column.name}_`)
  const rows = await admin.sql(
    `SELECT ${['k', 'doc', ...shown].join(', ')} FROM ${name} ORDER BY k`,
  )
  const byNumber = new Map(rows.map((row) => [row['k'], row]))
  for (const [k, event] of events.entries()) {
    const row = byNumber.get(k)
    if (event.stored === null) {
      expect(row, `${event.json}\n${shape}`).toBeUndefined()
      continue
    }
    expect(row?.['doc']).toBe(event.json)
    for (const column of columns) {
      const found = row?.[`${column.name}_`] as string | null
      const isDocument = column.model.type === 'JSON' && found !== null
      const what = `${column.name} ${column.model.type} of ${event.json}`
      expect(isDocument ? canonical(JSON.parse(found)) : found, what).toBe(
        event.stored.get(column.name),
      )
    }
  }
  expect(answer.json).toEqual({
    successful_rows: good.length,
    quarantined_rows: events.length - good.length,
  })
  expect(rows.length, shape).toBe(good.length)
  const refused = await admin.sql(`SELECT c__raw, c__error_column FROM ${name}_quarantine`)
  const reasons = new Map(refused.map((row) => [row['c__raw'], row['c__error_column']]))
  for (const event of events.filter((each) => each.stored === null))
    expect(reasons.get(event.json), `${event.json}\n${shape}`).toEqual(event.broken)
}
