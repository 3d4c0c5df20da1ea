// What of the endpoints' pages stands in the address. What cannot be read is left out, never an error.
import { readRange, type RangeId } from '@/features/endpoints/ranges.ts'

export interface EndpointsSearch {
  q?: string
  range?: RangeId
}

export const TABS = ['try', 'use', 'openapi', 'performance', 'settings', 'tokens', 'jwt'] as const
type EndpointTab = (typeof TABS)[number]

export interface EndpointSearch {
  tab?: EndpointTab
  params?: Record<string, string>
  format?: string
  look?: 'table' | 'chart' | 'json'
  language?: string
  range?: RangeId
}

export function readEndpointsSearch(search: Record<string, unknown>): EndpointsSearch {
  const range = readRange(search['range'])
  const q = textOf(search['q'])
  return { ...(q === '' ? {} : { q }), ...(range === undefined ? {} : { range }) }
}

export function readEndpointSearch(search: Record<string, unknown>): EndpointSearch {
  const tab = TABS.find((each) => each === search['tab'])
  const range = readRange(search['range'])
  const params = readParams(search['params'])
  const { format, look, language } = search
  return {
    ...(tab === undefined ? {} : { tab }),
    ...(range === undefined ? {} : { range }),
    ...(Object.keys(params).length === 0 ? {} : { params }),
    ...(typeof format === 'string' && /^[a-z]{1,20}$/.test(format) ? { format } : {}),
    ...(look === 'table' || look === 'chart' || look === 'json' ? { look } : {}),
    ...(typeof language === 'string' ? { language } : {}),
  }
}

function readParams(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {}
  const texts = Object.entries(value).map(([name, each]) => [name, textOf(each)] as const)
  return Object.fromEntries(texts.filter(([, text]) => text !== ''))
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
