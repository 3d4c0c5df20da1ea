import type { NodeParameterBody } from '@sandpiper/contracts'

import type { EndpointParam } from '@/lib/endpoints/endpoint-description.ts'

/** A parameter of a template as the forms show it. */
export function paramOf(found: NodeParameterBody): EndpointParam {
  const { name, type, required, description, default: value, enum: allowed, format } = found
  return {
    name,
    kind: kindOf(type),
    type: format === null ? type : `${type} (${format})`,
    required,
    description: description ?? undefined,
    defaultText: value === undefined ? undefined : textOf(value),
    options: allowed === null || allowed.length === 0 ? undefined : allowed.map(textOf),
  }
}

function kindOf(type: string): EndpointParam['kind'] {
  if (/^Array/.test(type)) return 'list'
  if (/^bool/i.test(type)) return 'boolean'
  if (/^(?:U?Int|Float|int|float|Integer)/.test(type)) return 'number'
  return type === 'Date' ? 'date' : 'text'
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(',')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
