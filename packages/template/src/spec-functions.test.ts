// One example for each function that the spec of the language names, and its steps: no function may be missing, none may cost more than
// in proportion to what it is given.
import { describe, expect, it } from 'vitest'

import { parseTemplate } from './parse-template.ts'
import { renderTemplate } from './render.ts'

function render(text: string, params: Record<string, unknown> = {}) {
  const secrets = new Map([['KEY', 'v']])
  return renderTemplate(parseTemplate(`%${text}`), params, { secrets })
}

const INTEGERS = [8, 16, 32, 64, 128, 256].flatMap((bits) => [`Int${bits}`, `UInt${bits}`])

describe('each function of the spec is rendered exactly', () => {
  it.each([
    ...INTEGERS.map((type) => [`{{${type}(x, 5)}}`, `to${type}('5')`]),
    ['{{Int(x, 5)}}', '5'],
    ['{{Integer(x, 5)}}', '5'],
    ['{{Float32(x, 1)}}', "toFloat32('1.0')"],
    ['{{Float64(x, 2.5)}}', "toFloat64('2.5')"],
    ["{{String(x, 'a')}}", "'a'"],
    [
      "{{UUID(x, '61f0c404-5cb3-11e7-907b-a6006ad3dba0')}}",
      "'61f0c404-5cb3-11e7-907b-a6006ad3dba0'",
    ],
    ["{{Boolean(x, 'false')}}", '0'],
    ['{{bool(x, True)}}', '1'],
    ["{{Date(x, '2024-01-31')}}", "'2024-01-31'"],
    ["{{DateTime(x, '2024-01-31 10:00:00')}}", "'2024-01-31 10:00:00'"],
    ["{{DateTime64(x, '2024-01-31 10:00:00.123')}}", "'2024-01-31 10:00:00.123'"],
    ["{{Array(x, 'Int32', '1,2')}}", '[1,2]'],
    ["{{Array(x, 'String', 'a,b')}}", "['a','b']"],
    ["{% set d = JSON(x, '{\"a\": [1]}') %}{{d['a'][0]}}", '1'],
    ["{{Symbol('a`b')}}", '`a\\`b`'],
    ["{{Column('a')}}", '`a`'],
    ["{{symbol('a')}}", '`a`'],
    ["{{column(x, 't.a')}}", '`t`.`a`'],
    ["{{columns('a,b')}}", '`a`,`b`'],
    ["{{columns('a,b', fn='sum')}}", 'sum(`a`) as a,sum(`b`) as b'],
    ["{{table('events')}}", 'events'],
    ["{{TABLE('events')}}", 'events'],
    ['{% if defined(x) %}a{% else %}b{% end %}', 'b'],
    [
      "{{sql_and(a='1', b__in=Array(y, 'String', 'x,y'), c=String(x, defined=False))}}",
      "a = '1' and b in ['x','y']",
    ],
    ["{{sql_unescape('50%', '%')}}", "'50%'"],
    ["{{split_to_array(x, 'a, b')}}", "['a','b']"],
    [
      '{% for last, i in enumerate_with_last([1, 2]) %}{{i}}{% if not last %},{% end %}{% end %}',
      '1,2',
    ],
    ["{{day_diff('2024-01-01', '2024-01-03')}}", '2'],
    ["{{date_diff_in_days('2024-01-01', '2024-01-03')}}", '2'],
    ["{{date_diff_in_hours('2024-01-01 00:00:00', '2024-01-01 05:59:00')}}", '5'],
    ["{{date_diff_in_minutes('2024-01-01 00:00:00', '2024-01-01 00:02:59')}}", '2'],
    ["{{date_diff_in_seconds('2024-01-01 00:00:00', '2024-01-01 00:00:07')}}", '7'],
    ['{{max_threads(4)}}', '-- max_threads 4\n'],
    ["{{backend_hint('a')}}", '-- backend_hint a\n'],
    ["{{cache_ttl('5m')}}", ''],
    ["{{activate('analyzer')}}", '-- activate analyzer\n'],
    ["{{disable('analyzer')}}", '-- disable analyzer\n'],
    ["{{tb_secret('KEY')}}", '{KEY: String}'],
    ["{{tb_var('NONE', 'd')}}", "'d'"],
  ])('%s', (text, sql) => {
    expect(render(text).sql).toBe(sql)
  })

  it.each([
    ["{{error('no')}}", 'no'],
    ["{{custom_error('gone', 410)}}", 'gone'],
    ["{{cache_ttl('2m')}}", 'Invalid TTL cache expression'],
    ["{{tb_secret('NONE')}}", "Cannot access secret 'NONE'"],
    ['{{column(x)}}', 'Missing column() default value'],
    ['{{sql_and(a__near=1)}}', 'operand'],
  ])('%s is an error', (text, message) => {
    expect(() => render(text)).toThrow(message)
  })
})

describe('twice as much takes at most little more than twice the steps', () => {
  const stepsOf = (text: string, params: Record<string, unknown> = {}): number =>
    render(text, params).steps

  it.each([
    ['text', (n: number) => stepsOf(`SELECT ${'a, '.repeat(n)}1`)],
    ['tags', (n: number) => stepsOf('{{1}} '.repeat(n))],
    [
      'tags of each kind',
      (n: number) =>
        stepsOf("{% if x %}a{% else %}b{% end %}{% set y = 1 %}{{String(x, 'a')}}".repeat(n)),
    ],
    ['a loop', (n: number) => stepsOf('{% for i in x %}{{i}} {% end %}', { x: Array(n).fill(1) })],
    [
      'an array',
      (n: number) => stepsOf("{{Array(x, 'Int32')}}", { x: Array(n).fill(1).join(',') }),
    ],
    ['a long value', (n: number) => stepsOf('{{String(x)}}', { x: "'\\".repeat(n) })],
    [
      'JSON',
      (n: number) =>
        stepsOf('{% set d = JSON(x) %}{{len(d)}}', { x: JSON.stringify(Array(n).fill({ a: 1 })) }),
    ],
    [
      'many parameters',
      (n: number) =>
        stepsOf(Array.from({ length: n }, (_, at) => `{{String(p${at}, 'a')}}`).join(' ')),
    ],
    [
      'joined text',
      (n: number) => stepsOf("{% set s = ','.join(x) %}{{s}}", { x: Array(n).fill('a') }),
    ],
    ['split text', (n: number) => stepsOf("{{len(x.split(','))}}", { x: 'a,'.repeat(n) })],
    ['replaced text', (n: number) => stepsOf("{{x.replace('a', 'bb')}}", { x: 'a'.repeat(n) })],
    [
      'a comprehension',
      (n: number) =>
        stepsOf('{{len([i + 1 for i in range(n) if i > 3])}}'.replace('range(n)', `range(${n})`)),
    ],
    ['columns', (n: number) => stepsOf('{{columns(x)}}', { x: Array(n).fill('a').join(',') })],
  ])('%s', (_, steps) => {
    const sizes = [500, 1_000, 2_000].map((n) => steps(n))
    const [one = 0, two = 0, four = 0] = sizes
    expect(four - two, sizes.join(', ')).toBeLessThanOrEqual(2.1 * (two - one) + 10)
    expect(four).toBeGreaterThanOrEqual(one)
  })
})
