// A short campaign of each kind, on the bundles that users run; the long ones are in docs/reliability.md. They fail where faultfs cannot
// be built or mounted, with the command that brings what is missing: a proof that is skipped proves nothing.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensurePackages } from './fault-file-system.ts'
import { runFaultRound } from './fault-round.ts'
import { runFlipRound } from './flip-round.ts'
import { freezeBundle, type FrozenBundle } from './frozen-bundle.ts'
import { runKafkaRound } from './kafka-round.ts'
import { runKillRound } from './kill-round.ts'
import { runPowerRound } from './power-round.ts'
import { MUTATIONS } from './prove.ts'
import { createRandom } from './random.ts'
import { scratchFolder } from './scratch-folder.ts'

const SEED = 20261121
/** No imports here, to be short: imports-crash.e2e.test.ts kills those. */
const PACE = { paceMs: 150, importShare: 0 }
const RECORDED = { ...PACE, recordMs: 1_500, lives: 1, killsMin: 1 }

let bundle: FrozenBundle
let home: string
beforeAll(() => {
  ensurePackages()
  bundle = freezeBundle()
  home = mkdtempSync(join(scratchFolder(), 'crash-'))
  // The engine and Postgres run as others.
  chmodSync(home, 0o755)
})
afterAll(() => {
  bundle.remove()
  rmSync(home, { recursive: true, force: true })
})

const place = (name: string): { folder: string; program: string } => ({
  folder: join(home, name),
  program: bundle.main,
})

test('processes killed under load lose nothing and double nothing, in tables, quarantine and views', async () => {
  const result = await runKillRound(place('kill'), createRandom(SEED), {
    kills: 6,
    ...PACE,
  })
  expect(result.violations).toEqual([])
  expect(result.events.acknowledged).toBeGreaterThan(0)
})

test('a topic is read exactly once while the reader is killed, its group rebalances and the broker dies', async () => {
  const result = await runKafkaRound(place('kafka'), createRandom(SEED), { kills: 10, paceMs: 100 })
  expect(result.violations).toEqual([])
  expect(result.events.acknowledged).toBeGreaterThan(0)
  expect(result.counts['rebalance']).toBeGreaterThan(10)
}, 420_000)

test('what a power cut leaves of log, engine and catalog holds everything acknowledged, once', async () => {
  const result = await runPowerRound(place('power'), createRandom(SEED), { ...RECORDED, cuts: 2 })
  expect(result.violations).toEqual([])
  expect(result.events.acknowledged).toBeGreaterThan(0)
})

test('a full disk, and one that refuses to sync, cost no acknowledged event and are recovered from', async () => {
  const only = [
    'disk full: log',
    'disk full: everything',
    'EIO on fsync: log',
    'EIO on fsync: engine',
  ]
  const options = { faults: 2, ...PACE, only }
  const result = await runFaultRound(place('faults'), createRandom(SEED), options)
  expect(result.violations).toEqual([])
  expect(result.events.acknowledged).toBeGreaterThan(0)
})

test('a flipped bit, or a last frame cut off anywhere, costs one frame at most and is reported', async () => {
  const result = await runFlipRound(place('flips'), createRandom(SEED), { flips: 300 })
  expect(result.violations).toEqual([])
  expect(result.counts['bit flip, hit a frame']).toBeGreaterThan(100)
})

test('the campaign can fail: without the fsync of the log it finds acknowledged events lost', async () => {
  const mutation = MUTATIONS.find(({ name }) => name === 'the log is not fsynced')
  const mutated = freezeBundle(mutation?.patches)
  const options = { ...RECORDED, cuts: 1, survivals: ['none'] as const }
  const where = { folder: join(home, 'mutated'), program: mutated.main }
  const { violations } = await runPowerRound(where, createRandom(SEED), options)
  mutated.remove()
  expect(violations.map(({ kind }) => kind)).toContain('lost')
})
