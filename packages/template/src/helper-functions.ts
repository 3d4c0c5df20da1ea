// The other functions of the language: errors, conditions, lists, dates, hints, secrets.
import { bind, indexOf, textOf, type CallArguments } from './arguments.ts'
import type { Budget } from './budget.ts'
import { parseDate } from './dates.ts'
import {
  commentSql,
  conditionsSql,
  parameterSql,
  patternSql,
  stringSql,
  typed,
} from './escape-literal.ts'
import type { Rendering } from './interpreter.ts'
import { iterate } from './iterate.ts'
import { pyStr } from './py-text.ts'
import { CAUGHT_STEPS, TemplateError } from './template-error.ts'
import { arrayElements, type TemplateFunction } from './typed-functions.ts'
import { isKind, list, plain, truthy, tuple, type Value } from './values.ts'

/** Finds a helper function by name. `defined` is the interpreter's own: it looks at its argument before evaluating it. */
export function helperFunction(name: string): TemplateFunction | undefined {
  return FUNCTIONS.get(name)
}

const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  [
    'error',
    (call, { testMode, budget }) => {
      if (testMode) return typed(null, '')
      throw new TemplateError('ValueError', pyStr(call.args[0] ?? null, budget))
    },
  ],
  ['custom_error', customError],
  ['sql_and', sqlAnd],
  [
    'sql_unescape',
    (call, { budget }) => {
      const [value = null, what] = bind(call, 'sql_unescape', ['value', 'what'])
      return typed(
        plain(value),
        patternSql(pyStr(value, budget), what === undefined ? '' : textOf(what, 'sql_unescape')),
      )
    },
  ],
  [
    'split_to_array',
    (call, { budget }) => {
      const [x = null, otherwise = '', separator] = bind(
        call,
        'split_to_array',
        ['x', 'default', 'separator'],
        new Set(['description', 'required', 'example', 'format', 'enum']),
      )
      const value = plain(x) ?? plain(otherwise)
      if (isKind(value, 'placeholder')) return value
      const parts =
        typeof value === 'string'
          ? value.split(separator === undefined ? ',' : textOf(separator, 'split_to_array'))
          : arrayElements(value).map((each) => pyStr(each, budget))
      budget.spend(parts.length)
      return list(parts.map((part) => part.trim()))
    },
  ],
  [
    'enumerate_with_last',
    (call, { budget }) => {
      const items = iterate(call.args[0] ?? null, budget)
      return list(items.map((item, index) => tuple([index === items.length - 1, item])))
    },
  ],
  ['day_diff', (call, { budget }) => dateDifference(call, budget, 'day_diff', 86_400, '%Y-%m-%d')],
  [
    'date_diff_in_days',
    (call, { budget }) => dateDifference(call, budget, 'date_diff_in_days', 86_400, '%Y-%m-%d'),
  ],
  [
    'date_diff_in_hours',
    (call, { budget }) =>
      dateDifference(call, budget, 'date_diff_in_hours', 3600, '%Y-%m-%d %H:%M:%S'),
  ],
  [
    'date_diff_in_minutes',
    (call, { budget }) =>
      dateDifference(call, budget, 'date_diff_in_minutes', 60, '%Y-%m-%d %H:%M:%S'),
  ],
  [
    'date_diff_in_seconds',
    (call, { budget }) =>
      dateDifference(call, budget, 'date_diff_in_seconds', 1, '%Y-%m-%d %H:%M:%S'),
  ],
  [
    'max_threads',
    (call, { settings, budget }) => {
      const threads = Number(pyStr(call.args[0] ?? null, budget))
      if (!Number.isInteger(threads) || threads < 1 || threads > 1024)
        throw new TemplateError('ValueError', 'max_threads() needs a number from 1 to 1024')
      settings.set('max_threads', threads)
      return typed(null, commentSql(`max_threads ${String(threads)}`))
    },
  ],
  [
    'backend_hint',
    (call, { budget }) => {
      const hint = plain(call.args[0] ?? null)
      return typed(
        null,
        hint === null || hint === false ? '' : commentSql(`backend_hint ${pyStr(hint, budget)}`),
      )
    },
  ],
  [
    'cache_ttl',
    (call, rendering) => {
      const ttl = pyStr(call.args[0] ?? null, rendering.budget)
      const seconds = CACHE_SECONDS.get(ttl)
      if (seconds === undefined)
        throw new TemplateError(
          'ValueError',
          `Invalid TTL cache expression '${ttl.slice(0, 20)}', valid expressions are ${[...CACHE_SECONDS.keys()].join(', ')}`,
        )
      rendering.cacheTtlSeconds = seconds
      return typed(null, '')
    },
  ],
  ['activate', (call) => feature(call, 'activate', ['analyzer', 'parallel_replicas'])],
  ['disable', (call) => feature(call, 'disable', ['analyzer'])],
  ['tb_secret', secret],
  ['tb_var', secret],
])

const CACHE_SECONDS: ReadonlyMap<string, number> = new Map([
  ['5s', 5],
  ['1m', 60],
  ['5m', 300],
  ['30m', 1800],
  ['1h', 3600],
])

const OPERATORS: ReadonlyMap<string, string> = new Map([
  ['', '='],
  ['in', 'in'],
  ['not_in', 'not in'],
  ['gt', '>'],
  ['lt', '<'],
  ['gte', '>='],
  ['lte', '<='],
])

function customError({ args, keywords }: CallArguments, { testMode, budget }: Rendering): Value {
  if (testMode) return typed(null, '')
  const message = args[0] ?? keywords.get('message') ?? null
  const status = indexOf(args[1] ?? keywords.get('code') ?? 400n, 'custom_error')
  if (status < 400 || status > 599)
    throw new TemplateError('ValueError', 'custom_error() takes a code from 400 to 599')
  const inner = plain(message)
  const body = isKind(inner, 'dict')
    ? (jsonOf(inner, budget, 0) as Record<string, unknown>)
    : { error: pyStr(message, budget) }
  throw new TemplateError('CustomError', pyStr(message, budget), { status, body })
}

/** A value as plain JSON, for error bodies. Dictionaries get no prototype. */
function jsonOf(given: Value, budget: Budget, depth: number): unknown {
  budget.visit(depth)
  const value = plain(given)
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value === null || typeof value !== 'object') return value
  if (depth > 16) return pyStr(value, budget)
  if (value.kind === 'list' || value.kind === 'tuple')
    return value.items.map((item) => jsonOf(item, budget, depth + 1))
  if (value.kind !== 'dict') return pyStr(value, budget)
  const body = Object.create(null) as Record<string, unknown>
  for (const [key, item] of value.entries.values())
    body[pyStr(key, budget)] = jsonOf(item, budget, depth + 1)
  return body
}

function sqlAnd({ args, keywords }: CallArguments, { budget }: Rendering): Value {
  if (args.length > 0)
    throw new TemplateError('TypeError', 'sql_and() takes only keyword arguments')
  const conditions: { column: string; operator: string; value: Value }[] = []
  for (const [name, value] of keywords) {
    const [, column = name, suffix = ''] = /^([^]+?)__([^]+)$/.exec(name) ?? []
    const operator = OPERATORS.get(suffix)
    if (operator === undefined)
      throw new TemplateError('ValueError', `operand ${suffix} not supported`)
    if (plain(value) !== null) conditions.push({ column, operator, value })
  }
  const sql = conditionsSql(conditions, budget)
  return typed(sql, sql)
}

/** Steps that reading two dates costs: formats are compiled each time. */
const DATE_STEPS = 20

function dateDifference(
  call: CallArguments,
  budget: Budget,
  fn: string,
  unitSeconds: number,
  usualFormat: string,
): Value {
  const names = ['d0', 'd1', 'date_format', 'default', 'backup_date_format', 'none_if_error']
  const [d0 = null, d1 = null, format, otherwise = null, backup = null, noneIfError = false] = bind(
    call,
    fn,
    names,
  )
  if (isKind(plain(d0), 'placeholder') || isKind(plain(d1), 'placeholder')) return otherwise ?? 0n
  const formats = [
    format === undefined ? usualFormat : textOf(format, fn),
    ...(backup === null ? [] : [textOf(backup, fn)]),
  ]
  budget.spend(DATE_STEPS)
  try {
    const [from, to] = [instant(d0, formats, fn), instant(d1, formats, fn)]
    return BigInt(Math.trunc(Math.abs(to - from) / 1000 / unitSeconds))
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    budget.spend(CAUGHT_STEPS)
    if (truthy(noneIfError)) return null
    throw new TemplateError('ValueError', `${fn}: ${error.message}`)
  }
}

function instant(value: Value, formats: readonly string[], fn: string): number {
  const text = textOf(value, fn)
  const [first = '', ...others] = formats
  const [second] = others
  if (second === undefined) return parseDate(text, first)
  try {
    return parseDate(text, first)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    return parseDate(text, second)
  }
}

function feature(call: CallArguments, fn: string, known: readonly string[]): Value {
  const name = textOf(call.args[0], fn)
  if (!known.includes(name))
    throw new TemplateError(
      'ValueError',
      `${fn}() takes ${known.join(' or ')}, not '${name.slice(0, 20)}'`,
    )
  return typed(null, commentSql(`${fn} ${name}`))
}

function secret(call: CallArguments, { secrets, boundParams, testMode, budget }: Rendering): Value {
  const [given, otherwise = null] = bind(call, 'tb_secret', ['name', 'default'])
  const name = textOf(given, 'tb_secret')
  const sql = parameterSql(name)
  const value = secrets.get(name)
  if (value !== undefined) {
    boundParams.set(name, value)
    return typed(name, sql)
  }
  if (otherwise !== null) return typed(plain(otherwise), stringSql(pyStr(otherwise, budget)))
  if (testMode) return typed(null, stringSql(''))
  throw new TemplateError(
    'ValueError',
    `Cannot access secret '${name}'. Check the secret exists in the Workspace and the token has the required scope.`,
  )
}
