import { usageError } from './cli-error.ts'

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** `90s`, `30m`, `1h`, `7d` in milliseconds. @param name of the option. @throws CliError. */
export function readDuration(name: string, text: string): number {
  const match = /^([0-9]{1,6})([smhd])$/.exec(text)
  const unit = UNITS[match?.[2] ?? '']
  if (unit !== undefined) return Number(match?.[1]) * unit
  throw usageError(`--${name} ${text}: write 90s, 30m, 1h or 7d.`)
}
