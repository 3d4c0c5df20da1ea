import { expect, test } from 'vitest'

import { settingLines } from './settings-lines.ts'

test('finds what sets the cache and who may call, with their lines', () => {
  const file = `TOKEN "my app" READ
TOKEN other APPEND

NODE n
SQL >
    %
    {{ cache_ttl('5m') }} SELECT 1

TYPE endpoint
CACHE 30`
  expect(settingLines(file).map(({ line, means }) => [line, means])).toEqual([
    [1, 'The token "my app" may call it.'],
    [7, 'An answer is kept for 5m, where the template comes by here.'],
    [10, 'An answer is kept for 30 s.'],
  ])
  expect(settingLines('NODE n\nSQL >\n    SELECT 1 AS cache\nTYPE endpoint')).toEqual([])
})
