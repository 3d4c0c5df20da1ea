import { usageError } from './cli-error.ts'

const UNITS: Readonly<Record<string, number>> = {
  ...{ kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 },
  ...{ kib: 1_024, mib: 1_048_576, gib: 1_073_741_824, tib: 1_099_511_627_776 },
}

/**
 * Limits as they are typed: `max_memory_usage=512MB`, `rps=none`. Which names there are the server knows.
 * @throws CliError for a value that is no whole number.
 */
export function readLimits(texts: readonly string[]): Record<string, number | null> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name = '', value = ''] = /^(\w+)=(.+)$/.exec(text) ?? []
      if (name === '') throw usageError(`${text}: write name=value, such as max_rows_to_read=1000.`)
      return [name, value === 'none' ? null : numberOf(name, value)]
    }),
  )
}

function numberOf(name: string, text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,6})?)([a-z]{2,3})?$/i.exec(text) ?? []
  const factor = unit === '' ? 1 : UNITS[unit.toLowerCase()]
  const value = Number(digits) * (factor ?? Number.NaN)
  if (digits !== '' && Number.isSafeInteger(value)) return value
  throw usageError(
    `${name} must be a whole number, with KB, MB, GB, KiB, MiB or GiB where it is bytes, or none; not '${text}'.`,
  )
}
