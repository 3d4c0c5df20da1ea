import { expect, test } from 'vitest'
import { planMigration } from './migration-plan.ts'

const source = (name: string, engine: string, column = 'a UInt8') => ({
  path: `datasources/${name}.datasource`,
  text: `SCHEMA >\n    ${column}\n\nENGINE "${engine}"\n`,
})
const view = (name: string, from: string, into: string) => ({
  path: `materializations/${name}.pipe`,
  text: `NODE n\nSQL >\n    SELECT a FROM ${from}\n\nTYPE materialized\nDATASOURCE ${into}\n`,
})

test('nothing is both copied and made anew by a view', () => {
  const { copied, rebuilt, left, scheduled } = planMigration(
    [
      source('events', 'MergeTree'),
      source('daily', 'SummingMergeTree'),
      source('monthly', 'MergeTree'),
      source('firehose', 'Null'),
      source('kept', 'MergeTree'),
      source('both', 'MergeTree'),
      source('states', 'AggregatingMergeTree', 'a AggregateFunction(count)'),
      view('to_daily', 'events', 'daily'),
      view('to_monthly', 'daily', 'monthly'),
      view('to_kept', 'firehose', 'kept'),
      view('to_both', 'firehose', 'both'),
      view('also_to_both', 'events', 'both'),
      {
        path: 'copies/nightly.pipe',
        text: 'NODE n\nSQL >\n    SELECT a FROM events\n\nTYPE copy\nTARGET_DATASOURCE states\nCOPY_SCHEDULE 0 3 * * *\n',
      },
    ],
    [],
  )
  const names = (files: readonly { name: string }[]): string[] => files.map(({ name }) => name)
  // All that feeds `kept` keeps no rows: only its own rows tell what was.
  expect(names(copied)).toEqual(['events', 'kept'])
  expect(names(rebuilt)).toEqual(['daily', 'monthly', 'both'])
  expect(names(left)).toEqual(['firehose', 'states'])
  expect(scheduled).toEqual(['nightly'])
})

test('a file that is none is named, with its line', () => {
  const broken = { path: 'datasources/x.datasource', text: 'SCHEMA >\n    a Nope(\n' }
  expect(() => planMigration([broken], [])).toThrow(/datasources\/x.datasource, line \d/)
})
