import { z } from 'zod'

/** `YYYY-MM-DD HH:MM:SS.ffffff`, UTC: how times look in JSON bodies. Source: Tinybird API reference, read 2026-11. */
export const wireTimeSchema = z.string().regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{6}$/)

/**
 * Writes a time as the wire has it.
 * @param iso ISO-8601 in UTC as Date.toISOString() prints it, e.g. `2026-11-21T12:00:00.123Z`.
 */
export function wireTime(iso: string): string {
  const [, day, time, fraction = ''] =
    /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d+))?Z$/.exec(iso) ?? []
  if (day === undefined || time === undefined)
    throw new TypeError(`not an ISO-8601 UTC time: ${iso}`)
  return `${day} ${time}.${fraction.padEnd(6, '0').slice(0, 6)}`
}
