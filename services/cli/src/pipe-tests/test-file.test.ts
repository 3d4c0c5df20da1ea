import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { junitXml } from './junit.ts'
import { expectIn, printTestFile, readTestFile } from './test-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tests-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function fileOf(text: string) {
  const path = join(folder, 'p.yaml')
  writeFileSync(path, text)
  return readTestFile(path)
}

test('an update changes what is expected, and no other byte', () => {
  const before = `# about this pipe
- name: one # the first
  description: "quoted: so"
  parameters: a=1&b=x y
  # what it must say
  expected_result: |
    {"a":1}

- name: two
  parameters: ''
  expected_http_status: 400
  expected_result: ''
`
  const { tests, document } = fileOf(before)
  expect(printTestFile(document)).toBe(before)
  const [one, two] = tests
  expectIn(one!.node, { result: '{"a":2}\n{"a":3}\n', status: 200 })
  expectIn(two!.node, { result: '{"error":"no"}\n', status: 404 })
  expect(printTestFile(document)).toBe(
    before
      .replace('    {"a":1}\n', '    {"a":2}\n    {"a":3}\n')
      .replace('400', '404')
      .replace("expected_result: ''", 'expected_result: |\n    {"error":"no"}'),
  )
})

test.each([
  ['- name: a\n- name: a\n', 'two tests are called a'],
  ['- description: x\n', 'has no name'],
  ['a: 1\n', 'is a list of tests'],
  ['- name: a\n  expected_result: [1]\n', 'expected_result is no text'],
  ['- name: "a\n', 'p.yaml'],
])('a file that is no list of tests is refused with its place: %j', (text, message) => {
  expect(() => fileOf(text)).toThrow(message)
})

test('parameters may be an object', () => {
  expect(fileOf('- name: a\n  parameters: {a: 1, b: "x y"}\n').tests[0]?.parameters).toBe(
    'a=1&b=x+y',
  )
})

test('names and rows of others cannot break the XML', () => {
  const file = fileOf('- name: "<&\\"\\u0001"\n')
  const [made] = file.tests
  const diff = [{ kind: 'extra' as const, text: ']]></failure><x a="\u0000"/>' }]
  const actual = { result: '', status: 200 }
  const xml = junitXml([{ file, test: made!, failure: { message: '"<', diff }, actual, ms: 1500 }])
  expect(xml).toContain('name="&lt;&amp;&quot;\ufffd" time="1.500"')
  expect(xml).toContain('+ ]]&gt;&lt;/failure&gt;&lt;x a=&quot;\ufffd&quot;/&gt;')
  expect(xml.match(/<failure/g)).toHaveLength(1)
})
