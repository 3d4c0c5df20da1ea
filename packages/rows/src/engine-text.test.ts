import { expect, test } from 'vitest'
import { engineTextAsJson } from './engine-text.ts'

test.each([
  ["['a','b']", ['a', 'b']],
  [
    String.raw`['it\'s','a\\b','x''y','\n"','NULL','(']`,
    ["it's", 'a\\b', "x'y", '\n"', 'NULL', '('],
  ],
  ["{'k':1,'l':['x']}", { k: 1, l: ['x'] }],
  [
    "[('a',1),('b',NULL)]",
    [
      ['a', 1],
      ['b', null],
    ],
  ],
  ['[]', []],
])('%s is read as the engine means it', (text, value) => {
  expect(JSON.parse(engineTextAsJson(text) ?? '')).toEqual(value)
})

test.each(["['a", "['a\\']", "'"])('%s does not end', (text) => {
  expect(engineTextAsJson(text)).toBeNull()
})
