import { tailBatchSchema, type TailBatch } from '@sandpiper/contracts'
import { Fault } from '@sandpiper/faults'
import { describe, expect, test } from 'vitest'

import { createEventTap, TAP_LIMITS, type Tail, type TakenRows } from './event-tap.ts'

const HERE = { tokenKey: 'k', workspaceId: 'w1', dataSourceId: 't1' }
const nothing = (): void => undefined

function taken(
  rows: readonly unknown[],
  refused: readonly unknown[] = [],
  where: Pick<TakenRows, 'workspaceId' | 'dataSourceId'> = HERE,
): TakenRows {
  const lines = (all: readonly unknown[]): Buffer =>
    Buffer.from(
      all
        .map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
        .join('\n')
        .concat(all.length === 0 ? '' : '\n'),
    )
  return {
    ...{ ...where, arrivedAtMs: 1_000, rows: lines(rows), rowCount: rows.length },
    ...{ refused: lines(refused), refusedCount: refused.length },
  }
}

const read = (tail: Tail): TailBatch | null => {
  const text = tail.take()
  return text === null ? null : tailBatchSchema.parse(JSON.parse(text))
}

describe('who watches a data source', () => {
  test('sees its rows and refused lines, each once, and no others', () => {
    const tap = createEventTap()
    tap.taken(taken([{ n: 0 }]))
    const tail = tap.watch(HERE, nothing)
    expect(read(tail)).toBeNull()
    tap.taken(taken([{ n: 1 }, { n: 2 }], [{ c__error: ['bad'] }]))
    tap.taken(taken([{ n: 3 }], [], { workspaceId: 'w1', dataSourceId: 't2' }))
    const at = new Date(1_000).toISOString()
    expect(read(tail)).toEqual({
      ...{ accepted: 2, refused: 1, dropped: 0 },
      rows: [
        { at, refused: { c__error: ['bad'] } },
        { at, row: { n: 1 } },
        { at, row: { n: 2 } },
      ],
    })
    expect(read(tail)).toBeNull()
    tail.close()
    tap.taken(taken([{ n: 4 }]))
    expect([read(tail), tap.counters.tails]).toEqual([null, 0])
  })

  test('is not kept from it by another', () => {
    const tap = createEventTap()
    const [one, other] = [tap.watch(HERE, nothing), tap.watch(HERE, nothing)]
    tap.taken(taken([{ n: 1 }]))
    one.close()
    tap.taken(taken([{ n: 2 }]))
    expect(read(other)).toMatchObject({ accepted: 2 })
    expect(tap.counters.tails).toBe(1)
  })

  test('is given at most so many rows at a time, of however many, and told how many more there were', () => {
    const tap = createEventTap()
    const tail = tap.watch(HERE, nothing)
    const many = Array.from({ length: 1_000 }, (_, n) => ({ n }))
    for (let n = 0; n < 10; n++) tap.taken(taken(many, [{ c__error: [] }]))
    const batch = read(tail)
    expect(batch).toMatchObject({ accepted: 10_000, refused: 10, dropped: 9_960 })
    expect(batch?.rows).toHaveLength(TAP_LIMITS.rowsMax)
    tap.taken(taken([{ n: 'next' }]))
    expect(read(tail)).toMatchObject({ accepted: 1, dropped: 0 })
  })

  test('is given the beginning of a long row, and no more than so much of all', () => {
    const tap = createEventTap()
    const tail = tap.watch(HERE, nothing)
    const long = { text: 'é'.repeat(TAP_LIMITS.rowCharactersMax) }
    for (let n = 0; n < 100; n++) tap.taken(taken([long]))
    const text = tail.take() ?? ''
    expect(text.length).toBeLessThan(TAP_LIMITS.charactersMax + 3 * TAP_LIMITS.rowCharactersMax)
    const { rows, accepted } = tailBatchSchema.parse(JSON.parse(text))
    expect([accepted, rows[0]?.row, rows[0]?.cut?.startsWith('{"text":"éé')]).toEqual([
      100,
      undefined,
      true,
    ])
  })

  test('sees no line of an event of its own in what a row holds', () => {
    const tap = createEventTap()
    const tail = tap.watch(HERE, nothing)
    tap.taken(taken(['{"a":1}\r', '{"b":"x\\n\\ndata: y"}']))
    expect(tail.take()).not.toMatch(/[\r\n]/)
  })

  test('is told that the server stops', () => {
    const tap = createEventTap()
    const ended: string[] = []
    tap.watch(HERE, () => ended.push('one'))
    tap.watch({ ...HERE, dataSourceId: 't2' }, () => ended.push('two'))
    tap.close()
    expect([ended, tap.counters.tails]).toEqual([['one', 'two'], 0])
  })
})

test('only so many watch at once, of a workspace and of all', () => {
  const tap = createEventTap({ ...TAP_LIMITS, tailsMax: 3, tailsPerWorkspaceMax: 2 })
  const watch = (workspaceId: string): Tail => tap.watch({ ...HERE, workspaceId }, nothing)
  const refused = (workspaceId: string): string => {
    try {
      watch(workspaceId)
      return ''
    } catch (err) {
      return err instanceof Fault ? err.code : String(err)
    }
  }
  const first = watch('w1')
  watch('w1')
  expect(refused('w1')).toBe('limit.rate')
  watch('w2')
  expect(refused('w3')).toBe('limit.rate')
  first.close()
  first.close()
  watch('w3')
  expect(tap.counters).toEqual({ tails: 3, refused: 2 })
})

test('one token does not take all the places of its workspace', () => {
  const tap = createEventTap({ ...TAP_LIMITS, tailsPerTokenMax: 2 })
  const watch = (tokenKey: string): Tail => tap.watch({ ...HERE, tokenKey }, nothing)
  const first = watch('a')
  watch('a')
  expect(() => watch('a')).toThrow(Fault)
  watch('b')
  first.close()
  watch('a')
  expect(tap.counters).toEqual({ tails: 3, refused: 1 })
})
