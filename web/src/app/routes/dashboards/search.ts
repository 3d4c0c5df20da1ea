// What of a dashboard stands in its address: the range, the values of its parameters, and how it is looked at.
import { readRangeText, rangeText } from '@/features/dashboards/time-range.ts'
import type { Chosen } from '@/features/dashboards/tile-call.ts'

export interface DashboardsSearch {
  q?: string
  /** Whether a new one is asked for. */
  create?: true
}

/** Of the page that somebody shares, too. */
export interface ChosenSearch {
  range?: string
  v?: Record<string, string>
}

export interface DashboardSearch extends ChosenSearch {
  edit?: true
  full?: true
}

export function readDashboardsSearch(search: Record<string, unknown>): DashboardsSearch {
  const { q, create } = search
  // A search for digits comes as a number out of the address.
  const text = typeof q === 'string' || typeof q === 'number' ? String(q) : ''
  return { ...(text === '' ? {} : { q: text }), ...(create === true ? { create } : {}) }
}

export function readChosenSearch(search: Record<string, unknown>): ChosenSearch {
  const range = readRangeText(search['range'])
  const values = readValues(search['v'])
  return {
    ...(range === undefined ? {} : { range: rangeText(range) }),
    ...(Object.keys(values).length === 0 ? {} : { v: values }),
  }
}

export function readDashboardSearch(search: Record<string, unknown>): DashboardSearch {
  return {
    ...readChosenSearch(search),
    ...(search['edit'] === true ? { edit: true } : {}),
    ...(search['full'] === true ? { full: true } : {}),
  }
}

/** The choice that an address stands for; what it does not say is the dashboard's own. */
export function chosenOf(search: ChosenSearch, own: Chosen['range']): Chosen {
  return { range: readRangeText(search.range) ?? own, values: search.v ?? {} }
}

export function searchOf(chosen: Chosen): ChosenSearch {
  return { range: rangeText(chosen.range), v: { ...chosen.values } }
}

function readValues(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) =>
      ['string', 'number', 'boolean'].includes(typeof each) ? [[name, String(each)]] : [],
    ),
  )
}
