// A short campaign of each kind, on the bundles that users run; the long ones are in docs/reliability.md. They fail where faultfs cannot
// be built or mounted, with the command that brings what is missing: a proof that is skipped proves nothing.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensurePackages } from './fault-file-system.ts'
import { runFaultRound } from './fault-round.ts'
import { runFlipRound } from './flip-round.ts'
import { freezeBundle, type FrozenBundle } from './frozen-bundle.ts'
import { runKillRound } from './kill-round.ts'
import { runPowerRound } from './power-round.ts'
import { findOut, MUTATIONS } from './prove.ts'
import { createRandom } from './random.ts'

const SEED = 20261121

let bundle: FrozenBundle
let home: string
beforeAll(() => {
  ensurePackages()
  bundle = freezeBundle()
  home = mkdtempSync(join(tmpdir(), 'crash-'))
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
  const result = await runKillRound(place('kill'), createRandom(SEED), { kills: 6, paceMs: 150 })
  expect(result.violations).toEqual([])
  expect(result.events.acknowledged).toBeGreaterThan(0)
})

test('what a power cut leaves of log, engine and catalog holds everything acknowledged, once', async () => {
  const options = { cuts: 3, recordMs: 2_000, paceMs: 150 }
  const result = await runPowerRound(place('power'), createRandom(SEED), options)
  expect(result.violations).toEqual([])
  expect(result.events.acknowledged).toBeGreaterThan(0)
})

test('a full disk, and one that refuses to sync, cost no acknowledged event and are recovered from', async () => {
  const only = ['disk full: log', 'EIO on fsync: log', 'EIO on fsync: engine']
  const options = { faults: 2, paceMs: 150, only }
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
  if (mutation === undefined) throw new Error('the mutation is not there')
  const options = { seed: SEED, root: null, tell: () => undefined }
  const found = await findOut({ ...mutation, cycles: 3 }, options)
  expect(found?.kind).toBe('lost')
})
