import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonScanner, KEYS_MAX } from './json-scanner.ts'
import { elementsOf, membersOf } from './convert-containers.ts'

/** Whether the scanner takes the whole text as one value. */
function takes(text: string): boolean {
  const scanner = new JsonScanner(0)
  scanner.load(text)
  const end = scanner.value(0, text.length, null)
  return end >= 0 && scanner.spaces(end) === text.length
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('takes every JSON text, whatever its spacing', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 1, '\t'), (value, space) => {
      expect(takes(JSON.stringify(value, null, space))).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('judges damaged JSON as JSON.parse does', () => {
  const damage = fc.tuple(
    fc.jsonValue({ maxDepth: 4 }),
    fc.nat(),
    fc.constantFrom(...'{}[]",:\\0e-.tn \n\u0001ux'.split('')),
  )
  fc.assert(
    fc.property(damage, fc.constantFrom('insert', 'replace', 'cut'), ([value, at, char], how) => {
      const text = JSON.stringify(value)
      const index = at % (text.length + 1)
      const rest = how === 'replace' ? text.slice(index + 1) : text.slice(index)
      const damaged = how === 'cut' ? text.slice(0, index) : text.slice(0, index) + char + rest
      fc.pre(!/\\u[dD][89a-fA-F]/.test(damaged))
      expect(takes(damaged), damaged).toBe(parses(damaged))
    }),
    { numRuns: 3_000 },
  )
})

test('finds elements and members as they stand', () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue({ maxDepth: 3 })),
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
      (list, object) => {
        expect(
          elementsOf(JSON.stringify(list, null, 2))?.map((text) => JSON.parse(text) as unknown),
        ).toEqual(JSON.parse(JSON.stringify(list)))
        const members = [...(membersOf(JSON.stringify(object, null, 2)) ?? [])]
        const wanted = Object.entries(JSON.parse(JSON.stringify(object)) as object)
        expect(members.map(([key, text]) => [key, JSON.parse(text) as unknown])).toEqual(wanted)
      },
    ),
    { numRuns: 200 },
  )
})

test('reads nothing beyond the end it was given', () => {
  const scanner = new JsonScanner(0)
  scanner.load('{"a":123}{"b":"x"}')
  expect(scanner.value(0, 9, null)).toBe(9)
  for (let end = 0; end < 9; end += 1) expect(scanner.value(0, end, null), `end ${end}`).toBe(-1)
  expect(scanner.value(9, 18, null)).toBe(18)
})

test('takes time in proportion to the text: backslashes and quotes are not searched for again and again', () => {
  const strings = `[${Array.from({ length: 60_000 }, () => '"aaaaaaaaaa"').join(',')}]`
  const scanner = new JsonScanner(0)
  scanner.load(strings)
  let searched = 0
  const original = String.prototype.indexOf
  // Counts how much text each search walks over: the sum must stay in the order of the text's length.
  String.prototype.indexOf = function (this: string, ...args: [string, number?]) {
    const found = original.apply(this, args)
    searched += (found < 0 ? this.length : found) - (args[1] ?? 0)
    return found
  }
  try {
    expect(scanner.value(0, strings.length, null)).toBe(strings.length)
  } finally {
    String.prototype.indexOf = original
  }
  expect(searched).toBeLessThan(4 * strings.length)
})

test('counts the keys of one line, not of all lines', () => {
  const scanner = new JsonScanner(0)
  const line = `{${Array.from({ length: KEYS_MAX }, (_, index) => `"${index}":0`).join(',')}}`
  scanner.load(line)
  expect(scanner.value(0, line.length, null)).toBe(line.length)
  expect(scanner.value(0, line.length, null)).toBe(line.length)
})
