import { expect, test } from 'vitest'

import { planTables } from './plan-tables.ts'

const PLAN = `Aggregating
│  Keys: shop
└──Join (JOIN FillRightFirst)
    ├──ReadFromMergeTree (events)
    │ Parts: 1 | Granules: 4
    Indexes:
      MinMax
        Keys:
          day
        Condition: (day in [20454, 20454])
        Parts: 1/3
        Granules: 4/12
      PrimaryKey
        Keys:
          day
          user
        Condition: true
        Parts: 1/1
        Granules: 2/4
    └──ReadFromMergeTree (users)
    Indexes:
      PrimaryKey
        Condition: true
        Parts: 2/2
        Granules: 2/2
    ReadFromSystemNumbers`

test('each table with what is left of all its parts and granules, and the keys that were used', () => {
  expect(planTables(PLAN)).toEqual([
    {
      table: 'events',
      parts: { read: 1, all: 3 },
      granules: { read: 2, all: 12 },
      keys: ['day', 'user'],
    },
    { table: 'users', parts: { read: 2, all: 2 }, granules: { read: 2, all: 2 }, keys: [] },
  ])
})
