import { expect, test } from 'vitest'
import { allAttacks } from './all-attacks.ts'
import { ATTACKS } from './attack-list.ts'
import { readOptions } from './options.ts'
import { lineOf, runAttacks, type Verdict } from './run-attacks.ts'
import type { AttackCase } from './suite.ts'
import type { Target } from './target.ts'

const target = { requests: () => 0, tokens: { admin: 'p.admin.value' } } as unknown as Target
const attackCase = (number: number, run: () => Promise<void>): AttackCase => ({
  ...{ numbers: [number], title: `attack ${number}`, run },
})

async function verdictOf(number: number, cases: readonly AttackCase[]): Promise<Verdict> {
  const tell = (): void => undefined
  const [verdict] = await runAttacks({ cases, target, only: [number], tell })
  if (verdict === undefined) throw new Error('there is no verdict')
  return verdict
}

test('every attack of the list is tried, the ones of the issue among them', () => {
  const unused = (): Target => target
  const tried = new Set(allAttacks(unused).flatMap(({ numbers }) => numbers))
  expect(ATTACKS.map(({ number }) => number).filter((number) => !tried.has(number))).toEqual([])
  const due = [...Array.from({ length: 27 }, (_, index) => index + 1), 35, 36, 37, 45, 46, 47]
  const listed = new Set(ATTACKS.map(({ number }) => number))
  expect(due.filter((number) => !listed.has(number))).toEqual([])
})

test('an attack that gets through is told with the first evidence, and no token in it', async () => {
  const fail = (text: string) => () => Promise.reject(new Error(text))
  const verdict = await verdictOf(1, [
    attackCase(1, () => Promise.resolve()),
    attackCase(1, fail('p.admin.value was shown')),
    attackCase(1, fail('another')),
  ])
  expect(verdict.evidence).toBe('attack 1: <token admin> was shown')
  expect(lineOf(verdict)).toContain('3 cases, 0 requests: FAILED: attack 1')
})

test('an attack that was not tried is not held off', async () => {
  expect((await verdictOf(1, [])).evidence).toBe('nothing was tried')
  const ok = await verdictOf(1, [attackCase(1, () => Promise.resolve())])
  expect([ok.evidence, lineOf(ok).endsWith('ok')]).toEqual([null, true])
})

test('the command is told a server by its address and an admin token, or neither', () => {
  const asked = ['--url', 'http://127.0.0.1:7181/', '--token', 't', '--only', '16,17']
  expect(readOptions(asked)).toMatchObject({
    server: { url: 'http://127.0.0.1:7181', adminToken: 't' },
    only: [16, 17],
  })
  expect(readOptions([])).toMatchObject({ server: null, only: null, isProof: false })
  expect(() => readOptions(['--url', 'http://127.0.0.1:7181'])).toThrow('go together')
  expect(() => readOptions(['--url', 'x', '--token', 't'])).toThrow('--url is the address')
  expect(() => readOptions(['--only', 'x'])).toThrow('--only is a list')
})
