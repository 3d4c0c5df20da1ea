import { expect, test } from 'vitest'

import { readDetailSearch } from './detail-search.ts'

test('the address gives tab, order and filters, and nothing that is none', () => {
  const filters = [{ c: 'a', o: 'eq', v: '1' }]
  expect(readDetailSearch({ tab: 'live', sort: 'a', desc: true, filters })).toEqual({
    ...{ tab: 'live', sort: 'a', desc: true },
    filters,
  })
  expect(
    readDetailSearch({
      tab: 'nosuch',
      sort: 3,
      desc: 'x',
      filters: [null, { c: 'a', o: "= '' OR", v: '1' }, { c: 1, o: 'eq', v: '' }],
    }),
  ).toEqual({})
})
