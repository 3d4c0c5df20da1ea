import { expect, test } from 'vitest'

import { renamedHeader } from './csv-header.ts'

test('a header gets the new names, in the file’s own dialect', () => {
  expect(renamedHeader('Order Id;day', ['Order_Id', 'day'], ['order', null])).toBe('"order";"day"')
  expect(renamedHeader('\uFEFF"a","b, c"', ['a', 'b_c'], ['x', 'y'])).toBe('"x","y"')
})

test('a first line of values is no header', () => {
  expect(renamedHeader('1,2', ['column_1', 'column_2'], ['a', 'b'])).toBeNull()
  expect(renamedHeader('a,b,c', ['a', 'b'], ['x', 'y'])).toBeNull()
})
