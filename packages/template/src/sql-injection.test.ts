// Attacks 1-4 and 37, and fault 32: nothing a caller sends leaves its literal, and no expression reaches a host object.
import { decodeToken, tokenize } from '@sandpiper/sql'
import { Fault } from '@sandpiper/faults'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTemplate } from './parse-template.ts'
import { renderTemplate } from './render.ts'

const render = (template: string, params: Record<string, unknown> = {}): string =>
  renderTemplate(parseTemplate(`%${template}`), params).sql

/** SQL for a template, or null when the value was refused. Anything but a template fault fails the test. */
function tryRender(template: string, params: Record<string, unknown>): string | null {
  try {
    return render(template, params)
  } catch (error) {
    if (error instanceof Fault && error.code === 'template.error') return null
    throw error
  }
}

const PIECES = [
  "'",
  '"',
  '`',
  '\\',
  '\\\\',
  "\\'",
  '--',
  '/*',
  '*/',
  '#',
  ';',
  '$$',
  '$a$',
  '{{',
  '}}',
  '{%',
  '%}',
  '{x:String}',
  '‘',
  '’',
  '“',
  '\0',
  '\n',
  '\x1a',
  '\ud800',
  '\udc00',
  "x'",
  ',',
  '%',
  '_',
  ' OR 1=1',
  'é',
  '1',
  'SELECT',
  '(',
  ')',
  '\\x5c',
  '\\x27',
  'ʼ',
  '＇',
]
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((parts) => parts.join('')),
)

/** Lone surrogates become U+FFFD on the wire. */
const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8')

const STRING = ['string']
const CAST = ['word', 'open', 'string', 'close']

/** Kinds of the tokens an expression may give; a list in [] may repeat. */
const SHAPES: readonly (readonly [string, readonly (readonly string[])[]])[] = [
  ['{{x}}', [STRING]],
  ['{{String(x)}}', [STRING]],
  ["{{x + ''}}", [STRING]],
  ["{{x.upper().strip().replace('a', x)}}", [STRING]],
  ["{{'{} {!r}'.format(x, x)}}", [STRING]],
  ["{{'%s' % x}}", [STRING]],
  ['{% set y = x %}{{y}}', [STRING]],
  ["{{sql_unescape(String(x), '%')}}", [STRING]],
  ['{{Int32(x)}}', [CAST]],
  ['{{UInt256(x)}}', [CAST]],
  ['{{Int(x)}}', [['number'], ['operator', 'number']]],
  ['{{Float64(x)}}', [CAST]],
  ['{{Boolean(x)}}', [['number']]],
  ['{{Date(x)}}', [STRING]],
  ['{{DateTime(x)}}', [STRING]],
  ['{{DateTime64(x)}}', [STRING]],
  ['{{UUID(x)}}', [STRING]],
  ['{{Symbol(x)}}', [['identifier']]],
  ['{{Column(x)}}', [['identifier']]],
]

describe('a value never leaves its literal', () => {
  it.each(SHAPES)('%s', (template, shapes) => {
    fc.assert(
      fc.property(nasty, (x) => {
        const sql = tryRender(template, { x })
        if (sql === null) return
        expect(shapes).toContainEqual(tokenize(sql).map(({ kind }) => kind))
      }),
      { numRuns: 400 },
    )
  })

  it('holds for arrays, columns, dotted names, tables, conditions and second-order values', () => {
    const lists =
      /^(open )?(?:(?:string|number|operator number)(?: comma (?:string|number|operator number))*)?( close)?$/
    fc.assert(
      fc.property(nasty, (x) => {
        const kinds = (template: string): string | null => {
          const sql = tryRender(template, { x, j: JSON.stringify({ [x]: [x] }) })
          return sql === null
            ? null
            : tokenize(sql)
                .map(({ kind }) => kind)
                .filter((kind) => kind !== 'whitespace')
                .join(' ')
        }
        expect(kinds('{{Array(x)}}')).toMatch(lists)
        expect(kinds("{{Array(x, 'Int64')}}") ?? '').toMatch(lists)
        expect(kinds('{{split_to_array(x)}}')).toMatch(lists)
        expect(kinds('{{column(x)}}')).toMatch(/^identifier(?: dot identifier)*$/)
        expect(kinds('{{columns(x)}}')).toMatch(
          /^(?:identifier(?: dot identifier)*(?: comma identifier(?: dot identifier)*)*)?$/,
        )
        expect(kinds('{{table(x)}}')).toMatch(/^(?:word|identifier)(?: dot (?:word|identifier))*$/)
        expect(kinds('{{sql_and(c=x)}}')).toBe('word operator string')
        expect(kinds('{% for k, v in JSON(j).items() %}{{k}},{{v[0]}}{% end %}')).toBe(
          'string comma string',
        )
        expect(kinds('{{JSON(j)}}')).toBe('open string operator open string close close')
        expect(kinds('{% try %}{{Int32(x)}}{% except e %}{% end %}') ?? '').toMatch(
          /^(word open string close)?$/,
        )
      }),
      { numRuns: 300 },
    )
  })

  it('gives the engine the very text that was sent, the percent sign and lone surrogates apart', () => {
    fc.assert(
      fc.property(nasty, (x) => {
        const [token] = tokenize(render('{{String(x)}}', { x }))
        expect(decodeToken(token!)).toBe(wellFormed(x).replaceAll('%', '\\%'))
      }),
    )
  })

  it.each([
    ["SELECT '{{String(x)}}'", 'a'],
    ["SELECT 'a{{x}}b'", 'a'],
    ['SELECT /* {{x}} */ 1', '*/ UNION ALL SELECT 2 /*'],
    ['SELECT $${{x}}$$', '$$ UNION ALL SELECT 2, $$'],
    ["SELECT {{x}}'b'", 'a'],
    ['SELECT "{{Array(x)}}"', '" , "'],
  ])('%s is refused when a value would end what surrounds it', (template, x) => {
    const sql = tryRender(template, { x })
    expect(sql === null || tokenize(sql).filter(({ text }) => text === 'UNION').length === 0).toBe(
      true,
    )
  })

  it('keeps a value in a comment inside the comment', () => {
    fc.assert(
      fc.property(nasty, (x) => {
        for (const template of ['1 -- {{x}}\n+ 2', '1 /* {{x}} */ + 2', '1 # {{x}}\n+ 2']) {
          const sql = tryRender(template, { x })
          if (sql === null) continue
          const code = tokenize(sql).filter(
            ({ kind }) => kind !== 'whitespace' && kind !== 'comment',
          )
          expect(code.map(({ text }) => text)).toEqual(['1', '+', '2'])
        }
      }),
    )
  })

  it('never begins a comment by joining signs', () => {
    expect(
      tokenize(render('1 -{{Int(x)}}', { x: '-1' })).some(({ kind }) => kind === 'comment'),
    ).toBe(false)
  })

  it('never puts a caller text into SQL by raw', () => {
    for (const template of [
      '{% raw x %}',
      "{% raw 'a' + x %}",
      '{% raw x if x else x %}',
      '{% set y = x %}{% raw y %}',
      "{% raw '{}'.format(x) %}",
      '{% raw [x][0] %}',
      "{% raw x or 'a' %}",
    ]) {
      expect(tryRender(template, { x: '1; DROP' })).toBeNull()
    }
  })

  it('never lets a hint or a secret name carry text', () => {
    for (const template of [
      '{{backend_hint(x)}}',
      '{{activate(x)}}',
      '{{cache_ttl(x)}}',
      '{{max_threads(x)}}',
      '{{tb_secret(x)}}',
      "{{columns('a', fn=x)}}",
      '{{sql_unescape(x, x)}}',
    ]) {
      expect(tryRender(template, { x: "a'\n; DROP" })).toBeNull()
    }
  })
})

const HOST_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'process',
  'globalThis',
  'require',
  'this',
  'eval',
  'Function',
  'Object',
  'open',
  '__import__',
  '__class__',
  '__globals__',
  'getattr',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'exec',
  'compile',
  'vars',
  'globals',
  'type',
  'input',
  'print',
]

describe('no expression reaches a host object', () => {
  it.each(HOST_NAMES)('%s is an unknown name, attribute, method and function', (name) => {
    const message = (template: string): string => {
      try {
        return render(template, { x: 'a', l: ['a'], d: { a: 1 } })
      } catch (error) {
        expect(error).toMatchObject({ code: 'template.error' })
        return (error as Error).message
      }
    }
    for (const object of [
      "'a'",
      'x',
      'l',
      '[]',
      'd',
      '{}',
      '()',
      '(1)',
      '1.5',
      'True',
      'None',
      'String(x)',
      'String',
      'len',
      'defined',
    ]) {
      expect(message(`{{ ${object}.${name} }}`)).toContain(`has no attribute '${name}'`)
      expect(message(`{{ ${object}.${name}() }}`)).toContain(`has no attribute '${name}'`)
    }
    expect(message(`{{d['${name}']}}`)).toContain(`'${name}'`)
    expect(message(`{{d.get('${name}', 'none')}}`)).toBe("'none'")
    expect(message(`{{${name}}}`)).toContain('evaluated to null')
    expect(message(`{{${name}(1)}}`)).toMatch(/is not a valid function/)
    expect(message(`{{'{0.${name}}'.format(x)}}`)).toContain(
      'format fields can only be names and numbers',
    )
    expect(message(`{{'{0[${name}]}'.format(x)}}`)).toContain(
      'format fields can only be names and numbers',
    )
  })

  it('takes parameters with host names as plain values and pollutes nothing', () => {
    const params = JSON.parse(
      '{"__proto__": "p", "constructor": {"prototype": {"polluted": 1}}, "o": {"__proto__": {"polluted": 1}}}',
    ) as Record<string, unknown>
    expect(
      render(
        "{{__proto__}}{{constructor['prototype']['polluted']}}{{o['__proto__']['polluted']}}{% set o['__proto__'] = 2 %}{{o['__proto__']}}",
        params,
      ),
    ).toBe("'p'112")
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('polluted')
    const template = parseTemplate("%{{custom_error({'__proto__': {'polluted': 1} })}}")
    expect(() => renderTemplate(template, {})).toThrow(Fault)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('only ever throws template faults, whatever the template', () => {
    const parts = [
      '{{',
      '}}',
      '{%',
      '%}',
      'if ',
      'for ',
      'in ',
      'x',
      ' + ',
      '(',
      ')',
      '[',
      ']',
      "'a'",
      ':',
      ',',
      '.',
      'set ',
      '=',
      'end',
      'else',
      'String',
      'len',
      '1',
      '{',
      '}',
      ' ',
      '\n',
      'not ',
      '"',
      '\\',
      'try',
      'except',
      'while ',
      '-',
      '%',
      '*',
      'format',
      'and ',
      'None',
      'd',
      '#',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 25 }), (text) => {
        tryRender(text.join(''), { x: 'v', d: { a: [1] } })
      }),
      { numRuns: 5000 },
    )
  })
})

describe('a template is bounded', () => {
  it.each([
    ['endless loop', '{% while True %}{% end %}'],
    [
      'endless loop that catches everything',
      '{% while True %}{% try %}{{Int32(x)}}{% except Exception %}{% end %}{% end %}',
    ],
    ['huge range', '{{len(range(10000000000))}}'],
    ['huge text', "{{'a' * 10000000000}}"],
    ['doubling text', "{% set s = 'ab' %}{% for i in range(60) %}{% set s = s + s %}{% end %}"],
    ['doubling list', '{% set s = [1] %}{% for i in range(60) %}{% set s = s + s %}{% end %}'],
    ['list in itself', '{% set s = [1] %}{% set s.append(s) %}{{s}}'],
    ['shared lists', '{% set s = [1] %}{% for i in range(60) %}{% set s = [s, s] %}{% end %}{{s}}'],
    [
      'shared tuples as keys',
      '{% set s = (1, 1) %}{% for i in range(60) %}{% set s = (s, s) %}{% end %}{{ {s: 1} }}',
    ],
    [
      'comparing shared lists',
      '{% set s = [1] %}{% set t = [1] %}{% for i in range(60) %}{% set s = [s, s] %}{% set t = [t, t] %}{% end %}{% if s == t %}{% end %}',
    ],
    [
      'squaring integers',
      '{% set n = 12345678901234567890 %}{% for i in range(60) %}{% set n = n * n %}{% end %}',
    ],
    ['huge shift', '{{1 << 100000000000}}'],
    ['huge width', "{{'{:99999999}'.format(1)}}"],
    ['huge precision', "{{'%.99999999f' % 1}}"],
    ['huge padding', "{{'a'.rjust(10000000000)}}"],
    ['joining much', "{{'x'.join(['y' * 100000] * 100000)}}"],
    ['replacing much', "{{('a' * 100000).replace('', 'b' * 100000)}}"],
    ['nested comprehension', '{{len([1 for a in range(10000) for b in range(10000)])}}'],
    ['deep brackets', `{{${'('.repeat(5000)}1${')'.repeat(5000)}}}`],
    ['long chains', `{{1${'+1'.repeat(50_000)}}}`],
    ['deep nots', `{{${'not '.repeat(50_000)}1}}`],
    ['deep blocks', '{% if 1 %}'.repeat(5000) + '{% end %}'.repeat(5000)],
    [
      'endless output',
      '{% for i in range(100000) %}0123456789012345678901234567890123456789{% end %}',
    ],
    ['deep JSON', `{{JSON('${'['.repeat(100_000)}')}}`],
  ])('%s ends in a template error', (_name, template) => {
    expect(tryRender(template, { x: 'q' })).toBeNull()
  })

  it('reads long templates and long values in linear work', () => {
    expect(render('{{x}}', { x: "'".repeat(200_000) })).toHaveLength(400_002)
    expect(render('{{Int32(n, 1)}},\n'.repeat(5000))).toHaveLength(5000 * 14)
    expect(parseTemplate('%' + '{ '.repeat(300_000)).nodes).toHaveLength(1)
  })
})
