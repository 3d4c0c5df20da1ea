import type { ColumnBody } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { createTurns } from '@/lib/turns.ts'

import { profileKind, selectProfile, selectTopValues } from '../profile-sql.ts'
import { dataSourceKeys } from './keys.ts'

export interface ColumnProfile {
  rows: number
  nulls: number
  distinct: number | null
  low: string | null
  high: string | null
  mean: number | null
  /** From, to and rows of each bin; numbers, or seconds since 1970. */
  bins: readonly (readonly [number, number, number])[]
  top: readonly { value: string; rows: number }[]
}

interface ProfileRow extends Partial<Record<'low' | 'high', string | null>> {
  rows: number | string
  nulls: number | string
  distinct?: number | string
  mean?: number | null
  bins?: [number, number, number][]
}

/** Profiles at the same time: a workspace has few places in the engine, and its endpoints need them too. */
const turns = createTurns(2)

/** Computed when a column comes into sight. @param enabled whether it is. */
export function useProfile(table: string, column: ColumnBody, enabled: boolean) {
  const api = useApi()
  return useQuery({
    queryKey: dataSourceKeys.part(api.place, table, 'profile', column.name, column.type),
    queryFn: ({ signal }): Promise<ColumnProfile> =>
      turns(async () => {
        const told = await api.sql<ProfileRow>(selectProfile(table, column), signal)
        const isState = profileKind(column.type) === 'state'
        const top = isState
          ? []
          : (
              await api.sql<{ value: string; rows: number | string }>(
                selectTopValues(table, column),
                signal,
              )
            ).data
        return profileOf(told.data[0], top)
      }),
    enabled,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  })
}

function profileOf(
  row: ProfileRow | undefined,
  top: readonly { value: string; rows: number | string }[],
): ColumnProfile {
  return {
    rows: Number(row?.rows ?? 0),
    nulls: Number(row?.nulls ?? 0),
    distinct: row?.distinct === undefined ? null : Number(row.distinct),
    low: row?.low ?? null,
    high: row?.high ?? null,
    mean: row?.mean ?? null,
    bins: row?.bins ?? [],
    top: top.map(({ value, rows }) => ({ value, rows: Number(rows) })),
  }
}
