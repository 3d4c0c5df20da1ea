// Parameters with which an endpoint answers: what the URL of an example sends.
import type { DeployedPipe, DeploymentMap } from '@sandpiper/deployment'
import { Fault } from '@sandpiper/faults'
import { compilePipe, EVERYTHING, HIDDEN_SECRET, pipeParams } from '@sandpiper/pipes'

import { namedSecrets } from '../../deployments/unknown-secrets.ts'
import { jsonValue, type PipeParam } from '../get-openapi/param-schema.ts'

/** Where the pipe is, and what its caller cannot choose. */
interface Place {
  readonly workspaceId: string
  readonly map: DeploymentMap
  readonly fixed: Readonly<Record<string, unknown>>
}

/**
 * Defaults, else examples. Where the pipe does not go without its other parameters they have a value of their type, which is there to be
 * changed: one behind `{% if defined(x) %}` is left out, and an empty one would be refused.
 */
export function exampleParams(place: Place, pipe: DeployedPipe): [string, string][] {
  const params = paramsOf(place.map, pipe).filter(({ name }) => !(name in place.fixed))
  const known = params.flatMap((param): [string, string][] => {
    const value = param.default ?? param.example
    return value === null || value === undefined ? [] : [[param.name, textOf(value)]]
  })
  if (goesWith(place, pipe, known)) return known
  const names = new Set(known.map(([name]) => name))
  return params.flatMap((param): [string, string][] => {
    const value = known.find(([name]) => name === param.name)
    if (value !== undefined) return [value]
    return param.required && !names.has(param.name) ? [[param.name, sampleOf(param)]] : []
  })
}

function paramsOf(map: DeploymentMap, pipe: DeployedPipe): readonly PipeParam[] {
  try {
    return pipeParams(map, pipe)
  } catch (err) {
    // Deployed before a rule it breaks.
    if (err instanceof Fault) return []
    throw err
  }
}

function goesWith(
  { workspaceId, map, fixed }: Place,
  pipe: DeployedPipe,
  given: readonly (readonly [string, string])[],
): boolean {
  const params = { ...Object.fromEntries(given), ...fixed }
  const secrets = new Map(namedSecrets(map).map(({ name }) => [name, HIDDEN_SECRET]))
  try {
    compilePipe({ workspaceId, map, params, secrets, authority: EVERYTHING }, { pipe: pipe.id })
    return true
  } catch (err) {
    if (err instanceof Fault) return false
    throw err
  }
}

/** Some value that is taken for a parameter of this type. */
function sampleOf({ type, enum: allowed }: PipeParam): string {
  const [first] = allowed ?? []
  return first === undefined ? sampleOfType(type) : textOf(first)
}

const SAMPLES: readonly [RegExp, string][] = [
  [/^(U?Int|Float|Decimal|float|int)/, '0'],
  [/^bool/i, 'true'],
  [/^DateTime/, '2026-01-01 00:00:00'],
  [/^Date/, '2026-01-01'],
  [/^UUID$/, '00000000-0000-0000-0000-000000000000'],
  [/^JSON$/, '{}'],
]

function sampleOfType(type: string): string {
  const item = /^Array\((.*)\)$/.exec(type)?.[1] ?? type
  return SAMPLES.find(([pattern]) => pattern.test(item))?.[1] ?? 'value'
}

function textOf(value: unknown): string {
  const plain = jsonValue(value)
  if (Array.isArray(plain)) return plain.map(textOf).join(',')
  return typeof plain === 'string' ? plain : JSON.stringify(plain)
}
