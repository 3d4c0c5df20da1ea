// Expressions mean what they mean in Python: each right side is what CPython prints for the left side.
import { describe, expect, it } from 'vitest'
import { parseTemplate } from './parse-template.ts'
import { renderTemplate } from './render.ts'

/** repr() of an expression, as text. */
function python(expression: string, params: Record<string, unknown> = {}): string {
  const { sql } = renderTemplate(
    parseTemplate(
      `%{% raw 'a' if False else '' %}{% set r = repr((${expression})) %}{% for c in r %}{{ord(c)}},{% end %}`,
    ),
    params,
  )
  return sql
    .split(',')
    .slice(0, -1)
    .map((code) => String.fromCodePoint(Number(code)))
    .join('')
}

describe('expressions', () => {
  it.each([
    ['1 + 2 * 3 - 4 // 3 % 2', '6'],
    ['-7 // 2, -7 % 2, 7 % -2, -7.5 % 2, 7 / 2, 6 / 2', '(-4, 1, -1, 0.5, 3.5, 3.0)'],
    ['9007199254740993 * 9007199254740993', '81129638414606699710187514626049'],
    [
      '2 + 1.0, 1e16, 1e15, 0.1 + 0.2, 1e-5, 0.0001, -0.0, 1e400, 123456.789',
      '(3.0, 1e+16, 1000000000000000.0, 0.30000000000000004, 1e-05, 0.0001, -0.0, inf, 123456.789)',
    ],
    ['5 & 6 | 1 ^ 2, ~5, 1 << 10, -8 >> 1', '(7, -6, 1024, -4)'],
    ['1 < 2 < 3, 1 < 3 < 2, 1 == 1.0 == True, "a" < "b" <= "b"', '(True, False, True, True)'],
    [
      '"a" in "cat", 2 in [1, 2], "k" in {"k": 1}, 3 not in (1, 2), None is None, 1 is not None',
      '(True, True, True, True, True, True)',
    ],
    ['0 or "x", 1 and "y", "" or None, not [], not "a"', "('x', 'y', None, True, False)"],
    ['"yes" if 0 else "no"', "'no'"],
    ['[1, 2, 3][-1], "abc"[0], (1, 2)[1], {"a": {"b": 2} }["a"]["b"]', "(3, 'a', 2, 2)"],
    [
      '"hello"[1:3], "hello"[::-1], [1, 2, 3, 4][::2], [1, 2, 3][5:], "abc"[-2:], [1, 2, 3][:-1], (1, 2, 3)[2:0:-1]',
      "('el', 'olleh', [1, 3], [], 'bc', [1, 2], (3, 2))",
    ],
    ['"é😀x"[1], len("é😀x"), "😀"[::-1]', "('😀', 3, '😀')"],
    ['"a" * 3, [0] * 2, (1,) * 2, 2 * "x", "a" * -1', "('aaa', [0, 0], (1, 1), 'xx', '')"],
    ['[x * y for x in range(3) for y in [1, 10] if x != 1]', '[0, 0, 2, 20]'],
    [
      '{k: v for k, v in [("a", 1), ("b", 2)]}, sorted({x % 2 for x in [1, 2, 3]}), sum(x for x in [1, 2])',
      "({'a': 1, 'b': 2}, [0, 1], 3)",
    ],
    [
      '{1: "a", 1.0: "b", True: "c"}, {"x": 1} == {"x": 1.0}, [1, [2]] == [1, [2]], (1,) == [1]',
      "({1: 'c'}, True, True, False)",
    ],
    [
      '() , (1,), [], {}, "a" "b", r"\\n", "\\x41\\u00e9\\n"',
      "((), (1,), [], {}, 'ab', '\\\\n', 'Aé\\n')",
    ],
    ['0x1F, 0b11, 0o17, 1_000, .5, 1., 1e3', '(31, 3, 15, 1000, 0.5, 1.0, 1000.0)'],
    ["'it\\'s', \"q\", 'both\\'\"'", "(\"it's\", 'q', 'both\\'\"')"],
  ])('%s', (expression, expected) => {
    expect(python(expression)).toBe(expected)
  })
})

describe('methods of str', () => {
  it.each([
    [
      '"a,b,,c".split(","), " a  b ".split(), "a b c".split(None, 1), "a,b,c".split(",", 1), "".split(","), "".split(), "a,b,c".rsplit(",", 1)',
      "(['a', 'b', '', 'c'], ['a', 'b'], ['a', 'b c'], ['a', 'b,c'], [''], [], ['a,b', 'c'])",
    ],
    ['"-".join(["a", "b"]), ",".join("abc"), "".join([])', "('a-b', 'a,b,c', '')"],
    [
      '" a ".strip(), "xxaxx".strip("x"), " a ".lstrip(), " a ".rstrip(), "abc".strip("ca")',
      "('a', 'a', 'a ', ' a', 'b')",
    ],
    [
      '"aXbX".replace("X", "-"), "aaa".replace("a", "b", 2), "ab".replace("", "-")',
      "('a-b-', 'bba', '-a-b-')",
    ],
    [
      '"abc".startswith("ab"), "abc".startswith(("x", "a")), "abc".endswith("bc"), "abc".startswith("b", 1)',
      '(True, True, True, True)',
    ],
    [
      '"Hello World".lower(), "a".upper(), "hELLO wORLD".title(), "hELLO".capitalize(), "aB".swapcase()',
      "('hello world', 'A', 'Hello World', 'Hello', 'Ab')",
    ],
    [
      '"banana".find("na"), "banana".rfind("na"), "banana".find("x"), "banana".index("n"), "banana".count("an"), "banana".count("")',
      '(2, 4, -1, 2, 2, 7)',
    ],
    [
      '"123".isdigit(), "12a".isdigit(), "".isdigit(), "abc".isalpha(), "a1".isalnum(), " ".isspace(), "A".isupper()',
      '(True, False, False, True, True, True, True)',
    ],
    [
      '"42".zfill(5), "-42".zfill(5), "a".ljust(3), "a".rjust(3, "."), "a".center(4, "*")',
      "('00042', '-0042', 'a  ', '..a', '*a**')",
    ],
    [
      '"k=v=w".partition("="), "k=v=w".rpartition("="), "kv".partition("=")',
      "(('k', '=', 'v=w'), ('k=v', '=', 'w'), ('kv', '', ''))",
    ],
    [
      '"{} {1}".format(1, 2) if False else "{} {}".format("a", 1), "{0}{0}{n}".format("x", n=2), "{{}}".format()',
      "('a 1', 'xx2', '{}')",
    ],
    [
      '"{:>5}|{:<5}|{:^5}|{:05d}|{:.2f}|{:,}|{:+d}|{:x}|{!r}|{:*^7}".format("a", "b", "c", 42, 3.14159, 1234567, 5, 255, "q", "m")',
      `"    a|b    |  c  |00042|3.14|1,234,567|+5|ff|'q'|***m***"`,
    ],
    [
      '"%s %d %05.1f %%" % ("a", 3, 2.25), "%(k)s" % {"k": 1}, "%s" % "x", "%-4d|" % 7',
      "('a 3 002.2 %', '1', 'x', '7   |')",
    ],
    [
      '"a\\nb\\n".splitlines(), "prefix-x".removeprefix("prefix-"), "x.sql".removesuffix(".sql")',
      "(['a', 'b'], 'x', 'x')",
    ],
  ])('%s', (expression, expected) => {
    expect(python(expression)).toBe(expected)
  })
})

describe('numbers at the edges', () => {
  it.each([
    ['1 // 0.1, -0.0 % 10, 5.5 // -2, 5.5 % -2, -1 % 3.0', '(9.0, 0.0, -3.0, -0.5, 2.0)'],
    [
      'round(-27434.84, -1), round(25.5, -1), round(25, -1), round(-0.1, -1)',
      '(-27430.0, 30.0, 20, -0.0)',
    ],
    [
      '"{:05.2s}|{:>5.0}|{:f}|{:.0f}|{:.2}|{:,.1f}|{: d}".format("AbC", 1.0, -0.0, 2.5, 1.0, -12345.65, 7)',
      "'Ab000|1e+00|-0.000000|2|1.0|-12,345.6| 7'",
    ],
    ['"% .3x|%05d|%+.2e|%5.1f|" % (10, -42, 12345.678, 2.25)', "' 00a|-0042|+1.23e+04|  2.2|'"],
  ])('%s', (expression, expected) => {
    expect(python(expression)).toBe(expected)
  })
})

describe('collections and builtins', () => {
  it.each([
    [
      '{"a": 1}.get("a"), {"a": 1}.get("b"), {"a": 1}.get("b", 2), list({"a": 1}.items()), list({"a": 1}.keys()), list({"a": 1}.values())',
      "(1, None, 2, [('a', 1)], ['a'], [1])",
    ],
    [
      '[3, 1, 2].index(1), [1, 1].count(1), sorted([3, 1, 2]), sorted("bca", reverse=True), list(reversed([1, 2]))',
      "(1, 2, [1, 2, 3], ['c', 'b', 'a'], [2, 1])",
    ],
    [
      'len("abc"), len([1]), len({}), sum([1, 2.5]), sum([]), min(3, 1), max([1, 5, 2]), min("b", "a"), max([], default=0)',
      "(3, 1, 0, 3.5, 0, 1, 5, 'a', 0)",
    ],
    [
      'list(enumerate(["a", "b"])), list(enumerate("a", start=1)), list(zip([1, 2], "ab")), list(range(2, 8, 3)), list(range(3, 0, -1))',
      "([(0, 'a'), (1, 'b')], [(1, 'a')], [(1, 'a'), (2, 'b')], [2, 5], [3, 2, 1])",
    ],
    [
      'int("42"), int(" -7 "), int(3.9), int(-3.9), int("1_000"), float("1.5"), float("inf"), str(1.0), str(True), str(None), str([1, "a"])',
      "(42, -7, 3, -3, 1000, 1.5, inf, '1.0', 'True', 'None', \"[1, 'a']\")",
    ],
    [
      'round(2.5), round(3.5), round(2.675, 2), round(1234, 2), round(1250, -2), round(-1350, -2), round(1351.5, -2), round(-2.5), abs(-3), abs(-1.5), divmod(7, 2)',
      '(2, 4, 2.67, 1234, 1200, -1400, 1400.0, -2, 3, 1.5, (3, 1))',
    ],
    [
      'any([0, 1]), all([]), bool(0) == 0, isinstance("a", str), isinstance(1, (str, int)), isinstance(True, int), isinstance([], list)',
      '(True, True, True, True, True, True, True)',
    ],
    [
      'dict(a=1), dict([("k", "v")]), list("ab"), tuple([1]), set([1, 1]), chr(97), ord("a")',
      "({'a': 1}, {'k': 'v'}, ['a', 'b'], (1,), {1}, 'a', 97)",
    ],
  ])('%s', (expression, expected) => {
    expect(python(expression)).toBe(expected)
  })

  it('keeps 64-bit integers of a JSON body and lists of repeated keys', () => {
    expect(
      python('a + 1, b, c, d["k"]', {
        a: 9007199254740993n,
        b: ['x', 'y'],
        c: 1.5,
        d: { k: null },
      }),
    ).toBe("(9007199254740994, ['x', 'y'], 1.5, None)")
  })

  it('reads a parameter declared as an array as a list everywhere', () => {
    const template = parseTemplate(
      "%{% set total = sum(p) %}{{total}} {{','.join(s)}} {{Array(p, 'Int32')}} {{Array(s)}}",
    )
    expect(renderTemplate(template, { p: '1,2,3', s: 'a,b' }).sql).toBe("6 'a,b' [1,2,3] ['a','b']")
  })

  it.each([
    ['1 + "a"', "unsupported operand type(s) for +: 'int' and 'str'"],
    ['"a" + [1]', 'can only concatenate str (not "list") to str'],
    ['[1][3]', 'list index out of range'],
    ['{"a": 1}["b"]', "'b'"],
    ['int("x")', "invalid literal for int() with base 10: 'x'"],
    ['1 // 0', 'integer division or modulo by zero'],
    ['{[1]: 2}', "unhashable type: 'list'"],
    [
      'None.get("a")',
      "'NoneType' object has no attribute 'get'. Make sure you're using an object/dictionary where trying to use .get()",
    ],
    ['",".join([1])', 'sequence item 0: expected str instance, int found'],
    ['len(5)', "object of type 'int' has no len()"],
    [
      '[1] < ["a"]',
      "'<' not supported between instances of 'int' and 'str'. If you are comparing a parameter with a number, wrap it in a type function, for example {{Int32(param)}}",
    ],
  ])('%s fails as in Python', (expression, message) => {
    expect(() => python(expression)).toThrow(`Template Syntax Error: ${message}`)
  })
})
