// What a build or a deployment came to, in words.
import type { CliCall } from './cli-call.ts'
import { CliError } from './cli-error.ts'
import type { Body } from './client.ts'
import { json, plain } from './print.ts'
import { objectIn, textIn } from './show.ts'

const KINDS = ['datasource', 'pipe', 'data_connector'] as const
const CHANGES = ['new', 'changed', 'deleted'] as const

/** Prints the answer. @param member `build` or `deployment`. @param where of what alone the words are, when more comes. @throws CliError when it failed. */
export function showDeployResult(call: CliCall, answer: Body, member: string, where = ''): void {
  const { world, isJson } = call
  if (isJson) world.out(json(answer))
  else world.out(linesOf(answer, objectIn(answer, member), where).join(''))
  if (answer['result'] === 'failed')
    throw new CliError(
      isJson || !hasErrors(answer)
        ? `nothing was changed: ${textIn(answer, 'error') || 'the server gave no reason'}`
        : 'nothing was changed.',
    )
}

function hasErrors(answer: Body): boolean {
  return Array.isArray(answer['errors']) && answer['errors'].length > 0
}

function linesOf(answer: Body, inner: Body, where: string): string[] {
  const changes = CHANGES.flatMap((change) =>
    KINDS.flatMap((kind) => {
      const names = inner[`${change}_${kind}_names`]
      return Array.isArray(names)
        ? names.map(
            (name) => `${change.padEnd(8)} ${kind.replace('data_', '')} ${plain(String(name))}\n`,
          )
        : []
    }),
  )
  const feedback = bodiesIn(inner, 'feedback')
    .filter((each) => each['level'] !== 'ERROR')
    .map(
      (each) =>
        `${textIn(each, 'level').toLowerCase().padEnd(8)} ${plain(textIn(each, 'resource'))}: ${plain(textIn(each, 'message'), 1_000)}\n`,
    )
  const errors = bodiesIn(answer, 'errors').map(
    (each) =>
      `error    ${plain(textIn(each, 'filename') || textIn(each, 'resource'))}: ${plain(textIn(each, 'error') || textIn(each, 'message'), 2_000)}\n`,
  )
  const unchanged =
    answer['result'] === 'no_changes' ? [`There is nothing to change${where}.\n`] : []
  return [...changes, ...feedback, ...errors, ...unchanged]
}

function bodiesIn(body: Body, name: string): Body[] {
  const list = body[name]
  return Array.isArray(list) ? (list as Body[]) : []
}
