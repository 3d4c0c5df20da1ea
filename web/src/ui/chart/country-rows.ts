// Rows of a result put to the countries of a map.
import type { Chart as ChartSettings } from '@sandpiper/contracts'

import type { SqlColumn } from '@/lib/api-client.ts'

import { isNumeric } from '../cell-text.ts'
import { countryCode } from './countries.ts'

export interface CountryRows {
  /** Column of the values. */
  value: string
  /** By numeric ISO code; rows of one country add up. */
  countries: ReadonlyMap<string, number>
  /** What names no country of the map, as it came, with its values. */
  others: readonly { name: string; value: number }[]
}

/** @param names of the map's countries in lower case, with their codes. @returns null without rows or without a column of numbers. */
export function countryRows(
  {
    meta,
    data,
  }: { meta: readonly SqlColumn[]; data: readonly Readonly<Record<string, unknown>>[] },
  { x, y }: ChartSettings,
  names: ReadonlyMap<string, string>,
): CountryRows | null {
  const country = meta.find(({ name }) => name === x) ?? meta.find(({ type }) => !isNumeric(type))
  const value =
    meta.find(({ name }) => name === y?.[0]) ??
    meta.find(({ name, type }) => isNumeric(type) && name !== country?.name)
  if (country === undefined || value === undefined || data.length === 0) return null
  const known = new Set(names.values())
  const countries = new Map<string, number>()
  const others = new Map<string, number>()
  for (const row of data) {
    const named = row[country.name]
    const text = typeof named === 'string' || typeof named === 'number' ? String(named) : ''
    const amount = Number(row[value.name] ?? 0)
    if (!Number.isFinite(amount)) continue
    const code = countryCode(text, names)
    const [sums, key] = code !== null && known.has(code) ? [countries, code] : [others, text]
    sums.set(key, (sums.get(key) ?? 0) + amount)
  }
  return {
    value: value.name,
    countries,
    others: [...others].map(([name, sum]) => ({ name, value: sum })),
  }
}
