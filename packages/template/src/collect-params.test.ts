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
    ['{% if defined(a) %}{{Date(a)}}{% end %}', ['a Date!=null']],
    ['{% if String(a, "x") == "y" %}{% end %}{{Int8(a)}}', ['a Int8="x"']],
    ["{{String(x + 'abc', 'd')}}", ['x String="d"']],
    ['{% if defined({{UInt64(x)}}) %}{% end %}', ['x UInt64!=null']],
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
        "%{{Int32(a)}}{{Int32(a, 1, description='how many', enum=[1, 2], example=3, format='x', required=True)}}",
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
