// THE ONE PLACE that turns a value into SQL text. Everything a caller sends reaches SQL through a function of this file, and
// each gives exactly one literal, one identifier or one bracketed list of literals: sql-injection.test.ts reads the results
// back with the tokenizer. Nothing here may add a case that passes text through.
import { LimitReached, TemplateError } from './template-error.ts'
import { floatRepr } from './py-text.ts'
import type { Budget } from './budget.ts'
import { NO_VALUE, intText, type Typed, type Value } from './values.ts'

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\0', '\\0'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\b', '\\b'],
  ['\x1a', '\\x1a'],
])

/** UTF-16 units of one literal: more than any rendered text may have, so longer ones are not even escaped. */
const LITERAL_MAX = 1_048_576

/** Printable ASCII of which nothing is escaped: most values, and four times as fast to see. */
const PLAIN_TEXT = /^[ !#$&(-[\]-_a-~]*$/

/** A string literal. Backslash, quotes, backtick, percent and control characters are escaped; a lone surrogate becomes U+FFFD, as it would on the wire. */
export function stringSql(text: string): string {
  if (text.length > LITERAL_MAX) throw new LimitReached('a value is too long for SQL')
  if (PLAIN_TEXT.test(text)) return `'${text}'`
  const escaped = text.replace(/([\\'"`%])|\p{Cc}/gu, (character, mark?: string) =>
    mark === undefined ? (ESCAPES.get(character) ?? character) : `\\${mark}`,
  )
  return `'${escaped.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')}'`
}

/** A string literal as stringSql, but without the backslash before each `mark`, which may only be `%` or `_`: LIKE patterns. @throws ValueError for any other mark. */
export function patternSql(text: string, mark: string): string {
  if (mark === '') return stringSql(text)
  if (mark !== '%' && mark !== '_')
    throw new TemplateError(
      'ValueError',
      `sql_unescape can only unescape % and _, not '${mark.slice(0, 20)}'`,
    )
  const parts = text.split(mark).map((part) => stringSql(part).slice(1, -1))
  return `'${parts.join(mark)}'`
}

/** One back-quoted identifier. */
export function nameSql(name: string): string {
  return `\`${stringSql(name).slice(1, -1).replaceAll('\\%', '%')}\``
}

/** `a.b` as two back-quoted identifiers. */
export function dottedNameSql(name: string): string {
  return name.split('.').map(nameSql).join('.')
}

const KEYWORDS =
  /^(?:select|from|where|prewhere|join|array|left|right|inner|outer|full|cross|any|all|asof|semi|anti|paste|global|local|on|using|final|sample|with|as|union|except|intersect|limit|offset|format|settings|into|group|order|having|values|not|and|or|in|is|null|window|qualify|explain)$/i

/** A table name: bare when it is a plain word (or words with dots), else back-quoted. Quotes around it are taken off. */
export function tableSql(name: string): string {
  const bare = name.replace(/^(['"`])([^]*)\1$/, '$2')
  const isPlain =
    /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/.test(bare) &&
    !bare.split('.').some((part) => KEYWORDS.test(part))
  return isPlain ? bare : dottedNameSql(bare)
}

/** `toInt32('5')`: `type` comes from our own table of functions. */
export function castSql(type: string, text: string): string {
  return `to${type}(${stringSql(text)})`
}

/** `fn(`a`) as a`: the function must be a plain word. @throws ValueError. */
export function aggregateSql(fn: string, column: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(fn))
    throw new TemplateError('ValueError', `'${fn.slice(0, 20)}' is not a function name`)
  return `${fn}(${dottedNameSql(column)}) as ${/^[A-Za-z_][A-Za-z0-9_]*$/.test(column) && !KEYWORDS.test(column) ? column : nameSql(column)}`
}

/** `a = 'x' and b in [1]`: columns are keyword names of the template, operators our own. */
export function conditionsSql(
  conditions: readonly {
    readonly column: string
    readonly operator: string
    readonly value: Value
  }[],
  budget: Budget,
): string {
  return conditions
    .map(({ column, operator, value }) => `${column} ${operator} ${valueSql(value, budget)}`)
    .join(' and ')
}

/** An engine parameter, `{name: String}`. @throws ValueError for a name the engine could not take. */
export function parameterSql(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw new TemplateError('ValueError', `'${name.slice(0, 40)}' is not a secret name`)
  return `{${name}: String}`
}

/** A line comment with its line break. The text may hold only words. @throws ValueError. */
export function commentSql(text: string): string {
  if (!/^[A-Za-z0-9_ -]*$/.test(text))
    throw new TemplateError('ValueError', `'${text.slice(0, 20)}' is not a hint`)
  return `-- ${text}\n`
}

/** An array of literals. */
export function arraySql(items: readonly Value[], budget: Budget): string {
  return `[${items.map((item) => valueSql(item, budget)).join(',')}]`
}

/** Any value as SQL: typed values give their own text, str becomes a string literal. @throws TypeError for functions, ValueError for None. */
export function valueSql(value: Value, budget: Budget, depth = 0): string {
  budget.visit(depth)
  if (value === null) throw new TemplateError('ValueError', 'None cannot be written as SQL')
  if (typeof value === 'string') {
    budget.spendText(value.length)
    return stringSql(value)
  }
  if (typeof value === 'bigint') return intText(value, budget)
  if (typeof value === 'number') return floatRepr(value)
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  const all = (items: Iterable<Value>): string =>
    Array.from(items, (item) => valueSql(item, budget, depth + 1)).join(',')
  switch (value.kind) {
    case 'typed':
      budget.visitText(value.sql.length)
      return value.sql
    case 'list':
      return `[${all(value.items)}]`
    case 'tuple':
      return `(${all(value.items)})`
    case 'set':
      return `(${all(value.members.values())})`
    case 'dict':
      return `{${Array.from(value.entries.values(), ([key, item]) => `${valueSql(key, budget, depth + 1)}:${valueSql(item, budget, depth + 1)}`).join(',')}}`
    case 'placeholder':
      return stringSql(NO_VALUE)
    case 'exception':
      return stringSql(value.message)
    case 'function':
      throw new TemplateError('TypeError', `a ${value.kind} cannot be written as SQL`)
  }
}

/** A typed value. `sql` must come from a function of this file. */
export function typed(value: Value, sql: string): Typed {
  return { kind: 'typed', value, sql }
}
