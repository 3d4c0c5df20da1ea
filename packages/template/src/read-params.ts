// Parameters as callers send them (text, lists, JSON) into our values.
import type { Budget } from './budget.ts'
import type { ParamValues, TemplateParam } from './rendered.ts'
import { readElements, scalarType } from './type-table.ts'
import { dict, list, plain, type Value } from './values.ts'

/**
 * Reads parameters into values. Text of a parameter the template declares as `Array(T)` becomes a list of T beforehand, so
 * that `sum(p)` and `','.join(p)` work; text that is no such list stays text and Array() says why.
 */
export function readParams(
  declared: readonly TemplateParam[],
  params: ParamValues,
  budget: Budget,
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>()
  for (const [name, given] of Object.entries(params)) values.set(name, valueOf(given, budget, 0))
  for (const { name, type } of declared) {
    const value = values.get(name)
    if (typeof value === 'string') values.set(name, arrayOf(value, type, budget))
  }
  return values
}

function arrayOf(text: string, type: string, budget: Budget): Value {
  const element = /^Array\((\w+)\)$/.exec(type)?.[1]
  const scalar = element === undefined ? undefined : scalarType(element)
  if (scalar === undefined) return text
  const made = readElements(scalar, text.split(','), budget)
  return typeof made === 'number' ? text : plain(made)
}

function valueOf(given: unknown, budget: Budget, depth: number): Value {
  budget.visit(depth)
  budget.spend(1)
  if (typeof given === 'string' || typeof given === 'boolean' || typeof given === 'bigint')
    return given
  if (typeof given === 'number') return Number.isSafeInteger(given) ? BigInt(given) : given
  if (typeof given !== 'object' || given === null) return null
  if (Array.isArray(given)) return list(given.map((item) => valueOf(item, budget, depth + 1)))
  return dict(
    Object.entries(given).map(([key, value]) => [key, valueOf(value, budget, depth + 1)] as const),
    budget,
  )
}
