// `.pipe` files: from directives to the model. Source of the rules: Tinybird datafile reference, read 2026-11.
import { parseCron } from './cron.ts'
import type { NodeType, PipeFile, PipeNode, TokenLine } from './model.ts'
import { parseTokenLine } from './parse-token-line.ts'
import type { Problems } from './problems.ts'
import type { Directive } from './read-directives.ts'
import { isResourceName, NAME_HINT } from './resource-name.ts'
import { recordOf, takeOnce } from './settings.ts'
import { warnOfUnacted } from './warn-of-unacted.ts'

/** Builds the model; null when a problem makes that impossible. */
export function parsePipe(
  name: string,
  directives: readonly Directive[],
  problems: Problems,
): PipeFile | null {
  const firstNode = directives.findIndex((each) => each.name === 'NODE')
  if (firstNode < 0)
    problems.error(
      { line: 1, column: 1 },
      'The pipe has no nodes',
      'Write NODE name and SQL > below it.',
    )
  const head = directives.slice(0, firstNode < 0 ? directives.length : firstNode)
  for (const each of head) {
    if (!PIPE_LEVEL.has(each.name))
      problems.error(each, `${each.name} must come after a NODE`, 'Write NODE name above it.')
    if (each.name === 'INCLUDE')
      problems.error(
        each,
        'INCLUDE is not supported yet',
        'Copy the included lines into this file.',
      )
  }
  const nodes = nodeParts(directives.slice(head.length)).flatMap(
    (part) => readNode(part, problems) ?? [],
  )
  checkNodes(
    nodes,
    directives.filter((each) => each.name === 'NODE'),
    problems,
  )
  warnOfUnacted('pipe', directives, problems)
  const tokens = tokensOf(directives, problems)
  const level = [
    ...takeOnce(
      directives.filter((each) => belongsToPipe(each, head)),
      REPEATABLE,
      problems,
    ).values(),
  ]
  if (problems.errors.length > 0) return null
  return {
    kind: 'pipe',
    name,
    description: head.findLast((each) => each.name === 'DESCRIPTION')?.value ?? null,
    tokens,
    tags: level.find((each) => each.name === 'TAGS')?.value ?? null,
    nodes,
    settings: recordOf(
      level.filter((each) => !OWN.has(each.name)).map((each) => [each.name, each.value]),
    ),
  }
}

/** Directives of the pipe wherever they stand; DESCRIPTION only before the first node. */
const PIPE_LEVEL: ReadonlySet<string> = new Set([
  'DESCRIPTION',
  'TOKEN',
  'TAGS',
  'VERSION',
  'FILTER',
  'SCOPE',
  'INCLUDE',
])
const OWN: ReadonlySet<string> = new Set(['DESCRIPTION', 'TOKEN', 'TAGS', 'INCLUDE'])
const REPEATABLE: ReadonlySet<string> = new Set(['TOKEN', 'INCLUDE'])

function belongsToPipe(directive: Directive, head: readonly Directive[]): boolean {
  return (
    PIPE_LEVEL.has(directive.name) && (directive.name !== 'DESCRIPTION' || head.includes(directive))
  )
}

function nodeParts(directives: readonly Directive[]): Directive[][] {
  const parts: Directive[][] = []
  for (const each of directives) {
    if (each.name === 'NODE') parts.push([each])
    else if (!PIPE_LEVEL.has(each.name) || each.name === 'DESCRIPTION') parts.at(-1)?.push(each)
  }
  return parts
}

function readNode(part: readonly Directive[], problems: Problems): PipeNode | null {
  const [head, ...rest] = part
  if (head === undefined) return null
  const name = head.value.trim()
  if (!isResourceName(name)) problems.error(head, `Node name '${name}' is not valid`, NAME_HINT)
  const once = takeOnce(rest, new Set(), problems)
  const sql = once.get('SQL')
  if (sql === undefined) {
    problems.error(head, `Node ${name} has no SQL`, 'Write SQL > and the query below it.')
    return null
  }
  if (sql.block === null)
    problems.error(sql, 'SQL must be multiline', 'Write SQL > and the query below it.')
  else if (sql.value.trim() === '' || sql.value.trim() === '%')
    problems.error(sql, `The SQL of node ${name} is empty`)
  const type = nodeType(once.get('TYPE'), problems)
  checkNeeds(type, head, once, problems)
  const settings = [...once.values()].filter((each) => !NODE_OWN.has(each.name))
  return {
    name,
    description: once.get('DESCRIPTION')?.value ?? null,
    sql: sql.value,
    type,
    settings: recordOf(settings.map((each) => [each.name, each.value])),
  }
}

const NODE_OWN: ReadonlySet<string> = new Set(['DESCRIPTION', 'SQL', 'TYPE'])

const TYPES: ReadonlyMap<string, NodeType> = new Map([
  ['standard', 'standard'],
  ['endpoint', 'endpoint'],
  ['materialized', 'materialized'],
  ['copy', 'copy'],
  ['sink', 'sink'],
])

function nodeType(directive: Directive | undefined, problems: Problems): NodeType {
  if (directive === undefined) return 'standard'
  const type = TYPES.get(directive.value.toLowerCase())
  if (type === undefined) {
    problems.error(
      directive.valuePlace,
      `TYPE '${directive.value}' is not valid`,
      'Use endpoint, materialized, copy or sink.',
    )
  }
  return type ?? 'standard'
}

const NEEDS: ReadonlyMap<NodeType, string> = new Map([
  ['materialized', 'DATASOURCE'],
  ['copy', 'TARGET_DATASOURCE'],
  ['sink', 'EXPORT_CONNECTION_NAME'],
])

function checkNeeds(
  type: NodeType,
  head: Directive,
  once: ReadonlyMap<string, Directive>,
  problems: Problems,
): void {
  const needed = NEEDS.get(type)
  if (needed !== undefined && (once.get(needed)?.value ?? '') === '') {
    problems.error(
      once.get('TYPE') ?? head,
      `A ${type} node needs ${needed}`,
      `Add a line ${needed} name.`,
    )
  }
  for (const [name, allowed] of ALLOWED) {
    const directive = once.get(name)
    if (directive === undefined || allowed.includes(directive.value.toLowerCase())) continue
    problems.error(
      directive.valuePlace,
      `${name} '${directive.value}' is not valid`,
      `Use ${allowed.join(' or ')}.`,
    )
  }
  checkSchedule(type, once, problems)
  const cache = once.get('CACHE')
  if (cache !== undefined && !/^[0-9]{1,9}$/.test(cache.value)) {
    problems.error(
      cache.valuePlace,
      `CACHE '${cache.value}' is not valid`,
      'Write the seconds as a whole number.',
    )
  }
  const bucket = ['EXPORT_BUCKET_URI', 'EXPORT_FILE_TEMPLATE', 'EXPORT_FORMAT'].find((each) =>
    once.has(each),
  )
  if (once.has('EXPORT_KAFKA_TOPIC') && bucket !== undefined) {
    problems.error(
      head,
      `EXPORT_KAFKA_TOPIC and ${bucket} cannot be used together`,
      'A sink writes to Kafka or to a bucket.',
    )
  }
}

/** What only a copy node means: on another one it would be passed over without a word. */
const COPY_ONLY = ['TARGET_DATASOURCE', 'COPY_SCHEDULE', 'COPY_MODE']

function checkSchedule(
  type: NodeType,
  once: ReadonlyMap<string, Directive>,
  problems: Problems,
): void {
  if (type !== 'copy') {
    const stray = COPY_ONLY.map((each) => once.get(each)).find((each) => each !== undefined)
    if (stray !== undefined) problems.warn(stray, `${stray.name} does nothing without TYPE copy.`)
    return
  }
  const schedule = once.get('COPY_SCHEDULE')
  if (schedule === undefined || schedule.value.toLowerCase() === '@on-demand') return
  const read = parseCron(schedule.value)
  if (!('message' in read)) return
  problems.error(
    schedule.valuePlace,
    `COPY_SCHEDULE '${schedule.value}' is not valid: ${read.message}`,
    'Use five fields in UTC, as in 0 * * * *, or @on-demand.',
  )
}

const ALLOWED: ReadonlyMap<string, readonly string[]> = new Map([
  ['COPY_MODE', ['append', 'replace']],
  ['DEPLOYMENT_METHOD', ['alter']],
])

function checkNodes(
  nodes: readonly PipeNode[],
  heads: readonly Directive[],
  problems: Problems,
): void {
  const names = heads.map((each) => each.value.trim())
  heads.forEach((head, index) => {
    const name = names[index] ?? ''
    if (names.indexOf(name) < index)
      problems.error(head, `Node ${name} is given twice`, 'Give each node its own name.')
  })
  const special = nodes.filter((each) => each.type !== 'standard')
  const second = special[1]
  if (second === undefined) return
  const head = heads.find((each) => each.value.trim() === second.name)
  const message = 'Multiple non-standard nodes in pipe. There can only be one'
  problems.error(
    head ?? { line: 1, column: 1 },
    message,
    `Nodes with a TYPE: ${special.map((each) => each.name).join(', ')}.`,
  )
}

function tokensOf(directives: readonly Directive[], problems: Problems): TokenLine[] {
  return directives
    .filter((each) => each.name === 'TOKEN')
    .flatMap((each) => parseTokenLine(each, 'pipe', problems) ?? [])
}
