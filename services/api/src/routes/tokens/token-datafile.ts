import type { TokenBody } from '@sandpiper/contracts'

/** A token as text, to be kept beside a project. Its value is never part of it. */
export function tokenDatafile({ name, description, scopes }: TokenBody): string {
  const lines = scopes.map(({ type, resource }) =>
    resource === undefined ? `SCOPE ${type}` : `SCOPE ${type}:${resource}`,
  )
  const about =
    description === ''
      ? []
      : ['', 'DESCRIPTION >', ...description.split(/\r?\n/).map((line) => `    ${line}`)]
  return [`TOKEN ${JSON.stringify(name)}`, ...about, '', ...lines, ''].join('\n')
}
