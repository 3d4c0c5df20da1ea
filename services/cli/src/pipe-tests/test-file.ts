// tests/<pipe>.yaml: read, and written back with everything that people put there.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isMap, isSeq, parseDocument, Scalar, type Document, type YAMLMap } from 'yaml'
import { CliError } from '../cli-error.ts'

/** One entry of a file. */
export interface PipeTest {
  readonly name: string
  readonly description: string
  /** As they stand in a URL, but for characters that only a URL escapes. */
  readonly parameters: string
  /** NDJSON; of an answer that is no 200 its body, or nothing. */
  readonly expected: string
  readonly expectedStatus: number
  readonly node: YAMLMap
}

export interface TestFile {
  readonly path: string
  readonly pipe: string
  readonly tests: readonly PipeTest[]
  readonly document: Document
}

const YAML = /\.ya?ml$/

/** The files of a project, or those that were named. @throws CliError for one that cannot be read or is no list of tests. */
export function readTestFiles(folder: string, named: readonly string[]): TestFile[] {
  if (named.length > 0) return named.map(readTestFile)
  const tests = join(folder, 'tests')
  return namesIn(tests).map((name) => readTestFile(join(tests, name)))
}

export function readTestFile(path: string): TestFile {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new CliError(`the test file ${path} cannot be read.`)
  }
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined) throw new CliError(`${path}: ${error.message}`)
  const { contents } = document
  if (contents !== null && !isSeq(contents))
    throw new CliError(`${path}: a test file is a list of tests, each with a name.`)
  const items = contents === null ? [] : contents.items
  const tests = items.map((item, index) => {
    if (!isMap(item)) throw new CliError(`${path}: test ${index + 1} is no object.`)
    return testOf(path, index, item)
  })
  const twice = tests.find(({ name }, at) => tests.findIndex((other) => other.name === name) < at)
  if (twice !== undefined) throw new CliError(`${path}: two tests are called ${twice.name}.`)
  return { path, pipe: basename(path).replace(YAML, ''), tests, document }
}

/** What a test file should say of an answer. */
export interface Expectation {
  readonly result: string
  readonly status: number
}

/** Writes what is expected into a test, and touches nothing else of it. */
export function expectIn(node: YAMLMap, { result, status }: Expectation): void {
  const scalar = new Scalar(result)
  scalar.type = result === '' ? Scalar.QUOTE_SINGLE : Scalar.BLOCK_LITERAL
  const before = node.get('expected_result', true)
  if (before?.comment) scalar.comment = before.comment
  node.set('expected_result', scalar)
  if (status !== 200 || node.has('expected_http_status')) node.set('expected_http_status', status)
}

/** The text of a file as it should be on disk. */
export function printTestFile(document: Document): string {
  return document.toString({ lineWidth: 0 })
}

function testOf(path: string, index: number, node: YAMLMap): PipeTest {
  const { name, description, parameters, expected_result, expected_http_status } =
    node.toJSON() as Record<string, unknown>
  const place = `${path}: test ${typeof name === 'string' ? name : index + 1}`
  if (typeof name !== 'string' || name === '') throw new CliError(`${place} has no name.`)
  const status = expected_http_status ?? 200
  if (typeof status !== 'number') throw new CliError(`${place}: expected_http_status is no number.`)
  if (typeof (expected_result ?? '') !== 'string')
    throw new CliError(
      `${place}: expected_result is no text. Write it as a block: expected_result: |`,
    )
  return {
    name,
    description: typeof description === 'string' ? description : '',
    parameters: parametersOf(place, parameters ?? ''),
    expected: (expected_result ?? '') as string,
    expectedStatus: status,
    node,
  }
}

function parametersOf(place: string, parameters: unknown): string {
  if (typeof parameters === 'string') return parameters.trim().replace(/^\?/, '')
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters))
    throw new CliError(`${place}: parameters are a text like a=1&b=2, or an object.`)
  const entries = Object.entries(parameters).map(([key, value]): [string, string] => [
    key,
    String(value),
  ])
  return new URLSearchParams(entries).toString()
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => YAML.test(name))
      .sort()
  } catch {
    return []
  }
}
