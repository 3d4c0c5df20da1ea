// Attacks 3 and 37, by random expressions: whatever is written, it gives values of our own kinds or a template error with its
// line, within its steps and its output, and nothing of the host is reached or changed.
import { Fault } from '@sandpiper/faults'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Budget } from './budget.ts'
import { Evaluator } from './evaluate.ts'
import { ExpressionParser } from './parse-expression.ts'
import { parseTemplate } from './parse-template.ts'
import { readParams } from './read-params.ts'
import { renderTemplate } from './render.ts'
import { LimitReached, TemplateError } from './template-error.ts'
import type { Value } from './values.ts'

const NAMES =
  'x l d t n __proto__ constructor prototype toString valueOf hasOwnProperty globalThis process require module Symbol Function Object Reflect Proxy eval this window import arguments caller callee __class__ __mro__ __subclasses__ __globals__ __builtins__ __import__ __getattribute__ getattr open exec type vars self defined String Int32 Array JSON Symbol column columns table sql_and error custom_error split_to_array enumerate_with_last tb_secret max_threads cache_ttl len str repr int float list tuple set dict range enumerate zip map filter sorted reversed sum min max any all abs round divmod chr ord isinstance day_diff sql_unescape bool then kind items entries members sql value message'.split(
    ' ',
  )
const METHODS =
  'constructor __proto__ toString call apply bind get keys values items append pop extend insert sort update setdefault popitem add union split join format format_map replace strip upper find index count startswith encode zfill center expandtabs then kind map splice push charAt localeCompare matchAll'.split(
    ' ',
  )
const TEXTS = [
  '__proto__',
  'constructor',
  '{0.__class__}',
  '{0[constructor]}',
  '{__proto__}',
  '{:>9}',
  '{x!r:{n}}',
  '%(__proto__)s',
  '%s',
  '%*d',
  'a,b',
  '',
  '😀',
  '\ud800',
  '{"__proto__": {"a": 1}}',
  '[1, [2]]',
  '2024-01-01',
  '5',
]

const name = fc.constantFrom(...NAMES)
const atom = fc.oneof(
  { weight: 3, arbitrary: name },
  fc.constantFrom(...TEXTS).map((text) => JSON.stringify(text)),
  fc.integer({ min: -3, max: 70 }).map((each) => (each < 0 ? `(${String(each)})` : String(each))),
  fc.constantFrom('1e308', '0.5', 'None', 'True', '[]', '{}', '()', '(1 << 70)'),
)

/** Random source of an expression: mostly well-formed, on names and attributes an attack would try. */
const expression = fc.letrec<{ e: string; args: string }>((tie) => ({
  args: fc.oneof(
    fc.array(tie('e'), { maxLength: 3 }).map((each) => each.join(', ')),
    fc.tuple(name, tie('e')).map(([keyword, value]) => `${keyword}=${value}`),
  ),
  e: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'e' },
    atom,
    fc.tuple(tie('e'), fc.constantFrom(...METHODS)).map(([of, each]) => `${of}.${each}`),
    fc
      .tuple(tie('e'), fc.constantFrom(...METHODS), tie('args'))
      .map(([of, method, args]) => `${of}.${method}(${args})`),
    fc.tuple(name, tie('args')).map(([fn, args]) => `${fn}(${args})`),
    fc.tuple(tie('e'), tie('e')).map(([of, index]) => `${of}[${index}]`),
    fc.tuple(tie('e'), tie('e'), tie('e')).map(([of, from, to]) => `${of}[${from}:${to}]`),
    fc
      .tuple(
        tie('e'),
        fc.constantFrom(
          '+',
          '-',
          '*',
          '/',
          '//',
          '%',
          '|',
          '&',
          '<<',
          '<',
          '==',
          'in',
          'is',
          'and',
        ),
        tie('e'),
      )
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    fc
      .tuple(tie('e'), tie('e'), tie('e'))
      .map(([yes, test, no]) => `(${yes} if ${test} else ${no})`),
    fc.array(tie('e'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc.tuple(tie('e'), tie('e')).map(([key, value]) => `{${key}: ${value} }`),
    fc
      .tuple(tie('e'), name, tie('e'))
      .map(([item, target, source]) => `[${item} for ${target} in ${source}]`),
    tie('e').map((inner) => `(not ${inner})`),
  ),
})).e

const PARAMS = JSON.parse(
  '{"x": "a,b", "l": ["1", {"__proto__": 2}], "d": {"a": [1], "__proto__": {"p": 1}, "constructor": "c"}, "t": "2024-01-01", "n": 3}',
) as Record<string, unknown>

const KINDS = new Set('list tuple set dict typed function exception placeholder'.split(' '))

/** Fails when a value is, or holds, anything but values of our own kinds. */
function expectOwnKind(value: Value, seen = new Set<unknown>()): void {
  if (value === null || ['boolean', 'bigint', 'number', 'string'].includes(typeof value)) return
  expect(typeof value).toBe('object')
  if (typeof value !== 'object' || seen.has(value)) return
  seen.add(value)
  expect(KINDS).toContain(value.kind)
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  if (value.kind === 'list' || value.kind === 'tuple')
    for (const item of value.items) expectOwnKind(item, seen)
  else if (value.kind === 'set')
    for (const item of value.members.values()) expectOwnKind(item, seen)
  else if (value.kind === 'dict')
    for (const [key, item] of value.entries.values()) {
      expectOwnKind(key, seen)
      expectOwnKind(item, seen)
    }
  else if (value.kind === 'typed') {
    expect(typeof value.sql).toBe('string')
    expectOwnKind(value.value, seen)
  } else if (value.kind === 'function') expect(typeof value.name).toBe('string')
}

const STEPS_MAX = 3000
const OUTPUT_MAX = 500

/** Evaluates an expression as a rendering would; null for one that fails as it may. */
function evaluate(source: string, testMode: boolean): Value | undefined {
  const budget = new Budget(STEPS_MAX)
  try {
    const parser = new ExpressionParser(source, 1)
    const parsed = parser.expressions()
    parser.end()
    const rendering = {
      budget,
      testMode,
      secrets: new Map([['a', 's3cret']]),
      settings: new Map<string, string | number>(),
      boundParams: new Map<string, string>(),
      cacheTtlSeconds: null,
      line: 1,
      missing: () => [],
    }
    return new Evaluator(rendering, readParams([], PARAMS, budget)).evaluate(parsed)
  } catch (error) {
    if (error instanceof TemplateError || error instanceof LimitReached) return undefined
    throw error
  }
}

/** What attacks would change: the own properties of the prototypes and constructors of the host. */
function hostProperties(): string {
  const objects = [Object, Array, String, Map, Set, Function, Number, BigInt, Error, RegExp]
  return objects
    .flatMap((each) => [each, each.prototype as object])
    .map((each) => Reflect.ownKeys(each).map(String).join())
    .join('\n')
}

describe('the language is closed', () => {
  it('gives only values of our own kinds, or a template error, and leaves the host as it was', () => {
    const before = hostProperties()
    let made = 0
    fc.assert(
      fc.property(expression, fc.boolean(), (source, testMode) => {
        const value = evaluate(source, testMode)
        if (value === undefined) return
        made++
        expectOwnKind(value)
      }),
      { numRuns: 4000 },
    )
    expect(hostProperties()).toBe(before)
    // Random text that never gets anywhere would prove nothing.
    expect(made).toBeGreaterThan(400)
  })

  it('renders within its steps and its output, or fails with a fault that has a line of the template', () => {
    const body = fc.oneof(
      { weight: 3, arbitrary: expression.map((each) => `{{ ${each} }}`) },
      fc.tuple(name, expression).map(([target, each]) => `{% set ${target} = ${each} %}`),
      expression.map((each) => `{% set d[${each}] = l %}{% set l.append(d) %}{{ d }}`),
      expression.map((each) => `{% if ${each} %}\n{% else %}{{ x }}{% end %}`),
      expression.map((each) => `{% for x in ${each} %}\n{{ x }}{% end %}`),
      expression.map((each) => `{% while ${each} %}{% set n = n + n %}{% end %}`),
      expression.map((each) => `{% try %}{{ ${each} }}{% except Exception as e %}{{ e }}{% end %}`),
    )
    const template = fc
      .array(body, { minLength: 1, maxLength: 4 })
      .map((all) => `%\n${all.join('\n')}`)
    fc.assert(
      fc.property(template, (text) => {
        try {
          const { sql, steps } = renderTemplate(parseTemplate(text, 'node'), PARAMS, {
            stepsMax: STEPS_MAX,
            outputMax: OUTPUT_MAX,
            secrets: new Map([['a', 's3cret']]),
          })
          expect(steps).toBeLessThanOrEqual(STEPS_MAX)
          expect(sql.length).toBeLessThanOrEqual(OUTPUT_MAX)
          expect(sql).not.toContain('s3cret')
        } catch (error) {
          if (!(error instanceof Fault)) throw error
          expect(error.code).toBe('template.error')
          expect(error.details.place?.node).toBe('node')
          expect(error.details.place?.line).toBeGreaterThan(0)
          expect(error.details.place?.line).toBeLessThanOrEqual(text.split('\n').length)
          expect(error.message).not.toContain('s3cret')
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('keeps what one rendering does to its values away from the next', () => {
    const template = parseTemplate(
      "%{% set l.append('z') %}{% set d['k'] = 1 %}{{ len(l) + len(d) }}",
    )
    expect(renderTemplate(template, PARAMS).sql).toBe('7')
    expect(renderTemplate(template, PARAMS).sql).toBe('7')
  })
})

describe('a rendering takes steps in proportion to its input', () => {
  const steps = (template: string, x: string): number =>
    renderTemplate(parseTemplate(`%${template}`), { x }).steps

  it.each([
    '{{ x }}',
    "{{ Array(x, 'String') }}",
    "{% for i in split_to_array(x) %}{{ i }}{% if not i == 'a' %},{% end %}{% end %}",
    "{{ ','.join([i.strip().upper() for i in x.split(',')]) }}",
    "{{ x.replace('a', 'bb').lower()[1:] }}",
    "{% set seen = {} %}{% for i in x.split(',') %}{% set seen[i] = i %}{% end %}{{ len(seen) }}",
    '{{ columns(x) }}',
    "{{ '%s and {}'.format(x) % x }}",
    '{{ x == x and x in x and repr(x) != x }}',
  ])('%s', (template) => {
    const text = (items: number): string =>
      Array.from({ length: items }, (_, i) => `a${String(i)}`).join(',')
    const [small, large] = [text(1000), text(8000)]
    const growth = steps(template, large) / steps(template, small)
    expect(growth).toBeLessThan((large.length / small.length) * 1.1)
  })

  it.each([
    ['looking at one character of a long text', 100, '{% set t = x[5] %}'],
    ['measuring a long text', 100, '{% set t = len(x) %}'],
    ['comparing long texts', 100, '{% set t = x == x %}'],
    ['ordering long texts', 100, '{% set t = x < x %}'],
    ['escaping a long text', 1000, '{% set t = String(x) %}'],
    ['splitting a long text', 2500, "{% set t = x.split(',') %}"],
    ['comparing long lists', 1000, '{% set t = l == l %}'],
    ['searching a long list', 1000, "{% set t = 'z' in l %}"],
    ['counting in a long list', 1000, "{% set t = l.count('z') %}"],
    ['printing a long list', 1000, '{% set t = str(l) %}'],
    ['hashing a long tuple', 1000, '{% set t = {tuple(l): 1} %}'],
    ['joining sets', 5000, '{% set t = set(l) | set(l) %}'],
    ['ordering long lists', 1000, '{% set t = max([l, l]) %}'],
    ['long integers', 300, '{% set t = (1 << 12000) * 3 %}{% set t = str(t) %}'],
    ['many decimals', 1000, "{% set t = '{:.9999f}'.format(0.1) %}"],
    ['formatting without fields', 100, "{% set t = (x + '%%') % () %}"],
  ])('%s is paid for each time', (_name, least, body) => {
    const x = 'abc,'.repeat(2500)
    const template = (turns: number): string =>
      `{% set l = x.split(',') %}{% for i in range(${String(turns)}) %}${body}{% end %}`
    const each = (steps(template(20), x) - steps(template(10), x)) / 10
    expect(each).toBeGreaterThanOrEqual(least)
  })

  it('never counts a step that is no number', () => {
    const budget = new Budget(10)
    expect(() => {
      budget.spend(Number.NaN)
    }).toThrow(LimitReached)
    for (const template of [
      "{{ '' * (1 << 300) }}",
      '{{ [] * (1 << 2000) }}',
      '{{ () * 99999999999 }}',
    ])
      expect(steps(template, '')).toBeGreaterThan(0)
  })
})

describe('parsing', () => {
  it.each([
    ['tags', "{{ Int32(a, 1, description='x') }}\n", 6000],
    ['text', 'SELECT { 1 } \n', 15_000],
    ['one list', '1,\n', 0],
    ['one string', 'x', 0],
    ['keywords', '', 0],
  ])('takes nodes of 200 KB made of %s', (kind, piece, times) => {
    const list = `%{{ [${'1,\n'.repeat(60_000)}] }}`
    const keywords = `%{% set a = dict(${Array.from({ length: 20_000 }, (_, i) => `k${String(i)}=1`).join(',')}) %}`
    const texts: Record<string, string> = {
      'one list': list,
      'one string': `%{{ '${'x'.repeat(200_000)}' }}`,
      keywords,
    }
    const template = parseTemplate(texts[kind] ?? `%${piece.repeat(times)}`)
    expect(template.nodes.length).toBeGreaterThan(0)
  })
})
