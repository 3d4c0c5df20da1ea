// What an error tells: the text, the line, and the node it stands in.
import { Fault } from '@sandpiper/faults'
import { describe, expect, it } from 'vitest'
import { parseTemplate } from './parse-template.ts'
import { renderTemplate } from './render.ts'
import type { RenderOptions } from './interpreter.ts'

/** The fault that parsing or rendering a node called `endpoint` ends with. */
function faultOf(
  template: string,
  params: Record<string, unknown> = {},
  options: RenderOptions = {},
): Fault {
  try {
    renderTemplate(parseTemplate(template, 'endpoint'), params, options)
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error(`${template} did not fail`)
}

describe('an error of a template', () => {
  it.each([
    ['%\nSELECT\n{{ Int32(a) }}', 3, "Error validating 'x' to type Int32"],
    ['%\n\n{{ Int32(\n  a,\n  1) }}', 3, "Error validating 'x' to type Int32"],
    ['%\n{% if a > 5 %}{% end %}', 2, "'>' not supported"],
    ['%{% set b = [1,\n 2,\n [3][4]] %}', 3, 'list index out of range'],
    ["%{% set b = {'k': 1}\n['z'] %}", 1, "'z'"],
    ['%\n\n{{ a.foo() }}', 3, "'str' object has no attribute 'foo'"],
    ['%\n{{ nothing }}', 2, 'expression "nothing..." evaluated to null'],
    ["%\n\n\n{{ error('stop') }}", 4, 'stop'],
    ["%\nSELECT '\n{{a}}'", 3, 'a value stands inside quotes'],
    ['%\n{% if True %}\n{% while True %}\n{% set b = 1 %}{% end %}{% end %}', 4, 'too much work'],
    ['%\n{% for i in range(3) %}\n{{ 1 // (1 - i) }}{% end %}', 3, 'integer division'],
    ['%\n{% for i in 5 %}{% end %}', 2, "'int' object is not iterable"],
    ['%\n\n{% if %}{% end %}', 3, 'if needs a condition'],
    ['%\n{% if x %}\n\n', 2, 'Missing {% end %} block for if at line 2'],
    ['\n%\n{{ 1 +\n }}', 3, 'unexpected end of expression at line 3'],
    ['%\n{{ "a\nb" }}', 2, 'unterminated string literal at line 2'],
    ['%{{\n\n q }}', 3, '"q" can not be used as a variable name, line 3'],
    ['%\n{% import os %}', 2, 'import is forbidden at <string>:2'],
  ])('%j is said to be in line %i', (template, line, message) => {
    const { code, details } = faultOf(template, { a: 'x' })
    expect(code).toBe('template.error')
    expect(details.public).toContain(`Template Syntax Error: `)
    expect(details.public).toContain(message)
    expect(details.place).toEqual({ node: 'endpoint', line })
    expect(details.documentation).toBe('/docs/specs/template-language.md')
  })

  it('tells the place of custom_error() too, and only its own text', () => {
    expect(faultOf("%\n{{ custom_error('gone', 410) }}").details).toEqual({
      public: 'gone',
      status: 410,
      body: { error: 'gone' },
      place: { node: 'endpoint', line: 2 },
    })
  })

  it('tells the place when the output is too long', () => {
    const { details } = faultOf('%\n{% for i in range(9) %}\n{{i}}{% end %}', {}, { outputMax: 5 })
    expect(details.place?.line).toBe(3)
    expect(details.public).toContain('more than 5 characters')
  })

  it('names no node when nobody said which it is', () => {
    expect(() => parseTemplate('%{{')).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ place: { node: null, line: 1 } }) as unknown,
      }),
    )
  })

  it('never quotes more than a thousand characters of what was sent', () => {
    const { details } = faultOf('%{{Int32(a)}}', { a: 'x'.repeat(100_000) })
    expect(details.public.length).toBeLessThan(1100)
  })

  it.each([
    ['{% if x y %}{% end %}', 'unexpected "y"'],
    ['{% set a = lambda: 1 %}', 'unexpected "lambda"'],
    ['{% for a of b %}{% end %}', 'for needs "in"'],
    ['{% while ( %}{% end %}', 'unexpected end of expression'],
    ['{% try %}{% except 5 + %}{% end %}', 'except'],
  ])('%s says that a control block is wrong', (template, what) => {
    const { details } = faultOf(`%${template}`)
    expect(details.public).toContain(
      `wrong syntax, you might be using a not valid function inside a control block: ${what}`,
    )
  })
})

describe('tags that reach for files or code', () => {
  it.each('import from include extends module block apply super autoescape whitespace'.split(' '))(
    '{%% %s ... %%} is forbidden',
    (word) => {
      expect(faultOf(`%\n{% ${word} os %}`).message).toBe(
        `Template Syntax Error: ${word} is forbidden at <string>:2`,
      )
    },
  )
})

describe('an error that a template catches', () => {
  it.each([
    ['1 // 0', 'ZeroDivisionError'],
    ['1 // 0', 'ArithmeticError'],
    ["{'a': 1}['b']", 'KeyError'],
    ['[1][5]', 'LookupError'],
    ["int('x')", 'ValueError'],
    ["1 + 'a'", 'TypeError'],
    ["'a'.foo()", 'AttributeError'],
    ['foo(1)', 'NameError'],
    ['Int32(n)', 'Exception'],
  ])('%s is caught by %s', (expression, type) => {
    const template = `%{% try %}{{ ${expression} }}{% except ${type} as e %}caught {{ str(e) != '' }}{% end %}`
    expect(renderTemplate(parseTemplate(template), {}).sql).toBe('caught True')
  })

  it.each([
    ['1 // 0', 'KeyError'],
    ["int('x')", 'TypeError'],
    ["{'a': 1}['b']", 'IndexError'],
  ])('%s is not caught by %s', (expression, type) => {
    expect(faultOf(`%{% try %}{{ ${expression} }}{% except ${type} %}{% end %}`).code).toBe(
      'template.error',
    )
  })
})
