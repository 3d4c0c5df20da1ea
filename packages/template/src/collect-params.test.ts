import { describe, expect, it } from 'vitest'
import { isTemplate, parseTemplate } from './parse-template.ts'
import { renderBranches } from './render-branches.ts'
import { renderSecrets } from './render-secrets.ts'
import { templateParams } from './render.ts'

/** `name Type[!]=default`, `!` for required. */
const params = (template: string): string[] =>
  templateParams(parseTemplate(`%${template}`)).map(
    ({ name, type, required, default: otherwise }) =>
      `${name} ${type}${required ? '!' : ''}=${JSON.stringify(otherwise)}`,
  )

describe('templateParams', () => {
  it.each([
    [
      '{{String(a)}} {{Int32(b, 5)}} {{Array(c, "Int16", "1,2")}} {{Array(d)}} {{Float64(e, -1.5)}}',
      [
        'a String!=null',
        'b Int32=5',
        'c Array(Int16)="1,2"',
        'd Array(String)!=null',
        'e Float64=-1.5',
      ],
    ],
    ['{{UInt64(a, 18446744073709551615)}}', ['a UInt64="18446744073709551615"']],
    [
      '{% if defined(a) and split_to_array(b) %}{{c}}{% end %}',
      ['a String=null', 'b String=null', 'c String!=null'],
    ],
    ['{% if defined(a) %}{{Date(a)}}{% end %}', ['a Date=null']],
    ['{% if defined(a) %}{{Date(a)}}{% end %}{{Date(a)}}', ['a Date!=null']],
    [
      '{% if defined(a) %}{{b}}{{Date(a)}}{% else %}{{Int8(c)}}{% end %}',
      ['a Date=null', 'b String!=null', 'c Int8!=null'],
    ],
    ['{% if not defined(a) %}x{% else %}{{a}}{% end %}', ['a String=null']],
    ['{% if not defined(a) %}{{a}}{% end %}', ['a String!=null']],
    [
      '{% if not defined(a) %}x{% elif a == 1 and String(a) == 2 %}{{a}}{% end %}',
      ['a String=null'],
    ],
    [
      '{% if defined(a) and defined(String(b)) %}{{Int8(a)}}{{b}}{% end %}',
      ['a Int8=null', 'b String=null'],
    ],
    ['{% if defined(a) or defined(b) %}{{Int8(a)}}{% end %}', ['a Int8!=null', 'b String=null']],
    [
      '{% if not (defined(a) and defined(b)) %}x{% else %}{{a}}{{b}}{% end %}',
      ['a String=null', 'b String=null'],
    ],
    ['{{ String(a) if defined(a) else Int8(b) }}', ['a String=null', 'b Int8!=null']],
    ['{% if defined(a) and String(a) == "x" %}{% end %}', ['a String=null']],
    ['{% if defined(a) or String(a) == "x" %}{% end %}', ['a String!=null']],
    [
      '{% if x == 1 %}{% if defined(a) %}{% for i in [1] %}{{a}}{% end %}{% end %}{% end %}',
      ['x String=null', 'a String=null'],
    ],
    ['{% if String(a, "x") == "y" %}{% end %}{{Int8(a)}}', ['a Int8="x"']],
    ["{{String(x + 'abc', 'd')}}", ['x String="d"']],
    ['{% if defined({{UInt64(x)}}) %}{% end %}', ['x UInt64=null']],
    [
      '{% for i in Array(list) %}{{i}}{% end %}{% set k = v %}{{k}}{{[z for z in w]}}',
      ['list Array(String)!=null', 'v String=null', 'w String=null'],
    ],
    [
      '{{String(a, required=False)}} {{String(b, defined=False)}} {{String(c, None)}} {{JSON(d)}} {{column(e, "f")}}',
      ['a String=null', 'b String=null', 'c String!=null', 'd JSON!=null', 'e String="f"'],
    ],
    [
      '{{sql_and(a=p, b__in=Array(w, Int32))}}{{len(r)}}{{max_threads(s)}}',
      ['p String=null', 'w Array(Int32)!=null', 'r String=null', 's String=null'],
    ],
    ['{{1}}{# {{x}} #}{% comment {{y}} %}', []],
  ])('%s', (template, expected) => {
    expect(params(template)).toEqual(expected)
  })

  it('keeps the metadata of any use', () => {
    const [param] = templateParams(
      parseTemplate(
        "%{{Int32(a)}}{{Int32(a, 1, description='how many', enum=[1, 2], example=3, format='x', order=2, required=True)}}",
      ),
    )
    expect(param).toEqual({
      name: 'a',
      type: 'Int32',
      required: false,
      default: 1,
      description: 'how many',
      enum: [1, 2],
      example: 3,
      format: 'x',
      order: 2,
      usedIn: null,
      onlyIfDefined: false,
    })
  })
})

describe('isTemplate', () => {
  it('asks for a percent sign as the first non-blank character', () => {
    expect(['%SELECT', ' \n % SELECT', 'SELECT 5 % 2', '', '-- %\n%'].map(isTemplate)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })
})

describe('renderBranches', () => {
  it('shows each branch at least once', () => {
    const texts = renderBranches(
      parseTemplate(
        '%{% if a %}A{% if b %}B{% else %}C{% end %}{% elif c %}D{% else %}E{% try %}F{% except %}{% if d %}{% else %}G{% end %}{% end %}{% end %}',
      ),
    )
    for (const text of ['A', 'B', 'C', 'D', 'E', 'F'])
      expect(texts.some((each) => each.includes(text))).toBe(true)
  })
})

describe('renderSecrets', () => {
  it('puts secrets into settings, a default where there is none, and refuses a missing one', () => {
    const secrets = new Map([
      ['KEY', 'k$&1'],
      ['EMPTY', ''],
    ])
    expect(
      renderSecrets(
        '{{ tb_secret("KEY") }} {{tb_var(\'EMPTY\')}} {{ tb_secret("NO", "dflt") }} {{ x }}',
        secrets,
      ),
    ).toBe('k$&1 "" dflt {{ x }}')
    expect(() => renderSecrets('{{ tb_secret("NO") }}', secrets)).toThrow(
      "Cannot access secret 'NO'",
    )
  })
})

describe('templateParams, for docs and OpenAPI', () => {
  const named = (template: string, name: string): ReturnType<typeof templateParams>[number] =>
    templateParams(parseTemplate(`%${template}`)).find((each) => each.name === name)!

  it('finds parameters in every branch, loop, handler, comprehension and argument without running anything', () => {
    const found = templateParams(
      parseTemplate(
        "%{% if False %}{{Int8(a)}}{% elif 1 // 0 %}{{Int8(b)}}{% else %}{{Int8(c)}}{% end %}{% for x in [] %}{{Int8(d)}}{% else %}{{Int8(e)}}{% end %}{% while False %}{{Int8(f)}}{% else %}{{Int8(g)}}{% end %}{% try %}{{Int8(h)}}{% except %}{{Int8(i)}}{% else %}{{Int8(j)}}{% finally %}{{Int8(k)}}{% end %}{{[Int8(m) for y in Array(l, 'Int8') if Int8(n)]}}{{sql_and(z=Int8(o))}}{{ {'k': Int8(r)}['k'] if Int8(p) else -Int8(s)[Int8(t):] }}{% set u = Int8(v) %}{{error(String(w))}}",
      ),
    )
    expect(found.map(({ name }) => name).join('')).toBe('abcdefghijklmnoprstvw')
    expect(found.every(({ type }) => /^(Int8|Array\(Int8\)|String)$/.test(type))).toBe(true)
  })

  it('says which parameters only functions ask for', () => {
    const template = '{% if defined(a) %}{{String(b)}}{% end %}{{c}}{{len(split_to_array(d))}}'
    expect(['a', 'b', 'c', 'd'].map((name) => named(template, name).usedIn)).toEqual([
      'function_call',
      null,
      null,
      'function_call',
    ])
  })

  it('takes default and description of split_to_array()', () => {
    expect(named("{{split_to_array(a, 'x,y', description='Names')}}", 'a')).toMatchObject({
      type: 'String',
      required: false,
      default: 'x,y',
      description: 'Names',
    })
  })

  it('keeps the last explicit type, and whatever metadata any use has', () => {
    const template =
      "{% if defined(Int32(a)) %}{% end %}{{Int64(a, description='one')}}{{Int64(a, 5, example=7)}}{{a}}"
    expect(named(template, 'a')).toMatchObject({
      type: 'Int64',
      default: 5,
      description: 'one',
      example: 7,
      required: false,
    })
  })

  it('reports integer defaults above 2^53 - 1 as text, and what is no literal as null', () => {
    expect(named('{{Int64(a, -9007199254740993)}}', 'a').default).toBe('-9007199254740993')
    expect(named('{{Int64(a, 9007199254740991)}}', 'a').default).toBe(9007199254740991)
    expect(named('{{Int64(a, len(b))}}', 'a')).toMatchObject({ default: null, required: false })
  })

  it('does not take loop variables, set names and names of functions for parameters', () => {
    const found = templateParams(
      parseTemplate(
        '%{% set a = 1 %}{{Int32(a)}}{% for b, (c, d) in e %}{{Int32(b)}}{{c}}{{d}}{% end %}{% try %}{% except ValueError as f %}{{f}}{% end %}{{sum(g)}}{{max}}{{open}}',
      ),
    )
    expect(found.map(({ name }) => name)).toEqual(['e', 'g', 'open'])
  })
})
