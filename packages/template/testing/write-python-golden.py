"""Writes python-golden.json: expressions of the template language and what CPython makes of them.

Run it with `python3 packages/template/testing/write-python-golden.py` (3.11; other versions may word errors differently).
Each line of the result is one pair: the expression, and its repr() or, for one that fails, `! ` and the class of its error.
The expressions come from tables and from a seeded generator, so that two runs write the same file.
"""

import itertools
import json
import os
import random

RANDOM = random.Random(5)
EXPRESSIONS = []


def add(*expressions):
    EXPRESSIONS.extend(expressions)


def some(count, expressions):
    """A sample, in order, of a table too long to keep whole."""
    every = list(expressions)
    if len(every) <= count:
        return every
    kept = set(RANDOM.sample(range(len(every)), count))
    return [each for index, each in enumerate(every) if index in kept]


def arithmetic():
    ints = ["0", "1", "-1", "7", "-7", "3", "12345678901234567890", "-98765432109876543210", "True"]
    floats = ["0.0", "-0.0", "0.1", "2.5", "-7.5", "1e16", "1e308", "1e-320", "float('inf')", "float('nan')"]
    others = ["'a'", "[1]", "(1,)", "None", "{'k': 1}", "{1}"]
    numbers = ints + floats
    add(*(f"{a} {op} {b}" for op in ("+", "-", "*", "/", "//", "%") for a in numbers for b in numbers))
    add(*(f"{a} {op} {b}" for op in ("&", "|", "^") for a in ints for b in ints + ["2.5"]))
    add(*(f"{a} {op} {b}" for op in ("<<", ">>") for a in ints for b in ("0", "1", "70", "-1", "True")))
    add(*(f"{op}{a}" for op in ("-", "+", "~", "not ") for a in numbers + others))
    add(*(f"{a} {op} {b}" for op in ("+", "-", "*", "/", "//", "%", "|", "<") for a in others for b in others + ["2", "1.5"]))
    add(*(f"2 {op} {b}" for op in ("+", "-", "*", "/", "//", "%", "|", "<") for b in others))
    add("[] * 99999999999", "() * -5", "[[]] * 2", "'ab' * True", "3 * [0]")


def comparisons():
    values = ["0", "1", "-1.5", "True", "'a'", "'b'", "''", "None", "[1]", "[1, 2]", "(1,)", "{'a': 1}", "{1, 2}", "2", "float('nan')"]
    operators = ["<", "<=", ">", ">=", "==", "!="]
    add(*(f"{a} {op} {b}" for op in operators for a in values for b in values))
    add(*some(500, (f"{a} {x} {b} {y} {c}" for a in values for x in operators + ["in"] for b in values for y in operators for c in values)))
    add(*(f"{a} {op} {b}" for op in ("in", "not in") for a in values for b in values))
    add("'\\uffff' < '\\U00010000'", "'é' < 'f'", "[1, 'a'] < [2, 3]", "[1, [2]] < [1, [3]]", "(1, 2) < (1, 2, 3)")
    add("9007199254740993 == 9007199254740992.0", "9007199254740993 > 9007199254740992.0", "1 == 1.0 == True")
    add("'' in ''", "'' in 'abc'", "'😀' in 'a😀b'", "1.0 in [1]", "True in {1: 'a'}", "(1, 2) in {(1, 2): 0}", "[1] in [[1]]")
    add("None is None", "None is not None", "[] is None", "not None is None", "'a' is not None", "True is True", "1 < 2 in [2]")
    add("{1, 2} < {1, 2, 3}", "{1, 2} <= {1, 2}", "{1} > {2}", "{1: 2} == {1.0: 2}", "{'a': [1]} == {'a': [1.0]}")


def logic():
    values = ["0", "1", "''", "'a'", "[]", "[0]", "None", "True", "0.0", "{}", "()"]
    add(*(f"{a} {op} {b}" for op in ("and", "or") for a in values for b in values))
    add(*some(150, (f"{a} {x} not {b} {y} {c}" for a in values for x in ("and", "or") for b in values for y in ("and", "or") for c in values)))
    add(*(f"'yes' if {a} else 'no'" for a in values))
    add("1 if 0 else 2 if 0 else 3", "(1 if 1 else 2) if 0 else 3", "[1 if x else 2 for x in (0, 1)]", "1 if 1 else 1 // 0", "0 and 1 // 0", "1 or 1 // 0")
    add("not 1 == 2", "not (1 and 0)", "-1 if not [] else 1", "1 + 2 if 1 else 3 * 4", "0 or not 0 and 5")


def precedence():
    operators = ["+", "-", "*", "/", "//", "%", "|", "^", "&", "<<", ">>", "<", "==", "!=", ">=", "and", "or"]
    add(*some(700, (f"{a} {x} {b} {y} {c} {z} 5" for a in (1, -9) for x in operators for b in (2, 6) for y in operators for c in (3, 4) for z in operators)))
    add("-2 + 3", "- 2 * 3", "--2", "-+~2", "not not 0", "2 - -2", "~2 & 3", "1 - 2 - 3", "100 / 10 / 2", "2 * 3 % 4", "-7 // 2 * 2")


def subscripts():
    bounds = ["", "0", "1", "-1", "3", "-3", "9", "-9", "None", "True"]
    steps = ["", "1", "2", "-1", "-2", "5", "None", "0"]
    for text in ("'abcdef'", "'a😀é\\n'", "[1, 2, 3, 4, 5]", "(1, 2, 3)", "''"):
        add(*some(110, (f"{text}[{a}:{b}:{c}]" for a in bounds for b in bounds for c in steps)))
        add(*(f"{text}[{a}:{b}]" for a in bounds[:6] for b in bounds[:6]))
        add(*(f"{text}[{i}]" for i in ("0", "-1", "2", "-9", "9", "True", "1.0", "'a'", "None")))
    add("{'a': 1}['a']", "{'a': 1}['b']", "{1: 'x'}[1.0]", "{(1, 2): 3}[1, 2]", "{}[[]]", "5[0]", "None['a']", "[[1, 2], [3]][0][1]", "'abc'[1:][0]")
    add("[1, 2, 3][99999999999999999999:]", "'abc'[-99999999999999999999:99999999999999999999]", "'abc'['a':]", "{1}[0]", "[1][1.5:]")


def literals():
    add("0x1F", "0XfF", "0b101", "0o17", "1_000", "0", "00", "1.", ".5", "1e3", "1E-3", "1_0.0_1", "1e400", "5e-324", "123456789012345678901234567890")
    add("'a' 'b'", "'a' \"b\" '''c'''", "r'\\n'", "'\\x41\\u00e9\\U0001F600'", "'\\101\\0'", "'\\\\ \\' \\\" \\a\\b\\f\\n\\r\\t\\v'", "'\\q'", "u'é'", "R'a\\'b'", "''''''", "'''a'b\"c'''")
    add("[]", "[1,]", "()", "(1,)", "(1)", "1, 2", "1,", "{}", "{'a': 1,}", "{1,}", "[[], [[]]]", "{'a': {'b': []}}", "None", "True", "[None, True, False]")
    add("{'b': 1, 'a': 2, 'b': 3}", "{1: 'a', True: 'b', 1.0: 'c'}", "{None: 1, (1, 2): 2}", "{[1]: 2}", "{0.1: 1, 0.1: 2}")
    add(*(f"({quote}{inner}{quote})" for quote in ("'", '"') for inner in ("\\x7f", "\\x85", "\\xa0", "\\xad", "\\u2028", "\\ufeff", "\\u200b", "\\ue000", "\\U000e0001", "\\u0378", "ü", "\\'", '\\"', "\\'\\\"", "\\t\\x00\\x1f")))


def floats():
    add("0.1 + 0.2", "1e16", "1e15", "123456789012345680.0", "1e22", "1e-4", "1e-5", "0.00001234", "-0.0", "1/3", "2/3", "1e100", "1.7976931348623157e308", "2.5e-308", "100.0", "1e5", "0.1", "1e21", "123456.789e3")
    for _ in range(250):
        number = RANDOM.choice((1, -1)) * RANDOM.random() * 10.0 ** RANDOM.randint(-25, 25)
        add(repr(number), f"round({number!r}, {RANDOM.randint(-4, 12)})", f"round({number!r})", f"int({number!r})")
    for _ in range(80):
        tie = RANDOM.randint(-2000, 2000) / 8
        add(f"round({tie!r})", f"round({tie!r}, {RANDOM.randint(0, 2)})", f"'{{:.{RANDOM.randint(0, 2)}f}}'.format({tie!r})", f"'%.{RANDOM.randint(0, 3)}f' % {tie!r}")
    for _ in range(120):
        a, b = (RANDOM.choice((1, -1)) * round(RANDOM.random() * 10 ** RANDOM.randint(-3, 6), RANDOM.randint(0, 3)) for _ in "ab")
        add(f"{a!r} // {b!r}", f"{a!r} % {b!r}", f"{int(a)} // {int(b) or 1}", f"{int(a)} % {int(b) or 3}", f"divmod({a!r}, {int(b) or 7})", f"{int(a * 1e15)} / {int(b * 1e3) or 3}")
    add("12345678901234567890 / 3", "10000000000000000000000 / 10", "(1 << 2000) / (1 << 1999)", "(1 << 2000) / 3", "(1 << 2000) * 1.0", "float(1 << 2000)", "1 / (1 << 2000)")
    add("float('1_000')", "float(' 1.5\\n')", "float('infinity')", "float('-nan')", "float('.')", "float('1e5')", "float('0x1')", "float('')", "float(None)", "float([])")


def texts():
    samples = ["''", "'a'", "'Hello World'", "'hELLO wORLD'", "' a  b '", "'a,b,,c'", "'x1'", "'123'", "'é😀ß'", "'they\\'re bill\\'s'", "'A B'", "'\\t\\n'", "'ǅ'", "'²'", "'٣'", "'½'", "'Ⅷ'", "'a\\x1cb'", "'\\u3000'", "'İ'", "'ΑΣ'"]
    for name in ("upper", "lower", "casefold", "capitalize", "title", "swapcase", "strip", "split", "isdigit", "isnumeric", "isdecimal", "isalpha", "isalnum", "isspace", "isupper", "islower", "istitle", "isascii", "isprintable", "isidentifier", "splitlines", "expandtabs"):
        add(*(f"{each}.{name}()" for each in samples))
    for each in ("' a  b c '", "'a,b,,c'", "'aXXbXXc'", "''", "',,'", "'a\\n b\\tc'"):
        for name in ("split", "rsplit"):
            add(*(f"{each}.{name}({args})" for args in ("','", "None", "' '", "'XX'", "',', 1", "None, 1", "None, 0", "',', 0", "',', -1", "sep=','", "maxsplit=1", "'XX', maxsplit=1", "sep=None, maxsplit=2", "''", "5", "',', 'x'")))
        add(*(f"{each}.{name}({args})" for name in ("partition", "rpartition") for args in ("','", "'XX'", "' '", "''", "1", "")))
    for each in ("'xxabcxx'", "' \\n a\\t'", "'😀a😀'", "''"):
        add(*(f"{each}.{name}({args})" for name in ("strip", "lstrip", "rstrip") for args in ("", "'x'", "'xa'", "None", "'😀'", "''", "1")))
        add(*(f"{each}.{name}({args})" for name in ("removeprefix", "removesuffix") for args in ("'xx'", "''", "'xxabcxxx'", "None")))
    for each in ("'banana'", "'a😀a😀'", "''"):
        subs = ["'a'", "'an'", "''", "'x'", "'😀'", "'banana'"]
        add(*(f"{each}.{name}({sub})" for name in ("find", "rfind", "index", "rindex", "count", "startswith", "endswith") for sub in subs + ["1", ""]))
        add(*some(260, (f"{each}.{name}({sub}, {a}, {b})" for name in ("find", "rfind", "count", "startswith", "endswith") for sub in subs for a in ("0", "1", "-2", "9", "None") for b in ("2", "-1", "9", "None"))))
        add(*(f"{each}.{name}({sub}, 1)" for name in ("find", "rfind", "count", "startswith", "endswith") for sub in subs))
    add("'abc'.startswith(('x', 'a'))", "'abc'.endswith(())", "'abc'.startswith(['a'])", "'aaa'.count('aa')")
    for each in ("'aXbXcX'", "'aaa'", "''", "'é😀'"):
        add(*(f"{each}.replace({args})" for args in ("'X', '-'", "'a', ''", "'', '-'", "'', '-', 2", "'a', 'bb', 1", "'a', 'b', 0", "'a', 'b', -1", "'', '', 1", "'X'", "1, 2")))
    add(*(f"{each}.join({items})" for each in ("','", "''", "'😀'") for items in ("['a', 'b']", "[]", "('x',)", "'abc'", "{'k': 1, 'l': 2}", "[1]", "5", "(str(x) for x in [1, 2])", "['a', None]")))
    for name in ("ljust", "rjust", "center", "zfill"):
        add(*(f"{each}.{name}({width})" for each in ("'a'", "'ab'", "'-5'", "'+7'", "'😀'", "''", "'--5'") for width in ("0", "1", "4", "5", "-3", "'a'")))
        if name != "zfill":
            add(*(f"{each}.{name}({args})" for each in ("'a'", "'ab'") for args in ("4, '*'", "5, '😀'", "3, ''", "3, 'xy'", "3, 1")))
    add("'a\\tb'.expandtabs(4)", "'\\t'.expandtabs(0)", "'ab\\tc\\n\\td'.expandtabs()", "'a\\r\\nb\\n\\nc'.splitlines()", "'a\\r\\nb\\n'.splitlines(True)", "'a\\x0bb\\x1cc\\u2028d\\n'.splitlines()")
    add("'x'.foo()", "'x'.foo", "'a'.upper(1)", "(1).upper()", "None.strip()", "[1].get(0)", "'abc'.split(',')[0].upper().lower()")
    add("len('é😀')", "len('')", "ord('😀')", "chr(128512)", "chr(-1)", "ord('ab')", "ord('')", "chr(1114112)")
    add("'{a} {b}'.format_map({'a': 1, 'b': 'x'})", "'{a}'.format_map({})")


def formats():
    values = ["0", "5", "-42", "1234567", "3.14159", "-0.5", "1234567.891", "1e20", "1e-7", "float('inf')", "float('nan')", "True", "'abc'", "'é😀'", "0.0", "100.0", "12345678901234567890"]
    specs = [f"{align}{sign}{alt}{zero}{width}{group}{precision}{kind}" for align in ("", "<", ">", "^", "=", "*<", "0>", "😀^") for sign in ("", "+", " ", "-") for alt in ("", "#") for zero in ("", "0") for width in ("", "8", "3") for group in ("", ",", "_") for precision in ("", ".0", ".2", ".10") for kind in ("", "d", "f", "F", "e", "E", "g", "G", "x", "X", "o", "b", "%", "s", "n", "c", "q")]
    likely = [each for each in specs if "n" not in each]
    add(*(f"'{{:{spec}}}'.format({value})" for spec, value in zip(RANDOM.sample(likely, 1500), itertools.cycle(values))))
    for kind in ("", "d", "f", "e", "g", "%", "x", "s", ",", ".2f", "08.3f", ",.2f", "+d", "5", "<5", "05", ".3", "_", "#x", "c", ".0%", ".1%", "_x", ",.0f", "#b", "+,", " .1e", "#.0f", "#g", ".0e", "010,", "^10.1%"):
        add(*(f"'{{:{kind}}}'.format({value})" for value in values))
    add("'{} {}'.format(1, 2)", "'{1} {0}'.format(1, 2)", "'{a}{a}'.format(a=1)", "'{} {0}'.format(1)", "'{}'.format()", "'{x}'.format(y=1)", "'{'.format()", "'}'.format()", "'{{}}'.format()", "'{{{}}}'.format(1)", "'{!r} {!s}'.format('a', 'b')", "'{!r:>6}'.format('a')", "'{:{}}'.format(1, 5)", "'{:{w}.{p}f}'.format(3.14159, w=8, p=2)", "'{0:{1}}'.format('a', 4)", "'{!x}'.format(1)", "'{!a}'.format('é')", "'{:}'.format('a')", "'{}'.format([1, 'a'])", "'{:>5}'.format([1])", "'{}'.format(None)", "'{:5}'.format(None)", "'{}'.format(x for x in [])[:0]", "'{:,}'.format(-1234.5)", "'{:06.2f}'.format(-3.14159)", "'{:<06d}'.format(7)", "'a{}b'.format('{}')")
    percents = [f"%{flags}{width}{precision}{kind}" for flags in ("", "-", "0", "+", " ", "-0", "+0", "#") for width in ("", "6", "2") for precision in ("", ".0", ".2", ".") for kind in "dioxXeEfFgGsruc%"]
    add(*(f"'{spec}' % ({value},)" for spec, value in zip(RANDOM.sample(percents, 330), itertools.cycle(["7", "-42", "3.75", "1234567.8", "'ab'", "0", "True", "65"]))))
    add("'%s' % 'a'", "'%s %s' % (1, 2)", "'%s' % (1, 2)", "'%s %s' % 1", "'%(a)s %(b)d' % {'a': 1, 'b': 2}", "'%(x)s' % {'a': 1}", "'%(x)s' % 1", "'%%'  % ()", "'a' % ()", "'a' % 1", "'a' % [1]", "'a' % {}", "'%d' % 'a'", "'%d' % 3.9", "'%x' % 3.5", "'%q' % 1", "'%' % 1", "'%s' % [1, 2]", "'%s' % ((1, 2),)", "'%*d' % (5, 42)", "'%.*f' % (2, 3.14159)", "'%-*d|' % (5, 42)", "'%5s|%-5s|' % ('a', 'b')", "'%.2s' % 'abc'", "'%c%c' % ('a', 98)", "'%ld' % 5", "'%r' % 'a'", "'%a' % 'é'", "'%i %u' % (1, 2)", "'100%%' % ()", "'%s' % None", "'%05s' % 'a'", "'%s' % {'a': 1}", "'%e' % 12345", "'%g' % 1e10", "'%f' % float('nan')", "'%+f' % float('inf')", "'%d' % float('inf')")


def collections():
    add("[1, 2, 3].index(2)", "[1].index(5)", "[1, 1.0, True].count(1)", "(1, 2).index(2)", "(1,).count(1)", "[3, 1, 2].index(2, 1)", "[1, 2, 1].index(1, 1)", "[1, 2].index(1, 1, 2)")
    for call in ("append(9)", "extend([8, 9])", "extend('ab')", "extend(5)", "insert(0, 9)", "insert(-1, 9)", "insert(99, 9)", "insert(-99, 9)", "pop()", "pop(0)", "pop(-2)", "pop(9)", "remove(1)", "remove(7)", "reverse()", "clear()", "sort()", "sort(reverse=True)", "copy()", "append()", "append(1, 2)", "insert(1)", "foo()", "index(2)", "count(1)", "sort(key=str)"):
        add(f"[(x.{call}, x) for x in [[3, 1, 2]]]")
    add("[x.pop() for x in [[]]]", "[x.sort() for x in [[1, 'a']]]")
    for call in ("get('a')", "get('z')", "get('z', 0)", "get()", "get(['a'])", "pop('a')", "pop('z')", "pop('z', None)", "pop('z', 5)", "setdefault('a', 9)", "setdefault('z')", "setdefault('z', 9)", "update({'b': 5, 'c': 6})", "update(d=7)", "update([('e', 8)])", "update([1])", "clear()", "copy()", "popitem()", "foo()"):
        add(f"[(d.{call}, d) for d in [{{'a': 1, 'b': 2}}]]")
    add("list({'b': 1, 'a': 2}.items())", "list({'b': 1, 'a': 2}.keys())", "list({'b': 1, 'a': 2}.values())", "sorted({'b': 1, 'a': 2})", "list({'b': 1, 'a': 2})", "'b' in {'b': 1}.keys()", "len({'a': 1}.items())", "{'a': 1} | {'b': 2, 'a': 3}", "dict(a=1, b=2)", "dict([('a', 1)], b=2)", "dict({'x': 1})", "dict()", "dict([1])", "dict(5)", "{k: v for k, v in {'a': 1}.items()}", "{'a': 1}.get('b') or 'x'", "dict(zip('ab', [1, 2]))", "{'get': 1}['get']", "{'__proto__': 1, 'constructor': 2}")
    for call in ("add(9)", "discard(1)", "discard(7)", "remove(1)", "remove(7)", "union([5])", "intersection([1, 7])", "difference([1])", "symmetric_difference([1, 9])", "issubset([1, 2, 3])", "issuperset([1])", "isdisjoint([5])", "update([7])", "clear()", "copy()"):
        add(f"[(sorted(r) if r.__class__ == set else r, sorted(s)) for s in [{{1, 2}}] for r in [s.{call}]]".replace("r.__class__ == set", "isinstance(r, set)"))
    add("sorted({3, 1} | {2})", "sorted({1, 2} & {2, 3})", "sorted({1, 2} - {2})", "sorted({1, 2} ^ {2, 3})", "{1} == {1.0}", "set()", "{1}", "set([])", "{1} | [2]", "set('aab') == {'a', 'b'}", "{[1]}", "set([[1]])", "len({1, 1.0, True})")
    add("[1] + [2]", "(1,) + (2,)", "[1] + (2,)", "[1] + 'a'", "[[1] * 2] * 2", "tuple([1])", "tuple('ab')", "list((1, 2))", "list('é😀')", "list(5)", "tuple()", "list()")


def comprehensions():
    add("[x * 2 for x in range(4)]", "[x for x in 'abc' if x != 'b']", "[(x, y) for x in (1, 2) for y in 'ab']", "[x for x in range(9) if x % 2 if x > 3]", "{x: x * x for x in range(3)}", "sorted({x % 3 for x in range(9)})", "sum(x for x in [1, 2])", "','.join(str(x) for x in range(3))", "[[y for y in range(x)] for x in range(3)]", "[a + b for a, b in [(1, 2), (3, 4)]]", "[a for (a, (b, c)) in [(1, (2, 3))]]", "[x for x in 5]", "[a for a, b in [(1,)]]", "[a for a, b in [(1, 2, 3)]]", "[a for a, in [(1,), (2,)]]", "any(x > 2 for x in [1, 3])", "all(x for x in [])", "[x if x else 'z' for x in (0, 1)]", "[k + str(v) for k, v in {'a': 1, 'b': 2}.items()]", "{k: [v] for k, v in [('a', 1)]}", "[i for i in range(3) for i in range(i)]", "max(len(x) for x in ['a', 'bbb'])", "[x for x in [1, 2, 3] if not x == 2]", "[x for x in (1, 2) if x or 1 // 0]", "[x for x in [1] for y in []]")


def builtins():
    add("abs(-5)", "abs(-1.5)", "abs(True)", "abs('a')", "abs(-0.0)", "all([1, 0])", "any([])", "any('')", "divmod(-7, 2)", "divmod(7.5, -2)", "divmod(1, 0)", "divmod(1.0, 0)", "list(enumerate('ab'))", "list(enumerate([1], 5))", "list(enumerate([1], start=-1))", "isinstance(1, int)", "isinstance(True, int)", "isinstance('a', (int, str))", "isinstance(1.0, float)", "isinstance([], (list, tuple))", "isinstance({}, dict)", "isinstance(None, str)", "isinstance(True, bool)", "isinstance(1, bool)", "len([1, 2])", "len({'a': 1})", "len(5)", "len(None)")
    for fn in ("min", "max"):
        add(*(f"{fn}({args})" for args in ("1, 2", "[3, 1, 2]", "'b', 'a'", "'hello'", "[]", "[], default=0", "1, 'a'", "1, 1.0", "True, 1", "[1], [0, 5]", "{'b': 1, 'a': 2}", "5", "(), default=None", "2.5, 1", "")))
    add(*(f"int({args})" for args in ("'42'", "' -7 '", "'+5'", "3.9", "-3.9", "'1_000'", "'1__0'", "'_1'", "'x'", "''", "'3.5'", "None", "[]", "True", "'ff', 16", "'0xff', 16", "'0xff', 0", "'101', 2", "'z', 36", "'8', 8", "'12', 1", "5, 10", "", "float('inf')", "float('nan')", "1e20", "'9' * 30")))
    add(*(f"str({args})" for args in ("", "1", "1.0", "1e16", "True", "None", "[1, 'a']", "(1,)", "{'a': 1}", "'a'", "-0.0", "{1}", "[[], ()]", "12345678901234567890123")))
    add(*(f"repr({args})" for args in ("'a'", "\"it's\"", "'both\\'\"'", "1.0", "[None]", "{'a': ('b',)}")))
    add(*(f"list(range({args}))" for args in ("3", "1, 4", "0, 10, 3", "5, 0, -2", "0", "-3", "3, 1", "1, 2, 0", "1.5", "'a'", "True", "10, 0, -3", "0, -1", "")))
    add("len(range(10))", "3 in range(5)", "range(5)[2]", "list(range(10))[2:5]", "list(reversed([1, 2]))", "list(reversed('ab'))", "list(reversed(5))" , "sorted([3, 1, 2])", "sorted('bca', reverse=True)", "sorted([1, 'a'])", "sorted([(2, 'b'), (1, 'z'), (2, 'a')])", "sorted([[2], [1, 5]])", "sorted({'b': 1, 'a': 2})", "sorted([0.5, True, 0])", "sorted(['a', 'B', 'é', '😀', '\\uffff'])", "sorted(5)", "sorted(['bb', 'a'], key=len)", "sorted([3, -1, 2], key=abs, reverse=True)", "sorted([1.0, 1, True], reverse=True)", "max(['a', 'bbb'], key=len)", "min([-3, 2], key=abs)")
    add("sum([1, 2.5])", "sum([])", "sum([1], 10)", "sum([[1], [2]], [])", "sum(['a'])", "sum('ab')", "sum([0.1] * 3)", "sum([True, True])", "sum(5)", "sum([1], start=5)", "list(zip([1, 2], 'ab'))", "list(zip())", "list(zip([1], []))", "list(zip([1, 2], [3, 4], [5]))", "list(zip(5))", "list(map(int, ['1', '2']))", "list(map(str, (1, None)))", "list(filter(None, [0, 1, '', 'a']))", "list(map(len, ['a', 'bb']))", "list(filter(bool, [0, 2]))", "list(map(max, [1, 5], [3, 2]))")
    add("round(2.5)", "round(3.5)", "round(-2.5)", "round(2.675, 2)", "round(1234, -2)", "round(1250, -2)", "round(1350, -2)", "round(-25, -1)", "round(5)", "round(5, 2)", "round(1.5, None)", "round('a')", "round(float('nan'))", "round(float('inf'), 1)", "round(1e308, -308)", "round(0.5)", "round(1.005, 2)", "round(12345.678, -5)", "round(12345.678, -4)", "round(2.5, ndigits=0)", "round(True)", "round(1e300, 5)", "round(-0.4)", "round(0.05, 1)")


def errors():
    add("1 + 'a'", "'a' + 1", "[1] + 1", "'a' - 'b'", "1 < 'a'", "None > 1", "{} < {}", "[1] < (1,)", "1 // 0", "1 % 0", "1 / 0", "1.0 // 0", "1.0 % 0.0", "[][0]", "''[0]", "{}['a']", "5()", "'a'()", "None.x", "(1).x", "[].x()", "-'a'", "~1.5", "+[]", "int('a')", "float('a')", "'a'.index('b')", "'a'.join(1)", "len(1, 2)", "'a'.split(1)", "[1, 2].remove(3)", "{1: 2}.pop(3)", "'a' in 1", "1 in 'a'", "max()", "(1, 2)[5]", "'a' * 'b'", "[1] * 1.5", "1 << -1", "'%d' % 'x'", "'{}'.format()", "range(1, 2, 0)", "chr(99999999)", "[*1]" if False else "abs(None)", "for_ if 0 else 1", "'abc'['b']", "[1, 2]['a']", "1 & 1.5", "{1: 2} + {3: 4}", "(1, 2) - (1,)", "None + 1", "None[0]", "True.foo", "not_there.x" if False else "'x'.y.z")


def generated():
    """Random nested expressions."""

    def number(depth):
        pick = RANDOM.randint(0, 11 if depth else 2)
        if pick == 0:
            return str(RANDOM.randint(-9, 20))
        if pick == 1:
            return repr(RANDOM.choice((0.5, -1.25, 3.0, 1e3)))
        if pick == 2:
            return RANDOM.choice(("n", "m", "f"))
        if pick <= 5:
            return f"({number(depth - 1)} {RANDOM.choice('+ - * // % /'.split())} {number(depth - 1)})"
        if pick == 6:
            return f"len({RANDOM.choice((text, items))(depth - 1)})"
        if pick == 7:
            return f"{RANDOM.choice(('sum', 'max', 'min'))}({items(depth - 1)})"
        if pick == 8:
            return f"({number(depth - 1)} if {truth(depth - 1)} else {number(depth - 1)})"
        if pick == 9:
            return f"{items(depth - 1)}[{RANDOM.randint(-2, 2)}]"
        if pick == 10:
            return f"int({number(depth - 1)})"
        return f"{text(depth - 1)}.{RANDOM.choice(('count', 'find'))}({text(0)})"

    def text(depth):
        pick = RANDOM.randint(0, 11 if depth else 1)
        if pick == 0:
            return repr(RANDOM.choice(("", "a", "b,c", "Déjà vu", "x" * 3, "42", "%")))
        if pick == 1:
            return RANDOM.choice(("s", "t"))
        if pick == 2:
            return f"({text(depth - 1)} + {text(depth - 1)})"
        if pick <= 4:
            return f"{text(depth - 1)}.{RANDOM.choice(('upper', 'lower', 'strip', 'title', 'capitalize', 'swapcase'))}()"
        if pick == 5:
            bounds = [RANDOM.choice(("", "0", "1", "-1", "2")) for _ in range(2)]
            return f"{text(depth - 1)}[{':'.join(bounds)}]"
        if pick == 6:
            return f"str({RANDOM.choice((number, items, truth))(depth - 1)})"
        if pick == 7:
            return f"{text(0)}.join([str(x) for x in {items(depth - 1)}])"
        if pick == 8:
            return f"'{{}}-{{}}'.format({number(depth - 1)}, {text(depth - 1)})"
        if pick == 9:
            return f"{text(depth - 1)}.replace({text(0)}, {text(0)})"
        if pick == 10:
            return f"({text(depth - 1)} * {RANDOM.randint(0, 3)})"
        return f"d.get({text(0)}, {text(depth - 1)})"

    def items(depth):
        pick = RANDOM.randint(0, 8 if depth else 1)
        if pick == 0:
            return f"[{', '.join(number(0) for _ in range(RANDOM.randint(0, 4)))}]"
        if pick == 1:
            return "l"
        if pick == 2:
            return f"({items(depth - 1)} + {items(depth - 1)})"
        if pick == 3:
            return f"[x * 2 for x in {items(depth - 1)} if x != {number(0)}]"
        if pick == 4:
            return f"{items(depth - 1)}[{RANDOM.choice((':2', '1:', '::-1', '::2', '-1:'))}]"
        if pick == 5:
            return f"sorted({items(depth - 1)})"
        if pick == 6:
            return f"list(range({RANDOM.randint(-1, 5)}))"
        if pick == 7:
            return f"list({{x: {number(0)} for x in {items(depth - 1)}}}.values())"
        return f"[len(y) for y in {text(depth - 1)}.split({RANDOM.choice(('', repr(','), repr('a')))})]"

    def truth(depth):
        pick = RANDOM.randint(0, 6 if depth else 1)
        if pick == 0:
            return RANDOM.choice(("True", "False", "None"))
        if pick == 1:
            return f"{RANDOM.choice((number, text, items))(0)}"
        if pick == 2:
            return f"({number(depth - 1)} {RANDOM.choice('< <= == != > >='.split())} {number(depth - 1)} {RANDOM.choice('< >= =='.split())} {number(0)})"
        if pick == 3:
            return f"({text(0)} in {text(depth - 1)})"
        if pick == 4:
            return f"({truth(depth - 1)} {RANDOM.choice(('and', 'or'))} not {truth(depth - 1)})"
        if pick == 5:
            return f"({number(0)} in {items(depth - 1)})"
        return f"{text(depth - 1)}.{RANDOM.choice(('isdigit', 'isupper', 'isalnum'))}()"

    for _ in range(1600):
        add(RANDOM.choice((number, text, items, truth))(RANDOM.randint(2, 4)))


NAMES = {"n": 7, "m": -3, "f": 2.5, "s": "Hello, World", "t": "", "l": [1, 2, 3], "d": {"a": "x", "b,c": "y"}}


def result(expression):
    try:
        compiled = compile(expression.strip(), "golden", "eval", dont_inherit=True)
    except SyntaxError:
        return "! SyntaxError"
    try:
        # One namespace: names of comprehensions are looked up in the globals.
        return repr(eval(compiled, {**NAMES, "l": [1, 2, 3]}))
    except Exception as error:
        return f"! {type(error).__name__}"


def main():
    import warnings

    warnings.simplefilter("ignore")
    for part in (arithmetic, comparisons, logic, precedence, subscripts, literals, floats, texts, formats, collections, comprehensions, builtins, errors, generated):
        part()
    pairs = {}
    for expression in EXPRESSIONS:
        made = result(expression)
        if len(made) < 400 and " object at 0x" not in made:
            pairs[expression] = made
    lines = ",\n".join(json.dumps([expression, made], ensure_ascii=True) for expression, made in pairs.items())
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "python-golden.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"[\n{lines}\n]\n")
    print(f"{len(pairs)} expressions, {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()
