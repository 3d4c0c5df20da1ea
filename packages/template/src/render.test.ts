import { describe, expect, it } from 'vitest'
import { parseTemplate } from './parse-template.ts'
import { renderTemplate } from './render.ts'
import type { ParamValues } from './rendered.ts'

const render = (template: string, params: ParamValues = {}): string =>
  renderTemplate(parseTemplate(`%${template}`), params).sql
const failure = (template: string, params: ParamValues = {}): string => {
  try {
    return `rendered ${render(template, params)}`
  } catch (error) {
    return (error as Error).message
  }
}

describe('typed functions', () => {
  it.each([
    ['{{Int32(n,1)}}', {}, "toInt32('1')"],
    ['{{Int32(n)}}', { n: '+007' }, "toInt32('7')"],
    ['{{UInt64(n)}}', { n: '18446744073709551615' }, "toUInt64('18446744073709551615')"],
    ['{{Int256(n)}}', { n: `-${'9'.repeat(70)}` }, `toInt256('-${'9'.repeat(70)}')`],
    ['{{Int(n)}} {{Integer(n, 3)}}', { n: '5' }, '5 5'],
    ['{{Float64(n)}} {{Float32(m, 2)}}', { n: '1e3' }, "toFloat64('1000.0') toFloat32('2.0')"],
    [
      "{{Boolean(b)}}{{Boolean(c, 'False')}}{{bool(d, 1)}}{{Boolean(e, '0')}}",
      { b: 'true' },
      '1010',
    ],
    [
      '{{String(s)}}',
      { s: 'it\'s 100%\\\n\t\0\x1a`"' },
      "'it\\'s 100\\%\\\\\\n\\t\\0\\x1a\\`\\\"'",
    ],
    ["{{String(s, 'x', description='d', required=True)}}", {}, "'x'"],
    [
      "{{Date(d)}} {{DateTime(t)}} {{DateTime64(u, '2024-01-31T10:00:00.123')}}",
      { d: '2024-02-29', t: '31-01-2024 1:02:03' },
      "'2024-02-29' '31-01-2024 1:02:03' '2024-01-31T10:00:00.123'",
    ],
    ["{{Array(c,'Int32')}}", { c: '1,2' }, '[1,2]'],
    ["{{Array(c,'Int32')}}", { c: ['1', '2'] }, '[1,2]'],
    ['{{Array(c)}}', { c: "a,b'c" }, "['a','b\\'c']"],
    [
      "{{Array(c, 'String', 'x,y')}} {{Array(d, Float64, default=[1])}} {{Array(e, 'Date', default='2024-01-01')}}",
      {},
      "['x','y'] [1.0] ['2024-01-01']",
    ],
    ["{{Array(c, 'Int32', default='')}}", { c: [] }, '[]'],
    [
      '{% for k, v in JSON(j).items() %}{{k}}={{v}};{% end %}',
      { j: '{"a": 9007199254740993, "b": "x", "c": 1.5}' },
      "'a'=9007199254740993;'b'='x';'c'=1.5;",
    ],
    ["{{ JSON(j, '{\"a\": [1, 2]}')['a'][1] }}{% if JSON(k) %}no{% end %}", {}, '2'],
    [
      '{{UUID(u)}}',
      { u: '61F0C404-5CB3-11E7-907B-A6006AD3DBA0' },
      "'61F0C404-5CB3-11E7-907B-A6006AD3DBA0'",
    ],
    [
      '{{Symbol(s)}} {{Column(s)}} {{symbol(s)}}',
      { s: 'a`b.c%' },
      '`a\\`b.c%` `a\\`b.c%` `a\\`b.c%`',
    ],
    ["{{column(c, 'x')}} {{column(d, 'a.b')}}", {}, '`x` `a`.`b`'],
    [
      "{{columns('a,b')}} {{columns(c, 'x,y')}} {{columns('a,b',fn='sum')}}",
      { c: 'u, v`' },
      '`a`,`b` `u`,`v\\`` sum(`a`) as a,sum(`b`) as b',
    ],
    [
      "{{table(t)}} {{TABLE('\"x\"')}} {{table('a.b')}} {{table('a b')}} {{table('select')}}",
      { t: 'events' },
      'events x a.b `a b` `select`',
    ],
  ])('%s with %j', (template, params, expected) => {
    expect(render(template, params)).toBe(expected)
  })

  it.each([
    ['{{Int8(n)}}', { n: '128' }, "Error validating '128' to type Int8"],
    ['{{UInt8(n)}}', { n: '-1' }, "Error validating '-1' to type UInt8"],
    ['{{Int32(n)}}', { n: '1 OR 1=1' }, "Error validating '1 OR 1=1' to type Int32"],
    ['{{Int32(n)}}', { n: '1\n' }, "Error validating '1\n' to type Int32"],
    ['{{Float64(n)}}', { n: '1_0' }, "Error validating '1_0' to type Float64"],
    ['{{Date(d)}}', { d: '2023-02-29' }, "Error validating '2023-02-29' to type Date"],
    ['{{DateTime(d)}}', { d: '2023-02-20' }, "Error validating '2023-02-20' to type DateTime"],
    ["{{Array(c,'Int32')}}", { c: '1,a' }, 'Error validating [1,a][1] (a) to type Int32'],
    ["{{Array(c,'Int32')}}", { c: '1,' }, 'Error validating [1,][1] (empty string) to type Int32'],
    ['{{UUID(u)}}', { u: 'x' }, "Error validating 'x' to type UUID"],
    [
      '{{JSON(j)}}',
      { j: "{'single': 'quotes', }" },
      "Error parsing JSON: '{'single': 'quot...' - Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
    ],
    [
      '{{String(a)}} {{Int32(b)}} {{Int32(c, 1)}}',
      {},
      'Required parameter is not defined. Check the parameters a and b. Please provide a value or set a default value in the pipe code.',
    ],
    [
      '{{column(c)}}',
      {},
      "Missing column() default value, use `column(column_name, 'default_column_name')`",
    ],
    [
      '{{columns(c)}}',
      { c: ['a'] },
      'columns() wants a string with the column names separated by commas, not list',
    ],
    ['{{String()}}', {}, 'one of the transform type functions is missing an argument'],
    ['{{foo(1)}}', {}, "'foo' is not a valid function, line 1"],
    ['{{ something_long_enough }}', {}, 'expression "something_long_enoug..." evaluated to null'],
    [
      "{{ String(x).get('a') }}",
      { x: 'a' },
      "'str' object has no attribute 'get'. Make sure you're using an object/dictionary where trying to use .get()",
    ],
    [
      '{% if x > 5 %}{% end %}',
      { x: '7' },
      "'>' not supported between instances of 'str' and 'int'. If you are comparing a parameter with a number, wrap it in a type function, for example {{Int32(param)}}",
    ],
    [
      '{{ length(x) }}',
      {},
      'length cannot be used as a variable name or as a function inside of a template',
    ],
    [
      '{{ x[5] }}',
      { x: 'abc' },
      'string index out of range. Check that the parameter has enough characters, or that it is a list: wrap it in Array() or split it',
    ],
  ])('%s with %j is refused', (template, params, expected) => {
    expect(failure(template, params)).toBe(`Template Syntax Error: ${expected}`)
  })
})

describe('helpers', () => {
  it.each([
    ['{{sql_and(a=a,b__in=Array(b))}}', { b: 'x,y' }, "b in ['x','y']"],
    [
      "{{sql_and(a=Int32(a), b__gte=b, c__not_in=Array(c, 'Int32', defined=False), d__lt=2)}}",
      { a: '1', b: "x'" },
      "a = toInt32('1') and b >= 'x\\'' and d < 2",
    ],
    ['{{sql_and(a=a)}}', {}, ''],
    ['{% if defined(x) %}yes{% else %}no{% end %}', {}, 'no'],
    ['{% if defined({{UInt64(x)}}) %}yes{% else %}no{% end %}', {}, 'no'],
    ['{% if defined({{UInt64(x)}}) and not defined(String(y)) %}yes{% end %}', { x: '1' }, 'yes'],
    ["{{sql_unescape(String(x), '%')}} {{String(x)}}", { x: "100%'" }, "'100%\\'' '100\\%\\''"],
    [
      "{{split_to_array(x)}} {{split_to_array(y, 'a|b', separator='|')}}",
      { x: ' 1, b ' },
      "['1','b'] ['a','b']",
    ],
    [
      "{% for last, x in enumerate_with_last(split_to_array('a,b')) %}{{Symbol(x)}}{% if not last %}, {% end %}{% end %}",
      {},
      '`a`, `b`',
    ],
    [
      "{{day_diff('2024-01-01', '2024-03-01')}} {{date_diff_in_hours('2024-01-01 05:59:00', '2024-01-01 00:00:00')}} {{date_diff_in_days('01/02/24', '11/02/24', '%d/%m/%y')}}",
      {},
      '60 5 10',
    ],
    [
      "{{date_diff_in_minutes('2024-01-01 00:10:00', '2024-01-01T00:00:00', backup_date_format='%Y-%m-%dT%H:%M:%S')}}",
      {},
      '10',
    ],
    ["{% if date_diff_in_days('x', 'y', none_if_error=True) is None %}bad{% end %}", {}, 'bad'],
    ['{{max_threads(4)}}SELECT 1', {}, '-- max_threads 4\nSELECT 1'],
    ['{{max_threads(4)}}\n  SELECT {{Int8(a, 1)}}', {}, "-- max_threads 4\n\n  SELECT toInt8('1')"],
    [
      "{{backend_hint('a')}} {{activate('analyzer')}}\nSELECT 1",
      {},
      '-- backend_hint a\n -- activate analyzer\n\nSELECT 1',
    ],
    [
      "{{backend_hint('main')}}{{backend_hint(False)}}{{activate('analyzer')}}{{disable('analyzer')}}",
      {},
      '-- backend_hint main\n-- activate analyzer\n-- disable analyzer\n',
    ],
    ["{{cache_ttl('5m')}}", {}, ''],
    ["{{tb_secret('a', 'dflt')}}", {}, "'dflt'"],
  ])('%s with %j', (template, params, expected) => {
    expect(render(template, params)).toBe(expected)
  })

  it('keeps settings, the cache time and secrets out of the text', () => {
    const template = parseTemplate(
      "%{{max_threads(2)}}{{cache_ttl('1h')}}SELECT {{tb_secret('PASS')}}",
    )
    expect(renderTemplate(template, {}, { secrets: new Map([['PASS', "s3'cret"]]) })).toMatchObject(
      {
        sql: '-- max_threads 2\nSELECT {PASS: String}',
        settings: { max_threads: 2 },
        cacheTtlSeconds: 3600,
        boundParams: { PASS: "s3'cret" },
        steps: expect.any(Number) as number,
      },
    )
  })

  it.each([
    ["{{error('no dates')}}", 'Template Syntax Error: no dates', 400, undefined],
    ["{{custom_error('gone', 410)}}", 'gone', 410, { error: 'gone' }],
    [
      "{{custom_error({'code': 7, 'why': ['x']}, 422)}}",
      "{'code': 7, 'why': ['x']}",
      422,
      { code: 7, why: ['x'] },
    ],
    [
      "{{tb_secret('PASS')}}",
      "Template Syntax Error: Cannot access secret 'PASS'. Check the secret exists in the Workspace and the token has the required scope.",
      400,
      undefined,
    ],
  ])('%s ends the request', (template, message, status, body) => {
    const thrown = ((): unknown => {
      try {
        return render(template)
      } catch (error) {
        return error
      }
    })()
    expect(thrown).toMatchObject({ code: 'template.error', message, status })
    expect((thrown as { details: { body?: unknown } }).details.body).toEqual(body)
  })
})

describe('tags', () => {
  it.each([
    ['{% if a == "1" %}x{% elif a == "2" %}y{% else %}z{% end %}', { a: '2' }, 'y'],
    [
      '{% for i in range(5) %}{% if i == 1 %}{% continue %}{% end %}{% if i == 3 %}{% break %}{% end %}{{i}}{% end %}',
      {},
      '02',
    ],
    ['{% for i in [] %}x{% else %}none{% end %}', {}, 'none'],
    ['{% set n = 3 %}{% while n > 0 %}{{n}}{% set n -= 1 %}{% end %}', {}, '321'],
    ["{% set a, b = 1, 'x' %}{{a}}{{b}}", {}, "1'x'"],
    ["{% set d = {} %}{% set d['k'] = [1] %}{% set d['k'].append(2) %}{{ d['k'] }}", {}, '[1,2]'],
    [
      '{% try %}{{Int32(x)}}{% except ValueError as e %}{{e}}{% else %}else{% finally %}!{% end %}',
      { x: 'q' },
      "'Error validating \\'q\\' to type Int32'!",
    ],
    ['{% try %}{{1 / 0}}{% except (KeyError, ZeroDivisionError) %}caught{% end %}', {}, 'caught'],
    [
      '{% try %}{% set a = [1 // i for i in [1, 0]] %}{% except %}{{ i is None }}{% end %}{{ [i for i in [1]] }}{{ i is None }}',
      {},
      'True[1]True',
    ],
    ['a{# comment {{x}} #}b{% comment anything {{ at all %}c', {}, 'abc'],
    ['{{!x}} {%!x%} {#!x#} {{{ 1 }}}', {}, '{{x}} {%x%} {#x#} {1}'],
    ["{% raw 'a' + 'b' %}{% raw 1 + 1 %}{% raw String('x') %}", {}, "ab2'x'"],
    ['5 -{{Int(x)}}', { x: '-3' }, '5 - -3'],
    ['-- {{String(x)}}\n1', { x: 'a\nb' }, "-- 'a\\nb'\n1"],
  ])('%s with %j', (template, params, expected) => {
    expect(render(template, params)).toBe(expected)
  })

  it.each([
    ['{% if x %}', 'Missing {% end %} block for if at line 1'],
    ['\n{{ x', 'Missing end expression }} at line 2'],
    ['{% end %}', 'Extra {% end %} block at line 1'],
    ['{% else %}', 'else outside if/for/while/try block at line 1'],
    ['{% import os %}', 'import is forbidden at <string>:1'],
    ['{% from os import path %}', 'from is forbidden at <string>:1'],
    ['{% include "x" %}', 'include is forbidden at <string>:1'],
    ['{% foo %}', "unknown operator: 'foo' at line 1"],
    ['{{ 2 ** 3 }}', 'Invalid BinOp: Pow() at line 1'],
    ['{{ lambda: 1 }}', 'invalid syntax: unexpected "lambda" at line 1'],
    ['{{ }}', 'Empty expression at line 1'],
    ['\n\n{{ q }}', '"q" can not be used as a variable name, line 3'],
    ['{{String(format)}}', '"format" can not be used as a variable name, line 1'],
    ['{% break %}', 'break outside for or while block at line 1'],
    [
      '{% raw x %}',
      'raw can only write text of the template itself: wrap parameters in a type function',
    ],
  ])('refuses %j', (template, message) => {
    expect(failure(template, { x: '1; DROP' })).toBe(`Template Syntax Error: ${message}`)
  })
})

describe('test mode', () => {
  it('renders placeholders for every missing parameter and runs loops over them three times', () => {
    const template = parseTemplate(
      "%{{String(a)}} {{x}} {{Int32(b)}} {{Int(b)}} {{Date(c)}} {{DateTime(d)}} {{DateTime64(e)}} {{column(f)}} {{error('never')}}{% for i in g.split(',') %}{{i}}{% end %}{% if h > 3 and h['k'].x(1) %}{{Array(j, 'Int32')}}{% end %}{{Int32(k, 7)}}",
    )
    expect(renderTemplate(template, {}, { testMode: true }).sql).toBe(
      "'__no_value__' '__no_value__' toInt32('0') 0 '2019-01-01' '2019-01-01 00:00:00' '2019-01-01 00:00:00.000' `placeholder` '__no_value__''__no_value__''__no_value__'[0]toInt32('7')",
    )
  })
})
