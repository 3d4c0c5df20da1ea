// Each function of the language: what it takes, what it writes, and how it refuses. Section by section of the template language.
import { describe, expect, it } from 'vitest'
import { parseTemplate } from './parse-template.ts'
import { renderTemplate } from './render.ts'

/** The SQL of an expression with x sent, or the error without its prefix. */
function rendered(expression: string, x?: unknown): string {
  try {
    const params = x === undefined ? {} : { x }
    return renderTemplate(parseTemplate(`%{{ ${expression} }}`), params).sql
  } catch (error) {
    return (error as Error).message.replace('Template Syntax Error: ', '! ')
  }
}

const refusal = (value: string, type: string): string =>
  `! Error validating '${value}' to type ${type}`
const REQUIRED =
  '! Required parameter is not defined. Check the parameters x. Please provide a value or set a default value in the pipe code.'

describe('values without a function', () => {
  it.each([
    ['x', 'a', "'a'"],
    ['x', '1', "'1'"],
    ['x', 5, '5'],
    ['x', ['a', 1], "['a',1]"],
    ['x', { k: [1] }, "{'k':[1]}"],
    ['x', true, 'True'],
    ['5', undefined, '5'],
    ['-1.5', undefined, '-1.5'],
    ['1e16', undefined, '1e+16'],
    ["('a', 2)", undefined, "('a',2)"],
    ['[]', undefined, '[]'],
    ['None', undefined, '! expression "None..." evaluated to null'],
    ['x', undefined, '! expression "x..." evaluated to null'],
    ['[None]', undefined, '! None cannot be written as SQL'],
    ['len', undefined, '! a function cannot be written as SQL'],
  ])('%s with %j is %s', (expression, x, sql) => {
    expect(rendered(expression, x)).toBe(sql)
  })

  it('escapes all that could end a literal or be read as a pattern', () => {
    const text = 'a\\b\'c"d`e%f\0g\nh\ri\tj\bk\x1al'
    const sql = String.raw`'a\\b\'c\"d` + '\\`' + String.raw`e\%f\0g\nh\ri\tj\bk\x1al'`
    for (const expression of ['x', 'String(x)', 'x + ""'])
      expect(rendered(expression, text)).toBe(sql)
  })
})

const INTEGERS = [8, 16, 32, 64, 128, 256].flatMap((bits) => [
  [`Int${String(bits)}`, -(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n] as const,
  [`UInt${String(bits)}`, 0n, 2n ** BigInt(bits) - 1n] as const,
])

describe('integers', () => {
  it.each(INTEGERS)('%s takes %d to %d and nothing beyond', (type, least, most) => {
    for (const value of [least, most])
      expect(rendered(`${type}(x)`, String(value))).toBe(`to${type}('${String(value)}')`)
    for (const value of [least - 1n, most + 1n])
      expect(rendered(`${type}(x)`, String(value))).toBe(refusal(String(value), type))
  })

  it.each(['', ' 1', '1 ', '1.0', '1e3', '0x10', '1_000', '١', '--1', '1;', 'NaN', 'None', '[1]'])(
    'no integer type takes %j',
    (text) => {
      for (const [type] of [...INTEGERS, ['Int'], ['Integer']] as const)
        expect(rendered(`${type}(x)`, text)).toContain('! Error validating')
    },
  )

  it('only signed types take a sign', () => {
    expect(rendered('Int32(x)', '+5')).toBe("toInt32('5')")
    expect(rendered('UInt32(x)', '+5')).toBe(refusal('+5', 'UInt32'))
  })

  it.each(['Int', 'Integer'])('%s is bare and held to 32 bits', (type) => {
    expect(rendered(`${type}(x)`, '-2147483648')).toBe('-2147483648')
    expect(rendered(`${type}(x)`, '2147483648')).toBe(refusal('2147483648', 'Int32'))
  })
})

describe('floats', () => {
  it.each([
    ['1', '1.0'],
    ['-0', '-0.0'],
    ['.5', '0.5'],
    ['1e300', '1e+300'],
    ['inf', 'inf'],
    ['NaN', 'nan'],
    [' 2 ', '2.0'],
  ])('take %j', (text, shown) => {
    expect(rendered('Float64(x)', text)).toBe(`toFloat64('${shown}')`)
    expect(rendered('Float32(x)', text)).toBe(`toFloat32('${shown}')`)
  })

  it.each(['', 'a', '1,5', '1_0', '0x1', '1e', '--1', "1'"])('refuse %j', (text) => {
    expect(rendered('Float64(x)', text)).toBe(refusal(text, 'Float64'))
  })
})

describe('booleans', () => {
  it.each(['0', 'false', 'False', 'FALSE', 0, false])('%j is false', (value) => {
    expect(rendered('Boolean(x)', value)).toBe('0')
    expect(rendered('bool(x)', value)).toBe('0')
  })

  it.each(['1', 'true', 'no', '', '00', 1, true, 5])('%j is true', (value) => {
    expect(rendered('Boolean(x)', value)).toBe('1')
  })
})

describe('dates', () => {
  it.each([
    ['Date', '2024-01-31'],
    ['DateTime', '2024-01-31 10:00:00'],
    ['DateTime', '2024-01-31T10:00:00'],
    ['DateTime', '2024-01-31 10:00:00.123456'],
    ['DateTime', '2024/01/31 10:00:00'],
    ['DateTime', '31-01-2024 1:2:3'],
    ['DateTime64', '2024-01-31 10:00:00'],
    ['DateTime64', '2024-01-31 10:00:00.123'],
    ['DateTime64', '2024-02-29T23:59:59.999999999'],
  ])('%s takes %j and writes it as it is', (type, text) => {
    expect(rendered(`${type}(x)`, text)).toBe(`'${text}'`)
  })

  it.each([
    ['Date', '2024-1-31'],
    ['Date', '31-01-2024'],
    ['Date', '2024-01-31 10:00:00'],
    ['Date', '2024-02-30'],
    ['Date', 'today'],
    ['DateTime', '2024-01-31'],
    ['DateTime', '2024-01-31 25:00:00'],
    ['DateTime', '2024-13-01 00:00:00'],
    ['DateTime64', '10:00:00'],
    ['DateTime64', ''],
  ])('%s refuses %j', (type, text) => {
    expect(rendered(`${type}(x)`, text)).toBe(refusal(text, type))
  })
})

describe('a value that was not sent', () => {
  const types = [
    'String',
    'Int32',
    'UInt8',
    'Int',
    'Float64',
    'Boolean',
    'Date',
    'DateTime',
    'UUID',
  ]

  it.each([...types, 'Symbol', 'Column', 'table', 'columns', 'Array'])(
    '%s without default is an error that names the parameter',
    (type) => {
      expect(rendered(`${type}(x)`)).toBe(REQUIRED)
    },
  )

  it.each(types)('%s with defined=False is nothing, for sql_and()', (type) => {
    expect(rendered(`sql_and(a=${type}(x, defined=False), b=1)`)).toBe('b = 1')
  })

  it('takes the default, by place or by name, and checks it', () => {
    expect(rendered('Int32(x, 7)')).toBe("toInt32('7')")
    expect(rendered("String(x, default='a')")).toBe("'a'")
    expect(rendered("Int32(x, 'seven')")).toBe(refusal('seven', 'Int32'))
    expect(rendered("Array(x, 'Int32', default='1,2')")).toBe('[1,2]')
  })

  it('takes metadata without a look at it', () => {
    const metadata =
      "required=True, description='d', enum=['a'], example='e', format='f', label='l', order=1"
    expect(rendered(`String(x, 'b', ${metadata})`)).toBe("'b'")
    expect(rendered(`Array(x, 'String', 'b', ${metadata})`)).toBe("['b']")
  })

  it('refuses arguments that no typed function has', () => {
    expect(rendered("String(x, 'a', colour='red')")).toContain('unexpected keyword argument')
    expect(rendered("String(x, 'a', default='b')")).toContain('multiple values')
  })
})

describe('arrays', () => {
  it.each([
    ["Array(x, 'String')", "a,b'", "['a','b\\'']"],
    ['Array(x)', 'a', "['a']"],
    ['Array(x)', '', "['']"],
    ["Array(x, 'Int64')", ['1', 2], '[1,2]'],
    ["Array(x, 'Float32')", '1,.5', '[1.0,0.5]'],
    ["Array(x, 'Date')", '2024-01-01', "['2024-01-01']"],
    ["Array(x, 'Boolean')", 'true,0', '[1,0]'],
    ['Array(x, Int8)', '3', '[3]'],
  ])('%s of %j is %s', (expression, x, sql) => {
    expect(rendered(expression, x)).toBe(sql)
  })

  it.each([
    ["Array(x, 'Int8')", '1,999', '! Error validating [1,999][1] (999) to type Int8'],
    ["Array(x, 'Int8')", ',1', '! Error validating [,1][0] (empty string) to type Int8'],
    ["Array(x, 'Date')", 'a', '! Error validating [a][0] (a) to type Date'],
    ["Array(x, 'Tuple')", 'a', "! Array type 'Tuple' is not supported"],
  ])('%s of %j is refused', (expression, x, message) => {
    expect(rendered(expression, x)).toBe(message)
  })
})

describe('JSON', () => {
  it('gives values to walk through, and an empty dictionary for nothing', () => {
    expect(rendered("JSON(x)['a'][1]", '{"a": [1, "b"]}')).toBe("'b'")
    expect(rendered("JSON(x).get('a', 'none')")).toBe("'none'")
    expect(rendered('JSON(x, \'{"a": 1}\')["a"]')).toBe('1')
    expect(rendered("JSON(x)['a']", { a: 5 })).toBe('5')
  })

  it.each([
    ['', 'Expecting value: line 1 column 1 (char 0)'],
    ['{"a"}', "Expecting ':' delimiter: line 1 column 5 (char 4)"],
    ['[1, 2', "Expecting ',' delimiter: line 1 column 6 (char 5)"],
    ['{"a": 1}\n x', 'Extra data: line 2 column 2 (char 10)'],
    ['{"long": "enough to be cut"', "Expecting ',' delimiter: line 1 column 28 (char 27)"],
  ])('refuses %j with the reason of Python', (text, reason) => {
    expect(rendered('JSON(x)', text)).toBe(
      `! Error parsing JSON: '${text.slice(0, 16)}...' - ${reason}`,
    )
  })
})

describe('identifiers', () => {
  it.each([
    ['column(x)', 'a.b', '`a`.`b`'],
    ["column(x, 'd')", undefined, '`d`'],
    ['columns(x)', ' a , b.c ,', '`a`,`b`.`c`'],
    ["columns(x, 'd,e')", undefined, '`d`,`e`'],
    ["columns(x, fn='sum')", 'a,b', 'sum(`a`) as a,sum(`b`) as b'],
    ["columns(x, fn='max')", 'a b', 'max(`a b`) as `a b`'],
    ['symbol(x)', 'a.b', '`a.b`'],
    ['TABLE(x)', "'t'", 't'],
    ['table(x)', '`t`', 't'],
    ['table(x)', 't; DROP', '`t; DROP`'],
    ["columns('a', fn='sum(')", undefined, "! 'sum(' is not a function name"],
  ])('%s of %j is %s', (expression, x, sql) => {
    expect(rendered(expression, x)).toBe(sql)
  })
})

describe('helpers', () => {
  it.each([
    [
      "sql_and(a=1, b__gt=2, c__lt=3, d__gte=4, e__lte=5, f__in=Array('x'), g__not_in=Array('y'))",
      "a = 1 and b > 2 and c < 3 and d >= 4 and e <= 5 and f in ['x'] and g not in ['y']",
    ],
    ['sql_and(a__like=1)', '! operand like not supported'],
    ['sql_and(x)', '! sql_and() takes only keyword arguments'],
    ["split_to_array(x, 'a, b')", "['a','b']"],
    ["split_to_array('a|b', separator='|')", "['a','b']"],
    ["[last for last, each in enumerate_with_last(['a', 'b'])][1]", 'True'],
    ["day_diff('2024-03-01', '2024-01-01')", '60'],
    ["date_diff_in_days('2024-01-01', '2024-01-01')", '0'],
    ["date_diff_in_hours('2024-01-01 23:59:59', '2024-01-01 00:00:00')", '23'],
    ["date_diff_in_minutes('2024-01-01 00:01:59', '2024-01-01 00:00:00')", '1'],
    ["date_diff_in_seconds('2024-01-01 00:01:59', '2024-01-01 00:00:00')", '119'],
    ["date_diff_in_days('31 Jan 24', '01 Feb 24', date_format='%d %b %y')", '1'],
    ["date_diff_in_days('2024-01-31', '01/02/2024', backup_date_format='%d/%m/%Y')", '1'],
    [
      "date_diff_in_days('bad', '2024-01-01')",
      "! date_diff_in_days: time data 'bad' does not match format '%Y-%m-%d'",
    ],
    ["date_diff_in_days('bad', '2024-01-01', none_if_error=True) is None", 'True'],
    [
      "cache_ttl('2d')",
      "! Invalid TTL cache expression '2d', valid expressions are 5s, 1m, 5m, 30m, 1h",
    ],
    ['max_threads(0)', '! max_threads() needs a number from 1 to 1024'],
    ["activate('turbo')", "! activate() takes analyzer or parallel_replicas, not 'turbo'"],
    ["activate('parallel_replicas')", '-- activate parallel_replicas\n'],
    ["disable('parallel_replicas')", "! disable() takes analyzer, not 'parallel_replicas'"],
    ['backend_hint(None)', ''],
    ["sql_unescape('a_b%', '%')", "'a_b%'"],
    ["sql_unescape('a%')", "'a\\%'"],
    ["sql_unescape('a', '\\\\')", "! sql_unescape can only unescape % and _, not '\\'"],
    ["tb_secret('a b')", "! 'a b' is not a secret name"],
    ["tb_var('NAME', 'other')", "'other'"],
    ['defined(x, x)', '! defined() takes exactly 1 argument'],
    ['defined(x)', 'False'],
    ['2 ** 3', '! Invalid BinOp: Pow() at line 1'],
  ])('%s is %s', (expression, sql) => {
    expect(rendered(expression)).toBe(sql)
  })

  it.each(['5s', '1m', '5m', '30m', '1h'])('cache_ttl(%j) asks for a time', (ttl) => {
    const seconds = { '5s': 5, '1m': 60, '5m': 300, '30m': 1800, '1h': 3600 }[ttl]
    expect(renderTemplate(parseTemplate(`%{{cache_ttl('${ttl}')}}`), {}).cacheTtlSeconds).toBe(
      seconds,
    )
  })

  it('custom_error() answers 400 when no code is given, and takes no other than 400 to 599', () => {
    expect(() => rendered("custom_error('a')")).not.toThrow()
    const thrown = (call: string): unknown => {
      try {
        return renderTemplate(parseTemplate(`%{{ ${call} }}`), {})
      } catch (error) {
        return error
      }
    }
    expect(thrown("custom_error('a')")).toMatchObject({
      status: 400,
      details: { body: { error: 'a' } },
    })
    expect(thrown("custom_error('a', 599)")).toMatchObject({ status: 599 })
    for (const code of [200, 302, 399, 600])
      expect(rendered(`custom_error('a', ${String(code)})`)).toBe(
        '! custom_error() takes a code from 400 to 599',
      )
  })

  it.each(['open', 'close', 'print', 'input', '__import__', 'eval', 'exec', 'compile', 'globals'])(
    '%s is a name like any other: no function, and a parameter when it is sent',
    (name) => {
      expect(rendered(`${name}(1)`)).toBe(`! '${name}' is not a valid function, line 1`)
      expect(renderTemplate(parseTemplate(`%{{ ${name} }}`), { [name]: 'v' }).sql).toBe("'v'")
    },
  )
})

describe('test mode', () => {
  const tried = (template: string): string =>
    renderTemplate(parseTemplate(`%${template}`), {}, { testMode: true }).sql

  it.each([
    ['{{ x }}', "'__no_value__'"],
    ['{{ String(x) }}', "'__no_value__'"],
    ['{{ Int64(x) }}', "toInt64('0')"],
    ['{{ Integer(x) }}', '0'],
    ['{{ Float32(x) }}', "toFloat32('0.0')"],
    ['{{ Boolean(x) }}', '0'],
    ['{{ Date(x) }}', "'2019-01-01'"],
    ['{{ DateTime(x) }}', "'2019-01-01 00:00:00'"],
    ['{{ DateTime64(x) }}', "'2019-01-01 00:00:00.000'"],
    ['{{ Symbol(x) }}{{ column(x) }}{{ columns(x) }}{{ table(x) }}', '`placeholder`'.repeat(4)],
    ['{{ UUID(x) }}', "'00000000-0000-0000-0000-000000000000'"],
    ["{{ error('e') }}{{ custom_error({'a': 1}, 500) }}", ''],
    [
      "{{ Array(x, 'Int8') }}{{ Array(x, 'Float64') }}{{ Array(x, 'Date') }}{{ Array(x) }}{{ Array(x, 'Boolean') }}",
      "[0][0.0]['2019-01-01']['__no_value__'][0]",
    ],
    ["{{ tb_secret('NAME') }}", "''"],
    ['{% for i in x %}.{% end %}', '...'],
    ["{% for a, b in JSON(x)['list'].items() %}.{% end %}", '...'],
    ['{% while x %}.{% end %}', '.'],
    ["{{ day_diff(x, '2024-01-01') }}", '0'],
    ['{{ date_diff_in_hours(x, y, default=5) }}', '5'],
    ["{% if x > 3 and 'a' in x and x[0].lower().split(',')[1:] == 5 %}yes{% end %}", 'yes'],
    ['{{ len(x) }}{{ int(x) }}{{ sum(x) }}', "30'__no_value__'"],
    ["{{ ','.join(x) }}", "'__no_value__'"],
    ["{{ max(DateTime64(x), '2020-01-01 00:00:00.000') }}", "'2019-01-01 00:00:00.000'"],
    ['{{ min(5, x, 3) }}{{ sorted([x, 1])[1] }}', '31'],
    ["{{ '{:>5}'.format(x) }}{{ '%s %d' % (x, x) }}", "'__no_value__''__no_value__ __no_value__'"],
    ['{{ [i for i in split_to_array(x)] }}', "['__no_value__','__no_value__','__no_value__']"],
  ])('%s is %s', (template, sql) => {
    expect(tried(template)).toBe(sql)
  })
})
