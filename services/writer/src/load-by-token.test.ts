import { expect, test } from 'vitest'
import { column, fakeBatch } from '../test/fake-batch.ts'
import { takesTokens, tokenOf, tokenSettings } from './load-by-token.ts'
import { insertRows, qualified } from './statements.ts'

const lane = (...engines: string[]) =>
  takesTokens({
    targets: engines.map((engine) => ({
      table: { name: 't', engine, views: [] },
      feeds: [],
    })),
  })

test('tokens are trusted when, by the names of their engines, all tables commit them with the part', () => {
  expect(lane('ReplicatedMergeTree')).toBe(true)
  expect(lane('ReplicatedReplacingMergeTree', 'ReplicatedSummingMergeTree')).toBe(true)
  expect(lane('SharedMergeTree', 'SharedAggregatingMergeTree')).toBe(true)
  expect(lane('Null', 'ReplicatedMergeTree')).toBe(true)
})

test.each([
  ['MergeTree'],
  ['ReplicatedMergeTree', 'MergeTree'],
  ['ReplicatedMergeTree', 'Join'],
  ['ReplicatedMergeTree', 'Memory'],
  ['Null'],
  [],
])('one table that does not is enough to compare block numbers: %s %s', (...engines) => {
  expect(lane(...engines)).toBe(false)
})

test('the insert of a lane of Replicated tables, as it is sent and sent again', () => {
  const batch = fakeBatch({ dataSourceId: 't_1', fromSequence: 7, toSequence: 9 })
  expect({
    sql: insertRows(qualified(batch.database, batch.table), {
      from: 'rows',
      columns: [column('a', 'Int64')],
    }),
    settings: tokenSettings(tokenOf(batch, 'rows')),
  }).toEqual({
    sql: 'INSERT INTO `ws_1`.`t_1_0` (`a`) SELECT `a` FROM rows',
    settings: {
      async_insert: 0,
      insert_deduplicate: 1,
      insert_deduplication_token: 't_1-7-9-rows',
      deduplicate_blocks_in_dependent_materialized_views: 1,
      insert_quorum: 'auto',
      materialized_views_ignore_errors: 0,
      max_insert_threads: 1,
      min_insert_block_size_rows: 1_000_000_000,
      min_insert_block_size_bytes: 1_000_000_000_000,
      min_insert_block_size_rows_for_materialized_views: 1_000_000_000,
      min_insert_block_size_bytes_for_materialized_views: 1_000_000_000_000,
      parallel_view_processing: 0,
      date_time_input_format: 'basic',
      input_format_skip_unknown_fields: 1,
      insert_allow_materialized_columns: 1,
    },
  })
  expect(tokenOf(batch, 'refused')).not.toBe(tokenOf(batch, 'rows'))
})
