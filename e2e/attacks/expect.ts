// What an answer must be. Its own few words, so that the same attacks run as tests and as a program that is pointed at any server.
import { isDeepStrictEqual } from 'node:util'

/** What was found instead of what must be; the text is the evidence. */
class Broken extends Error {
  override readonly name = 'Broken'
}

export interface Expectation {
  toBe(wanted: unknown): void
  toEqual(wanted: unknown): void
  /** Text holds a text, or a list holds a member. */
  toContain(wanted: unknown): void
  toMatch(wanted: RegExp): void
  /** Every member of the wanted object is there, at any depth; lists are as long as the wanted ones. */
  toMatchObject(wanted: object): void
  toHaveLength(wanted: number): void
  toBeUndefined(): void
  toBeGreaterThan(wanted: number): void
  readonly not: Pick<Expectation, 'toContain' | 'toMatch' | 'toEqual'>
}

const EVIDENCE_CHARACTERS = 400

/** @param about what was asked, for the evidence. */
export function expect(found: unknown, about = ''): Expectation {
  const check = (holds: boolean, rule: string, wanted: unknown): void => {
    if (holds) return
    const text = `${about === '' ? '' : `${clip(about)}: `}${show(found)} ${rule} ${show(wanted)}`
    throw new Broken(text)
  }
  return {
    toBe: (wanted) => check(Object.is(found, wanted), 'is not', wanted),
    toEqual: (wanted) => check(isDeepStrictEqual(plain(found), plain(wanted)), 'is not', wanted),
    toContain: (wanted) => check(holds(found, wanted), 'does not hold', wanted),
    toMatch: (wanted) => check(wanted.test(String(found)), 'is not like', wanted),
    toMatchObject: (wanted) => check(isLike(found, wanted), 'is not like', wanted),
    toHaveLength: (wanted) =>
      check(
        (found as { length?: unknown } | null)?.length === wanted,
        'has not the length',
        wanted,
      ),
    toBeUndefined: () => check(found === undefined, 'is not', undefined),
    toBeGreaterThan: (wanted) => check(Number(found) > wanted, 'is not above', wanted),
    not: {
      toContain: (wanted) => check(!holds(found, wanted), 'holds', wanted),
      toMatch: (wanted) => check(!wanted.test(String(found)), 'holds', wanted),
      toEqual: (wanted) => check(!isDeepStrictEqual(plain(found), plain(wanted)), 'is', wanted),
    },
  }
}

function holds(found: unknown, wanted: unknown): boolean {
  if (typeof found === 'string') return typeof wanted === 'string' && found.includes(wanted)
  return Array.isArray(found) && found.some((each) => isDeepStrictEqual(each, wanted))
}

function isLike(found: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return Object.is(found, wanted)
  if (typeof found !== 'object' || found === null) return false
  if (Array.isArray(wanted) && (!Array.isArray(found) || found.length !== wanted.length))
    return false
  return Object.entries(wanted).every(([name, value]) =>
    isLike((found as Record<string, unknown>)[name], value),
  )
}

/** Without prototypes and members that are undefined. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(plain)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return new Map(members.map(([name, member]) => [name, plain(member)]))
}

function show(value: unknown): string {
  if (value instanceof RegExp) return String(value)
  return clip(value === undefined ? 'undefined' : JSON.stringify(value))
}

function clip(text: string): string {
  return text.length <= EVIDENCE_CHARACTERS ? text : `${text.slice(0, EVIDENCE_CHARACTERS)}...`
}
