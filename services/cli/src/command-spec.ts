import type { CliCall } from './cli-call.ts'
import { usageError } from './cli-error.ts'

/** One command: a row of the table in all-commands.ts. */
export interface CommandSpec {
  /** Its words, then its arguments: `datasource append <data-source> [file]`. */
  readonly usage: string
  readonly about: string
  /** Other words for it. */
  readonly aliases?: readonly string[]
  readonly options?: readonly OptionSpec[]
  /** At least one, as it is typed behind `sandpiper`. */
  readonly examples: readonly string[]
  run(call: CliCall, args: readonly string[], options: Options): Promise<void>
}

/** Flags, what they do, and the value when they are not given. */
export type OptionSpec = readonly [flags: string, about: string, initial?: string]

/** The options of a call by their long names. */
export interface Options {
  text(name: string): string | undefined
  isOn(name: string): boolean
  /** Whether `--no-<name>` was given. */
  isOff(name: string): boolean
  list(name: string): readonly string[]
  /** @throws CliError when it is no whole number of at least `min`. */
  count(name: string, min: number): number
}

export function readOptions(values: Readonly<Record<string, unknown>>): Options {
  const text = (name: string): string | undefined => {
    const value = values[camelCase(name)]
    return typeof value === 'string' ? value : undefined
  }
  return {
    text,
    isOn: (name) => values[camelCase(name)] === true,
    isOff: (name) => values[camelCase(name)] === false,
    list: (name) => {
      const value = values[camelCase(name)]
      return Array.isArray(value) ? value.map(String) : []
    },
    count: (name, min) => {
      const value = text(name) ?? ''
      if (/^[0-9]{1,9}$/.test(value) && Number(value) >= min) return Number(value)
      throw usageError(`--${name} must be a whole number of at least ${min}, not '${value}'.`)
    },
  }
}

/** `--a=1` as often as wanted, or `k=v` pairs as an object. @throws CliError for a text without `=`. */
export function pairs(name: string, texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw usageError(`--${name} ${text}: write name=value.`)
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
