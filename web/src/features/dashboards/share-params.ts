// What can be fixed in a link, and which endpoints a fixed value does not reach.
import type { Dashboard } from '@sandpiper/contracts'

import type { EndpointDescription, EndpointParam } from '@/lib/endpoints/endpoint-description.ts'
import { type ParamValues, sentParams } from '@/lib/endpoints/call-endpoint.ts'

/** Every parameter that one of the endpoints takes, each once. */
export function shareableParams(
  endpoints: readonly EndpointDescription[],
): readonly EndpointParam[] {
  const byName = new Map<string, EndpointParam>()
  for (const param of endpoints.flatMap(({ params }) => params))
    if (!byName.has(param.name)) byName.set(param.name, { ...param, defaultText: undefined })
  return [...byName.values()]
}

/** Names of the endpoints that lack one of the fixed parameters: they show everybody's rows. */
export function withoutFixedParam(
  endpoints: readonly EndpointDescription[],
  fixed: ParamValues,
): readonly string[] {
  const names = Object.keys(sentParams(fixed))
  return endpoints
    .filter(({ params }) => !names.every((name) => params.some((param) => param.name === name)))
    .map(({ name }) => name)
}

/** Parameters of the dashboard that the viewer can choose at all: a fixed one is none of them. */
export function visibleParameters(
  parameters: Dashboard['parameters'],
  endpoints: readonly EndpointDescription[],
): Dashboard['parameters'] {
  const free = new Set(endpoints.flatMap(({ params }) => params.map(({ name }) => name)))
  return parameters.filter(({ name }) => free.has(name))
}
