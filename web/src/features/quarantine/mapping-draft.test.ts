import { expect, test } from 'vitest'

import { mappingOf, newRule } from './mapping-draft.ts'

test('rules become a mapping, and several of one column its steps in order', () => {
  const rules = [
    { ...newRule(0, 'at'), step: 'date' as const, detail: 'DD/MM/YYYY HH:mm' },
    { ...newRule(1, 'price'), step: 'trim' as const },
    { ...newRule(2, 'price'), step: 'number' as const, byDefault: '0' },
    { ...newRule(3, 'shop'), from: 'constant' as const, source: 'north' },
    { ...newRule(4, 'id'), from: 'path' as const, source: '$.order.id' },
  ]
  expect(mappingOf(rules)).toEqual({
    at: { steps: [{ date: 'DD/MM/YYYY HH:mm' }] },
    price: { steps: ['trim', 'number'], default: 0 },
    shop: { constant: 'north' },
    id: { path: '$.order.id' },
  })
})

test('texts become what they say, and long numbers keep their digits', () => {
  const detail = 'N/A = null\nyes = true\nbig=12345678901234567890\na=b=c'
  expect(mappingOf([{ ...newRule(0, 'x'), step: 'values', detail }])).toEqual({
    x: {
      steps: [{ values: { 'N/A': null, yes: true, big: '12345678901234567890', a: 'b=c' } }],
    },
  })
})

test('a column called like a member of every object is a column', () => {
  const mapping = mappingOf([{ ...newRule(0, '__proto__'), step: 'trim' }])
  expect(JSON.stringify(mapping)).toBe('{"__proto__":{"steps":["trim"]}}')
})
