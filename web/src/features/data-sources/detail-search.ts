// What the address of a data source's page holds: the tab, and how its grid is sorted and filtered.
import { OPERATORS, type RowFilter } from './rows-sql.ts'
import { type Language, LANGUAGES } from './snippets.ts'

const TABS = [
  'data',
  'columns',
  'live',
  'log',
  'storage',
  'quarantine',
  'use',
  'tokens',
  'lineage',
] as const

export type DetailTab = (typeof TABS)[number]

export interface DetailSearch {
  tab?: DetailTab
  sort?: string
  desc?: boolean
  filters?: RowFilter[]
  /** Text that live events must hold. */
  find?: string
  /** Cause of refusals that is open. */
  cause?: string
  /** Of the storage's chart. */
  range?: '1d' | '30d'
  /** Of the snippet. */
  lang?: Language | undefined
}

const FILTERS_MAX = 20

export function readDetailSearch(search: Record<string, unknown>): DetailSearch {
  const { tab, sort, desc, filters, find, cause, range, lang } = search
  const read = Array.isArray(filters) ? filters.filter(isFilter).slice(0, FILTERS_MAX) : []
  return {
    ...(TABS.includes(tab as DetailTab) ? { tab: tab as DetailTab } : {}),
    ...(typeof sort === 'string' ? { sort } : {}),
    ...(desc === true ? { desc } : {}),
    ...(read.length === 0 ? {} : { filters: read }),
    ...(typeof find === 'string' && find !== '' ? { find } : {}),
    ...(typeof cause === 'string' ? { cause } : {}),
    ...(range === '30d' ? { range } : {}),
    ...(LANGUAGES.some(({ id }) => id === lang) ? { lang: lang as Language } : {}),
  }
}

function isFilter(value: unknown): value is RowFilter {
  if (typeof value !== 'object' || value === null) return false
  const { c, o, v } = value as Partial<Record<string, unknown>>
  return (
    typeof c === 'string' && typeof v === 'string' && OPERATORS.some((each) => each.value === o)
  )
}
