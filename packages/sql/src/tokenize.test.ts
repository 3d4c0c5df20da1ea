import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenize } from './tokenize.ts'

const kinds = (sql: string): string[] =>
  tokenize(sql)
    .filter(({ kind }) => kind !== 'whitespace')
    .map(({ kind, text }) => `${kind} ${text}`)

/** Pieces that meet at the lexer's borders: quotes, escapes, comments, heredocs, numbers. */
const NASTY = [
  "'",
  '"',
  '`',
  '\\',
  '--',
  '#',
  '# ',
  '#!',
  '/*',
  '*/',
  '$',
  '$a$',
  '$$',
  '{',
  '}',
  'x:String',
  ';',
  '‘',
  '’',
  '“',
  '”',
  "x'",
  '1e',
  '0x',
  '.',
  '\n',
  '\0',
  '\ud800',
  'é',
  'a',
  '1',
  ' ',
  'FORMAT',
  '!',
]

describe('tokenize', () => {
  it('loses nothing and never throws, whatever the text', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...NASTY)).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(texts, (sql) => {
        const tokens = tokenize(sql)
        expect(tokens.map(({ text }) => text).join('')).toBe(sql)
        expect(
          tokens.every(({ start, end, text }) => end > start && sql.slice(start, end) === text),
        ).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ["'a''b\\'c' 1", ["string 'a''b\\'c'", 'number 1']],
    ['"a""b\\"c" `d``e\\`f`', ['identifier "a""b\\"c"', 'identifier `d``e\\`f`']],
    ["‘it's; “x”’ “col”", ["string ‘it's; “x”’", 'identifier “col”']],
    ["x'41\\' b'01'", ["string x'41\\'", "string b'01'"]],
    ["ax'41'", ['word ax', "string '41'"]],
    ['$a$ ; $b$ $a$ 1', ['heredoc $a$ ; $b$ $a$', 'number 1']],
    ['$$;$$', ['heredoc $$;$$']],
    ['$a$ x', ['word $a$', 'word x']],
    ['a$b$ $b$', ['word a$b$', 'word $b$']],
    [
      '$é$;$é$',
      ['operator $', 'error é', 'operator $', 'semicolon ;', 'operator $', 'error é', 'operator $'],
    ],
    ['1 -- c ; d\n2', ['number 1', 'comment -- c ; d', 'number 2']],
    ['1 # c\n2 #! d', ['number 1', 'comment # c', 'number 2', 'comment #! d']],
    ['1 #c', ['number 1', 'error #', 'word c']],
    ['/* a /* b */ c */ 1', ['comment /* a /* b */ c */', 'number 1']],
    ['/* a /* b */ 1', ['error /* a /* b */ 1']],
    ["'open", ["error 'open"]],
    ['1e--x', ['number 1e-', 'operator -', 'word x']],
    [
      '1_000 0x1Fp3 .5 1.e2 1..2 t.1.2',
      [
        'number 1_000',
        'number 0x1Fp3',
        'dot .',
        'number 5',
        'number 1.e2',
        'number 1.',
        'dot .',
        'number 2',
        'word t',
        'dot .',
        'number 1',
        'dot .',
        'number 2',
      ],
    ],
    ['1a 1.5a', ['word 1a', 'error 1.5a']],
    [
      "{p:Array(Nullable(String))} {d: DateTime('UTC')} {'k':1}",
      [
        'parameter {p:Array(Nullable(String))}',
        "parameter {d: DateTime('UTC')}",
        'open {',
        "string 'k'",
        'operator :',
        'number 1',
        'close }',
      ],
    ],
    [
      'a::Int8<=>b||c->d!=e',
      [
        'word a',
        'operator ::',
        'word Int8',
        'operator <=>',
        'word b',
        'operator ||',
        'word c',
        'operator ->',
        'word d',
        'operator !=',
        'word e',
      ],
    ],
    ['5 − 3\u00a0\u3000+ 1', ['number 5', 'operator −', 'number 3', 'operator +', 'number 1']],
    ["'a\0b' \0", ["error 'a\0b'", 'error \0']],
    ['é ! ~ &', ['error é', 'error !', 'error ~', 'error &']],
  ])('reads %j as the engine does', (sql, expected) => {
    expect(kinds(sql)).toEqual(expected)
  })

  it('reads texts made to make lexers quadratic in linear work', () => {
    const size = 200_000
    const tags = Array.from({ length: size / 8 }, (_, index) => `$t${String(index)}$ `).join('')
    for (const sql of [
      '$a$'.repeat(size),
      '/*'.repeat(size),
      "'".repeat(size),
      '{a:'.repeat(size),
      "{a:''".repeat(size),
      tags,
      '('.repeat(size),
    ]) {
      expect(tokenize(sql).at(-1)?.end).toBe(sql.length)
    }
  })
})
