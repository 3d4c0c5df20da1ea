// One test: the endpoint is called, and its answer judged.
import type { AnyAnswer, Client } from '../client.ts'
import { canonicalJson } from '../json-text.ts'
import { inPath } from '../show.ts'
import { diffRows, type DiffLine } from './diff-rows.ts'
import type { Expectation, PipeTest, TestFile } from './test-file.ts'

export interface TestResult {
  readonly file: TestFile
  readonly test: PipeTest
  /** Null when it passed. */
  readonly failure: TestFailure | null
  /** What would have been right to expect. */
  readonly actual: Expectation
  readonly ms: number
}

interface TestFailure {
  readonly message: string
  readonly diff: readonly DiffLine[]
}

/** @param now milliseconds. */
export async function runTest(
  client: Client,
  now: () => number,
  { file, test }: { readonly file: TestFile; readonly test: PipeTest },
): Promise<TestResult> {
  const beganMs = now()
  const actual = await callEndpoint(client, file.pipe, test)
  return { file, test, failure: judge(test, actual), actual, ms: now() - beganMs }
}

/** What an endpoint answers, in the form of a test file. */
export async function callEndpoint(
  client: Client,
  pipe: string,
  { parameters }: { readonly parameters: string },
): Promise<Expectation> {
  const query = parameters.replaceAll('#', '%23')
  const answer = await client.answer(`/v0/pipes/${inPath(pipe)}.ndjson?${query}`)
  return { status: answer.status, result: answer.status === 200 ? answer.text : errorOf(answer) }
}

function judge(test: PipeTest, actual: Expectation): TestFailure | null {
  if (actual.status !== test.expectedStatus) {
    const message = `expected status ${test.expectedStatus}, got ${actual.status}`
    return { message, diff: actual.status === 200 ? [] : [note(actual.result.trim())] }
  }
  // Whoever expects an error need not repeat its text.
  if (actual.status !== 200 && test.expected.trim() === '') return null
  const diff = diffRows(test.expected, actual.result)
  return diff.length === 0 ? null : { message: 'the result is another', diff }
}

/** Only the message: what else comes with an error may change. */
function errorOf({ text }: AnyAnswer): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown }
    return `${canonicalJson(JSON.stringify(typeof error === 'string' ? { error } : JSON.parse(text)))}\n`
  } catch {
    return text
  }
}

function note(text: string): DiffLine {
  return { kind: 'note', text }
}
