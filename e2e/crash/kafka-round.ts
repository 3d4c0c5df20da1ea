// One round with a topic: a real broker under load, members of the groups that come and go, a broker that is restarted and killed, and a
// product whose processes die, while two data sources read. What the topic holds in the end is the truth: each offset is there once.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { kafkaTools, startKafka, type KafkaTools, type TestKafka } from '@sandpiper/testkit'

import { createCaller, deployProject } from '../support/http.ts'
import { check, type Violation } from './checker.ts'
import { collectKafka } from './collect-kafka.ts'
import { startInstance, type Instance } from './instance.ts'
import { kafkaProject, READERS, TOPIC } from './kafka-project.ts'
import { strike } from './kill-round.ts'
import { planKill, type KillPlan } from './kills.ts'
import type { Random } from './random.ts'
import { closeRound, stuck, type RoundPlace, type RoundResult } from './round.ts'

export interface KafkaRoundOptions {
  readonly kills: number
  /** Milliseconds between two batches of a partition, at most. */
  readonly paceMs: number
  /** Partitions; default 6. */
  readonly partitions?: number
  readonly onKill?: (done: number) => void
}

interface World {
  readonly kafka: TestKafka
  readonly tools: KafkaTools
  readonly instance: Instance
}

const READ_LIMIT_MS = 120_000
/** Milliseconds between two ends of the broker. */
const BROKER_MS = 20_000

export async function runKafkaRound(
  place: RoundPlace,
  random: Random,
  options: KafkaRoundOptions,
): Promise<RoundResult> {
  const counts: Record<string, number> = {}
  const count = (name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1
  }
  const plans: KillPlan[] = []
  let world: World | null = null
  let events = { acknowledged: 0, unknown: 0 }
  let violations: Violation[]
  const ending = new AbortController()
  const { signal } = ending
  let trouble: Promise<unknown> = Promise.resolve()
  try {
    world = await begin(place, options.partitions ?? 6)
    const produced = produce(world, random.fork('records'), options, signal)
    trouble = Promise.all([
      produced,
      ...Object.values(READERS).map((group) =>
        comeAndGo(world, group, random.fork(group), count, signal),
      ),
      breakBroker(world, random.fork('broker'), count, signal),
    ])
    trouble.catch(() => undefined)
    for (let done = 0; done < options.kills;) {
      await pause(random.between(300, 2_000))
      const plan = planOf(random)
      plans.push(plan)
      const struck = await strike(world, plan)
      for (const name of struck) count(name)
      done += struck.length
      options.onKill?.(done)
    }
    // With room for one end of the broker, however few kills there were.
    await pause(1_000)
    ending.abort()
    await trouble
    events = await produced
    violations = await judge(world)
    await world.instance.stop()
  } catch (err) {
    ending.abort()
    await trouble.catch(() => undefined)
    violations = [stuck(err)]
    await world?.instance.end()
  } finally {
    await world?.tools.close()
    await world?.kafka.stop()
  }
  const log = world === null ? null : { instance: world.instance }
  closeRound(place, log, violations, plans)
  return { violations, events, counts, recoveryMs: [] }
}

async function begin(place: RoundPlace, partitions: number): Promise<World> {
  mkdirSync(place.folder, { recursive: true })
  const kafka = await startKafka()
  const tools = kafkaTools(kafka.bootstrap)
  await tools.admin.createTopic(TOPIC, partitions)
  const instance = await startInstance({
    dataDir: join(place.folder, 'data'),
    program: place.program,
    env: { SANDPIPER_CONNECTION_PRIVATE_HOSTS: '127.0.0.1' },
  })
  await deployProject(createCaller(instance.url(), instance.token()), kafkaProject(kafka.bootstrap))
  return { kafka, tools, instance }
}

/** Most kills are of the process that reads. */
function planOf(random: Random): KillPlan {
  const isMain = random.chance(0.6)
  for (;;) {
    const plan = planKill(random)
    if (!isMain || plan.victim === 'main' || plan.victim === 'tree') return plan
  }
}

/** A record in 50 is no row. What is sent while the broker is away may be there or not: the topic tells. */
async function produce(
  { tools }: World,
  random: Random,
  options: KafkaRoundOptions,
  signal: AbortSignal,
): Promise<RoundResult['events']> {
  const events = { acknowledged: 0, unknown: 0 }
  let number = 0
  const one = async (partition: number): Promise<void> => {
    while (!signal.aborted) {
      const records = Array.from({ length: random.between(1, 60) }, () => {
        number += 1
        const isPoison = number % 50 === 0
        const value = isPoison ? `poison ${number}` : recordOf(number, random)
        return { key: `k${number}`, value, partition }
      })
      const fate = await tools.produce(TOPIC, records).then(
        () => 'acknowledged' as const,
        () => 'unknown' as const,
      )
      events[fate] += records.length
      await pause(random.below(options.paceMs))
    }
  }
  const partitions = Array.from({ length: options.partitions ?? 6 }, (_, partition) => partition)
  await Promise.all(partitions.map(one))
  return events
}

function recordOf(n: number, random: Random): string {
  return JSON.stringify({ n, text: 'x'.repeat(random.below(400)) })
}

/** A second member takes half of the partitions away and brings them back: two rebalances each time. */
async function comeAndGo(
  world: World | null,
  group: string,
  random: Random,
  count: (name: string) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause(random.between(200, 1_500))
    // The broker may be away.
    const leave = await world?.tools.join(group, TOPIC).catch(() => null)
    if (leave === null || leave === undefined) continue
    count('rebalance')
    await pause(random.between(200, 1_500))
    await leave()
    count('rebalance')
  }
}

async function breakBroker(
  { kafka }: World,
  random: Random,
  count: (name: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const wait = pause(BROKER_MS, undefined, { signal })
    if (
      !(await wait.then(
        () => true,
        () => false,
      ))
    )
      return
    if (random.chance(0.5)) {
      await kafka.kill9()
      count('broker killed')
      await pause(random.below(2_000))
      await kafka.start()
    } else {
      await kafka.restart()
      count('broker restarted')
    }
  }
}

/** Waits until everything is read and loaded, then compares. */
async function judge({ instance, tools }: World): Promise<Violation[]> {
  const topic = await tools.readAll(TOPIC)
  const wanted = [...topic.values()].reduce((sum, offsets) => sum + offsets.size, 0)
  const caller = createCaller(instance.url(), instance.token())
  const until = Date.now() + READ_LIMIT_MS
  for (const name of Object.keys(READERS)) {
    const found = async (): Promise<number> => {
      const [row] = await caller.sql(
        `SELECT (SELECT count() FROM ${name}) + (SELECT count() FROM ${name}_quarantine) AS found`,
      )
      return Number(row?.['found'])
    }
    // Less is lost and more is doubled: the comparison says what.
    while ((await found().catch(() => 0)) < wanted && Date.now() < until) await pause(200)
  }
  const { sources, views } = await collectKafka(caller, topic)
  return check(sources, views)
}
