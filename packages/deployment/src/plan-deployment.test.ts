import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { emptyMap, type DeploymentMap } from './deployment-map.ts'
import { objectsOnlyIn, physicalObjects } from './physical-objects.ts'
import type { PlanInput } from './plan-context.ts'
import type { DeploymentPlan } from './plan.ts'
import { plan, PROJECT, type ProjectText } from './project.fixture.ts'

const live = (project: ProjectText = PROJECT): DeploymentMap => plan(emptyMap(), project).next

function edited(file: string, from: string, to: string, base: ProjectText = PROJECT): ProjectText {
  expect(base[file]).toContain(from)
  return { ...base, [file]: base[file]!.replace(from, to) }
}

function without(...names: string[]): ProjectText {
  return Object.fromEntries(Object.entries(PROJECT).filter(([name]) => !names.includes(name)))
}

const tables = ({ tables: list }: DeploymentPlan): string[] =>
  list.map((each) => `${each.dataSource} ${each.kind} ${each.fill}`)
const views = ({ views: list }: DeploymentPlan): string[] =>
  list.map((each) => `${each.pipe} ${each.at}${each.fill ? ' fill' : ''}`)
const feedback = ({ feedback: list }: DeploymentPlan): string[] =>
  list.map((each) => `${each.level} ${each.resource ?? ''}: ${each.message}`)
const generation = ({ next }: DeploymentPlan, name: string): number | undefined =>
  next.dataSources[name]?.generation

function expectError(result: DeploymentPlan, ...texts: string[]): void {
  expect(result.result).toBe('failed')
  expect(feedback(result).filter((each) => each.startsWith('ERROR'))).toEqual(
    texts.map((text) => expect.stringContaining(text) as string),
  )
}

describe('a first deployment', () => {
  it('creates everything, sources before what they feed', () => {
    const first = plan(emptyMap(), PROJECT)
    expect(first.result).toBe('success')
    expect(tables(first)).toEqual([
      'events create recompute',
      'daily create recompute',
      'monthly create recompute',
    ])
    expect(views(first)).toEqual(['to_daily stage', 'to_monthly stage'])
    expect(first.schemas.map((each) => [each.version, each.generation])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ])
    expect(first.changes.pipes.created).toEqual(['to_daily', 'to_monthly', 'top'])
    expect(first.next.pipes['to_daily']?.nodeIds).toHaveLength(2)
  })

  it.each<[string, ProjectText, string]>([
    [
      'an unknown target',
      edited('to_daily.pipe', 'DATASOURCE daily', 'DATASOURCE dayly'),
      'Pipe to_daily.pipe: Node days: DATASOURCE dayly not found',
    ],
    [
      'an unknown table',
      edited('to_daily.pipe', 'FROM events', 'FROM evnts'),
      "Pipe to_daily.pipe: Resource 'evnts' not found",
    ],
    [
      'a name used twice',
      { ...PROJECT, 'events.pipe': 'NODE n\nSQL >\n    SELECT 1\n' },
      'The name events is already used by Datasource events.datasource',
    ],
    [
      'a setting of the operator',
      edited('events.datasource', 'ENGINE_SORTING_KEY at', 'ENGINE_SETTINGS fsync_after_insert=0'),
      'ENGINE_SETTINGS fsync_after_insert is not allowed',
    ],
    [
      'a connection that is not there',
      edited(
        'events.datasource',
        'ENGINE MergeTree',
        'KAFKA_CONNECTION_NAME k\nKAFKA_TOPIC t\nKAFKA_GROUP_ID g',
      ),
      'KAFKA_CONNECTION_NAME: connection k not found',
    ],
    [
      'pipes in a circle',
      {
        'a.pipe': 'NODE n\nSQL >\n    SELECT * FROM b\n',
        'b.pipe': 'NODE n\nSQL >\n    SELECT * FROM a\n',
      },
      'Pipes read each other in a circle: a -> b -> a',
    ],
  ])('refuses %s', (_, project, message) => {
    const result = plan(emptyMap(), project)
    expect(result.result).toBe('failed')
    expect(feedback(result).join('\n')).toContain(message)
  })

  it('refuses materializations that feed each other in a circle', () => {
    const result = plan(
      emptyMap(),
      edited('to_daily.pipe', 'SELECT at FROM events', 'SELECT month AS at FROM monthly'),
    )
    expect(feedback(result).join('\n')).toContain(
      'Materializations feed each other in a circle through daily',
    )
  })
})

describe('the next deployment', () => {
  it('changes nothing when only spelling differs', () => {
    const again = plan(
      live(),
      edited(
        'events.datasource',
        'ENGINE MergeTree\nENGINE_SORTING_KEY at',
        'engine \'MergeTree\'\n\nSORTING_KEY "at"',
      ),
    )
    expect(again).toMatchObject({ result: 'no_changes', tables: [], views: [], schemas: [] })
  })

  it('keeps ids, generation and times of what did not change', () => {
    const before = live()
    const after = plan(before, edited('top.pipe', 'count() AS hits', 'count() AS n'), {
      now: '2027-01-01T00:00:00.000Z',
    })
    expect(after.next.dataSources).toEqual(before.dataSources)
    expect(after.next.pipes['to_daily']).toEqual(before.pipes['to_daily'])
    expect(after.next.pipes['top']).toMatchObject({
      id: before.pipes['top']!.id,
      nodeIds: before.pipes['top']!.nodeIds,
    })
    expect(after).toMatchObject({ tables: [], views: [], changes: { pipes: { changed: ['top'] } } })
  })

  it.each([
    [
      'a Nullable column',
      'path String `json:$.path`',
      'path String `json:$.path`,\n    who Nullable(String)',
    ],
    [
      'a defaulted column',
      'path String `json:$.path`',
      'path String `json:$.path`,\n    n UInt8 DEFAULT 1',
    ],
    ['a default', 'path String `json:$.path`', "path String `json:$.path` DEFAULT '/'"],
    ['a codec', 'path String `json:$.path`', 'path String `json:$.path` CODEC(ZSTD(3))'],
    ['a JSONPath', '`json:$.path`', '`json:$.url`'],
  ])('adds or changes %s in place, with a new schema version', (_, from, to) => {
    const result = plan(live(), edited('events.datasource', from, to))
    expect(tables(result)).toEqual(['events alter empty'])
    expect(result.next.dataSources['events']).toMatchObject({ generation: 1, schemaVersion: 2 })
    expect(result.schemas).toHaveLength(1)
    expect(views(result)).toEqual([])
  })

  it.each([
    ['a TTL', 'ENGINE_SORTING_KEY at', 'ENGINE_SORTING_KEY at\nENGINE_TTL at + INTERVAL 1 DAY'],
    ['a description', 'SCHEMA >', 'DESCRIPTION hello\nSCHEMA >'],
    ['an index', 'ENGINE MergeTree', 'INDEXES >\n    i path TYPE minmax\nENGINE MergeTree'],
    [
      'a setting',
      'ENGINE_SORTING_KEY at',
      'ENGINE_SORTING_KEY at\nENGINE_SETTINGS ttl_only_drop_parts=1',
    ],
  ])('changes %s in place, without a new schema version', (_, from, to) => {
    const result = plan(live(), edited('events.datasource', from, to))
    expect(tables(result)).toEqual(['events alter empty'])
    expect(result.next.dataSources['events']).toMatchObject({ generation: 1, schemaVersion: 1 })
  })

  const incompatible: [string, string, string, string][] = [
    [
      'a type',
      'path String',
      'path LowCardinality(String)',
      'column path changes its type from String to LowCardinality(String)',
    ],
    ['a removed column', ',\n    path String `json:$.path`', '', 'column path is removed'],
    [
      'a required column',
      'path String `json:$.path`',
      'path String `json:$.path`,\n    n UInt8',
      'column n is new and neither Nullable nor has a DEFAULT',
    ],
    [
      'the sorting key',
      'ENGINE_SORTING_KEY at',
      'ENGINE_SORTING_KEY path, at',
      "ENGINE_SORTING_KEY changes from 'at' to 'path, at'",
    ],
    [
      'the partition key',
      'ENGINE_SORTING_KEY at',
      'ENGINE_SORTING_KEY at\nPARTITION_KEY toYYYYMM(at)',
      "ENGINE_PARTITION_KEY changes from '' to 'toYYYYMM(at)'",
    ],
    [
      'the engine',
      'ENGINE MergeTree',
      'ENGINE SummingMergeTree',
      "ENGINE changes from 'MergeTree' to 'SummingMergeTree'",
    ],
    [
      'the granularity',
      'ENGINE_SORTING_KEY at',
      'ENGINE_SORTING_KEY at\nENGINE_SETTINGS index_granularity=1',
      'ENGINE_SETTINGS index_granularity changes',
    ],
  ]
  it.each(incompatible)(
    'refuses to change %s without a FORWARD_QUERY, naming it',
    (_, from, to, why) => {
      expectError(
        plan(live(), edited('events.datasource', from, to)),
        `ERROR Datasource events.datasource: Incompatible change: ${why}.`,
      )
    },
  )

  it.each(incompatible)(
    'carries the rows over for %s with a FORWARD_QUERY, and moves the views',
    (_, from, to) => {
      const project = edited('events.datasource', from, to)
      const result = plan(live(), {
        ...project,
        'events.datasource': `${project['events.datasource']!}FORWARD_QUERY >\n    SELECT *\n`,
      })
      expect(result.result).toBe('success')
      expect(tables(result)).toEqual(['events rebuild forward'])
      expect(views(result)).toEqual(['to_daily promote'])
      expect([generation(result, 'events'), generation(result, 'daily')]).toEqual([2, 1])
      expect(result.next.dataSources['events']?.schemaVersion).toBe(2)
      expect(result.next.pipes['to_daily']?.view).toEqual({ generation: 2 })
    },
  )

  it.each(incompatible)(
    'drops the rows for %s in a build, and says so; what was computed from them stays',
    (_, from, to) => {
      const result = plan(live(), edited('events.datasource', from, to), { mode: 'build' })
      expect(feedback(result)).toEqual([
        expect.stringContaining(
          'WARNING Datasource events.datasource: The rows of events are dropped',
        ),
      ])
      expect(tables(result)).toEqual(['events rebuild empty'])
      expect(views(result)).toEqual(['to_daily promote'])
    },
  )

  it('never gives a schema version that a discarded deployment had', () => {
    const before = live()
    const project = edited('events.datasource', '`json:$.path`', '`json:$.url`')
    const result = plan(before, project, {
      latestVersions: new Map([[before.dataSources['events']!.id, 7]]),
    })
    expect(result.next.dataSources['events']?.schemaVersion).toBe(8)
  })

  it('refuses to remove what the project no longer has, and allows it when told or in a build', () => {
    const project = without('to_monthly.pipe', 'monthly.datasource')
    expectError(
      plan(live(), project),
      'monthly is not in the project and would be removed',
      'to_monthly is not in the project',
    )
    for (const changes of [{ allowDestructive: true }, { mode: 'build' as const }]) {
      const result = plan(live(), project, changes)
      expect(result.result).toBe('success')
      expect(feedback(result)[0]).toBe(
        'WARNING Datasource monthly.datasource: monthly is removed with all its rows.',
      )
      expect(Object.keys(result.next.dataSources)).toEqual(['events', 'daily'])
    }
  })
})

describe('a materialization', () => {
  const changed = edited(
    'to_daily.pipe',
    'SELECT at FROM events',
    "SELECT at FROM events WHERE path != ''",
  )

  it('whose query changes has its target computed anew, and what hangs on that too', () => {
    const result = plan(live(), changed)
    expect(tables(result)).toEqual(['daily rebuild recompute', 'monthly rebuild recompute'])
    expect(views(result)).toEqual(['to_daily stage fill', 'to_monthly stage fill'])
  })

  it('may change with the columns of its target, without a FORWARD_QUERY', () => {
    const wider = edited(
      'daily.datasource',
      'hits AggregateFunction(count)',
      'hits AggregateFunction(count),\n    paths AggregateFunction(uniq, String)',
      changed,
    )
    const result = plan(live(), wider)
    expect(result.result).toBe('success')
    expect(tables(result)[0]).toBe('daily rebuild recompute')
  })

  it('whose unused nodes, description or tokens change is left alone', () => {
    const result = plan(
      live(),
      edited(
        'to_daily.pipe',
        'NODE all_events',
        'TOKEN t READ\nDESCRIPTION x\nNODE other\nSQL >\n    SELECT 1\nNODE all_events',
      ),
    )
    expect(result).toMatchObject({ result: 'success', tables: [], views: [] })
  })

  it('that is new to a filled target is added to a copy of its rows', () => {
    const result = plan(live(), { ...PROJECT, 'more.pipe': PROJECT['to_daily.pipe']! })
    expect(tables(result)).toEqual(['daily rebuild copy'])
    expect(views(result)).toEqual(['to_daily promote', 'to_monthly promote', 'more stage fill'])
  })

  it.each([
    [
      'BACKFILL skip',
      edited(
        'daily.datasource',
        'ENGINE AggregatingMergeTree',
        'BACKFILL skip\nENGINE AggregatingMergeTree',
        changed,
      ),
    ],
    [
      'DEPLOYMENT_METHOD alter',
      edited(
        'to_daily.pipe',
        'DATASOURCE daily',
        'DATASOURCE daily\nDEPLOYMENT_METHOD alter',
        changed,
      ),
    ],
  ])('keeps the rows of its target under %s', (_, project) => {
    const result = plan(live(), project)
    expect(generation(result, 'daily')).toBe(1)
    expect(views(result)).toEqual(['to_daily promote'])
    expect(feedback(result).join()).toContain('daily keeps its rows as they are')
  })

  it('keeps the rows of its target when its source keeps none', () => {
    const base = edited(
      'events.datasource',
      'ENGINE MergeTree\nENGINE_SORTING_KEY at',
      'ENGINE Null',
    )
    const result = plan(live(base), { ...base, 'to_daily.pipe': changed['to_daily.pipe']! })
    expect(generation(result, 'daily')).toBe(1)
    expect(feedback(result).join()).toContain('WARNING Pipe to_daily.pipe: daily keeps its rows')
  })

  it('is not computed anew over rows that were appended to its target, unless told', () => {
    const receivesRows = (id: string): boolean => id === live().dataSources['daily']!.id
    expectError(plan(live(), changed, { receivesRows }), 'Rows appended to daily directly')
    expect(plan(live(), changed, { receivesRows, allowDestructive: true }).result).toBe('success')
  })

  it('warns when its source has let rows go by TTL', () => {
    const base = edited(
      'events.datasource',
      'ENGINE_SORTING_KEY at',
      'ENGINE_SORTING_KEY at\nTTL at + INTERVAL 1 DAY',
    )
    const result = plan(live(base), { ...base, 'to_daily.pipe': changed['to_daily.pipe']! })
    expect(feedback(result).join()).toContain(
      'WARNING Datasource daily.datasource: events has a TTL',
    )
  })
})

describe('any sequence of projects', () => {
  const variants: ProjectText[] = [
    PROJECT,
    without('to_monthly.pipe', 'monthly.datasource'),
    without('top.pipe'),
    edited('to_daily.pipe', 'SELECT at FROM events', "SELECT at FROM events WHERE path != ''"),
    edited('events.datasource', 'path String', 'path LowCardinality(String)'),
    edited(
      'events.datasource',
      'ENGINE MergeTree',
      'ENGINE_TTL at + INTERVAL 1 DAY\nENGINE MergeTree',
    ),
    edited('events.datasource', 'path String `json:$.path`', 'path String,\n    n UInt8 DEFAULT 0'),
    { ...PROJECT, 'more.pipe': PROJECT['to_daily.pipe']! },
    edited('daily.datasource', 'ENGINE_SORTING_KEY day', 'ENGINE_SORTING_KEY day\nBACKFILL skip'),
    {},
  ]
  const step = fc.record({
    project: fc.constantFrom(...variants),
    mode: fc.constantFrom<PlanInput['mode']>('build', 'deploy'),
    allowDestructive: fc.boolean(),
  })

  it('planning a project over its own result changes nothing, ids last, and no table name is used for two things', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
        let map = emptyMap()
        let ids = 0
        for (const { project, ...options } of steps) {
          const newId = (): string => `t_${(++ids).toString(16).padStart(32, '0')}`
          const result = plan(map, project, { ...options, newId })
          if (result.result === 'failed') continue
          for (const [name, each] of Object.entries(result.next.dataSources)) {
            const before = map.dataSources[name]
            expect(before === undefined || before.id === each.id).toBe(true)
            expect(each.schemaVersion).toBeGreaterThanOrEqual(before?.schemaVersion ?? 1)
          }
          const names = physicalObjects(result.next).map((each) => each.name)
          expect(new Set(names).size).toBe(names.length)
          const dropped = new Set(objectsOnlyIn(map, result.next).map((each) => each.name))
          expect(names.some((name) => dropped.has(name))).toBe(false)
          map = result.next
          expect(plan(map, project, { ...options, newId })).toMatchObject({
            result: 'no_changes',
            tables: [],
            views: [],
            schemas: [],
            next: map,
          })
        }
      }),
      { numRuns: 60 },
    )
  })
})
