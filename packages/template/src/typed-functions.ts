// Typed functions and the identifier functions: String(), Int32(), Array(), JSON(), Column(), column(), columns(), table().
import { bind, textOf, type CallArguments } from './arguments.ts'
import {
  aggregateSql,
  arraySql,
  dottedNameSql,
  nameSql,
  tableSql,
  typed,
} from './escape-literal.ts'
import type { Rendering } from './interpreter.ts'
import { parseJson } from './json-value.ts'
import { pyStr } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import { readElements, SCALAR_TYPES, scalarType, type ScalarType } from './type-table.ts'
import { dict, isKind, list, PLACEHOLDER, plain, truthy, typeName, type Value } from './values.ts'

/** A function of the language. */
export type TemplateFunction = (call: CallArguments, rendering: Rendering) => Value

const METADATA = ['defined', 'required', 'description', 'enum', 'example', 'format'] as const
const SCALAR_ARGUMENTS = ['x', 'default', ...METADATA]
const ARRAY_ARGUMENTS = ['x', '_type', 'default', ...METADATA]
const IGNORED: ReadonlySet<string> = new Set([
  'label',
  'order',
  'private',
  'placeholder',
  'separator',
])

const IGNORED_BY_ARRAY: ReadonlySet<string> = new Set([...IGNORED, 'type'])

/** Finds a typed or identifier function by name. */
export function typedFunction(name: string): TemplateFunction | undefined {
  return FUNCTIONS.get(name)
}

const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ...SCALAR_TYPES.map(([name, scalar]): [string, TemplateFunction] => [
    name,
    (call, rendering) => scalarValue(scalar, call, rendering),
  ]),
  ['Array', array],
  ['JSON', json],
  ['Symbol', (call, rendering) => identifier(call, rendering, nameSql)],
  ['Column', (call, rendering) => identifier(call, rendering, nameSql)],
  ['symbol', (call, rendering) => identifier(call, rendering, nameSql)],
  ['table', (call, rendering) => identifier(call, rendering, tableSql)],
  ['TABLE', (call, rendering) => identifier(call, rendering, tableSql)],
  ['column', column],
  ['columns', columns],
])

function scalarValue(type: ScalarType, call: CallArguments, rendering: Rendering): Value {
  const [x = null, otherwise = null, defined] = bind(call, type.name, SCALAR_ARGUMENTS, IGNORED)
  const value = chosen(x, otherwise)
  if (isKind(value, 'placeholder')) return type.placeholder
  if (value === null) return missing(defined, rendering)
  const read = type.read(value, rendering.budget)
  if (read === null)
    throw new TemplateError(
      'ValueError',
      `Error validating '${pyStr(value, rendering.budget)}' to type ${type.name}`,
    )
  return read
}

/** The value sent, else the default. A placeholder gives way to a default. */
function chosen(given: Value, otherwise: Value): Value {
  // A builtin's name that was not sent as a parameter stands for nothing.
  const value = isKind(given, 'function') ? null : plain(given)
  return value === null || (isKind(value, 'placeholder') && otherwise !== null)
    ? plain(otherwise)
    : value
}

function isOptional(defined: Value | undefined): boolean {
  return defined !== undefined && !truthy(defined)
}

function missing(defined: Value | undefined, rendering: Rendering): null {
  if (isOptional(defined)) return null
  throw requiredError(rendering.missing())
}

/** The error for a parameter without value and without default. */
function requiredError(names: readonly string[]): TemplateError {
  const list =
    names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
  const check = names.length === 0 ? '' : ` Check the parameters ${list}.`
  return new TemplateError(
    'RequiredError',
    `Required parameter is not defined.${check} Please provide a value or set a default value in the pipe code.`,
  )
}

function array(call: CallArguments, rendering: Rendering): Value {
  const [x = null, typeGiven, otherwise = null, defined] = bind(
    call,
    'Array',
    ARRAY_ARGUMENTS,
    IGNORED_BY_ARRAY,
  )
  const typeArgument = plain(typeGiven ?? 'String')
  const typeText = isKind(typeArgument, 'function')
    ? typeArgument.name
    : pyStr(typeArgument, rendering.budget)
  const type = scalarType(typeText)
  if (type === undefined)
    throw new TemplateError('ValueError', `Array type '${typeText.slice(0, 40)}' is not supported`)
  const value = chosen(x, otherwise)
  const { budget } = rendering
  if (isKind(value, 'placeholder'))
    return typed(
      list([PLACEHOLDER, PLACEHOLDER, PLACEHOLDER]),
      arraySql([type.element(type.sample, budget)], budget),
    )
  if (value === null) return missing(defined, rendering)
  const elements = arrayElements(value)
  const made = readElements(type, elements, budget)
  if (typeof made !== 'number') return made
  const bad = elements[made] ?? null
  const shown = bad === '' ? 'empty string' : pyStr(bad, budget)
  throw new TemplateError(
    'ValueError',
    `Error validating [${elements.map((each) => pyStr(each, budget)).join(',')}][${String(made)}] (${shown}) to type ${type.name}`,
  )
}

/** What an array parameter holds: a list, or text with commas. */
export function arrayElements(given: Value): readonly Value[] {
  const value = plain(given)
  if (typeof value === 'string') return value.split(',')
  return isKind(value, 'list') || isKind(value, 'tuple') ? value.items : [value]
}

function json(call: CallArguments, rendering: Rendering): Value {
  const [x = null, otherwise = null] = bind(call, 'JSON', ['x', 'default', ...METADATA], IGNORED)
  const value = chosen(x, otherwise)
  if (value === null) return dict([], rendering.budget)
  if (typeof value !== 'string') return value
  try {
    return parseJson(value, rendering.budget)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw new TemplateError(
      'ValueError',
      `Error parsing JSON: '${value.slice(0, 16)}...' - ${error.message}`,
    )
  }
}

function identifier(
  call: CallArguments,
  rendering: Rendering,
  write: (name: string) => string,
): Value {
  const [x = null, otherwise = null, defined] = bind(
    call,
    'symbol',
    ['x', 'default', ...METADATA],
    IGNORED,
  )
  const value = chosen(x, otherwise)
  if (isKind(value, 'placeholder')) return typed(PLACEHOLDER, nameSql('placeholder'))
  if (value === null) return missing(defined, rendering)
  return typed(value, write(pyStr(value, rendering.budget)))
}

function column(call: CallArguments, { budget }: Rendering): Value {
  const [x = null, otherwise = null] = bind(call, 'column', ['x', 'default', ...METADATA], IGNORED)
  const value = chosen(x, otherwise)
  if (isKind(value, 'placeholder')) return typed(PLACEHOLDER, nameSql('placeholder'))
  if (value === null)
    throw new TemplateError(
      'ValueError',
      "Missing column() default value, use `column(column_name, 'default_column_name')`",
    )
  return typed(value, dottedNameSql(pyStr(value, budget)))
}

function columns(call: CallArguments, rendering: Rendering): Value {
  const [x = null, otherwise = null, fn = null] = bind(
    call,
    'columns',
    ['x', 'default', 'fn', ...METADATA],
    IGNORED,
  )
  const value = chosen(x, otherwise)
  if (isKind(value, 'placeholder')) return typed(PLACEHOLDER, nameSql('placeholder'))
  if (value === null) throw requiredError(rendering.missing())
  if (typeof value !== 'string')
    throw new TemplateError(
      'ValueError',
      `columns() wants a string with the column names separated by commas, not ${typeName(value)}`,
    )
  const names = value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const write =
    fn === null
      ? dottedNameSql
      : (name: string): string => aggregateSql(textOf(fn, 'columns'), name)
  return typed(value, names.map(write).join(','))
}
