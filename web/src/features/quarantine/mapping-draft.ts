// A mapping as it is edited: per column where the value comes from and what is done to it. Becomes the `mapping` of a request.
import type { HealMapping, HealRule, HealStep, PlainValue } from '@sandpiper/contracts'

export const STEPS = [
  { value: 'trim', label: 'cut spaces at both ends' },
  { value: 'empty_to_null', label: 'empty text becomes NULL' },
  { value: 'number', label: 'text such as 1,234.50 becomes a number' },
  { value: 'text', label: 'anything becomes text' },
  { value: 'epoch_seconds', label: 'seconds since 1970 become a time' },
  { value: 'epoch_milliseconds', label: 'milliseconds since 1970 become a time' },
  { value: 'date', label: 'text in a date format becomes a time' },
  { value: 'values', label: 'these texts become others' },
] as const

export type StepKind = (typeof STEPS)[number]['value']

export interface RuleDraft {
  id: number
  column: string
  from: 'own' | 'path' | 'constant'
  /** The path or the constant. */
  source: string
  step: StepKind | ''
  /** The date format, or `N/A = null` lines. */
  detail: string
  /** '' for none. */
  byDefault: string
}

export function newRule(id: number, column: string): RuleDraft {
  return { id, column, from: 'own', source: '', step: '', detail: '', byDefault: '' }
}

/** Several rules of one column are its steps, in their order. */
export function mappingOf(rules: readonly RuleDraft[]): HealMapping {
  const mapping: HealMapping = {}
  for (const rule of rules) {
    const before: HealRule = Object.hasOwn(mapping, rule.column) ? (mapping[rule.column] ?? {}) : {}
    const steps = [...(before.steps ?? []), ...stepOf(rule)]
    const made: HealRule = {
      ...before,
      ...(rule.from === 'path' && rule.source !== '' ? { path: rule.source } : {}),
      ...(rule.from === 'constant' ? { constant: plainValue(rule.source) } : {}),
      ...(steps.length === 0 ? {} : { steps }),
      ...(rule.byDefault === '' ? {} : { default: plainValue(rule.byDefault) }),
    }
    Object.defineProperty(mapping, rule.column, { value: made, enumerable: true, writable: true })
  }
  return mapping
}

function stepOf({ step, detail }: RuleDraft): HealStep[] {
  if (step === '') return []
  if (step === 'date') return [{ date: detail }]
  if (step === 'values') return [{ values: valuesOf(detail) }]
  return [step]
}

function valuesOf(detail: string): Record<string, PlainValue> {
  const pairs = detail
    .split('\n')
    .map((line) => line.split('='))
    .filter((parts) => parts.length > 1)
    .map(([from = '', ...to]): [string, PlainValue] => [from.trim(), plainValue(to.join('='))])
  return Object.fromEntries(pairs)
}

/** null, true, false and numbers are what they say; beyond 2^53 digits stay text, as the server wants them. */
function plainValue(text: string): PlainValue {
  const value = text.trim()
  if (value === 'null') return null
  if (value === 'true' || value === 'false') return value === 'true'
  const isNumber = /^-?\d{1,15}(?:\.\d{1,6})?$/.test(value)
  return isNumber ? Number(value) : value
}
