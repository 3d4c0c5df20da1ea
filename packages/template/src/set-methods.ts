// Methods of set.
import { positional, type CallArguments } from './arguments.ts'
import type { Runtime } from './interpreter.ts'
import { iterate } from './iterate.ts'
import { pyRepr } from './py-text.ts'
import { TemplateError } from './template-error.ts'
import { hashKey, isSubset, set, type PySet, type Value } from './values.ts'

type SetMethod = (receiver: PySet, call: CallArguments, runtime: Runtime) => Value

/** Finds a method of set; undefined when Python has it not or we do not. */
export function setMethod(name: string): SetMethod | undefined {
  return METHODS.get(name)
}

/** A method that takes one item. */
function withItem(
  name: string,
  method: (members: PySet['members'], hash: string, item: Value, runtime: Runtime) => void,
): [string, SetMethod] {
  return [
    name,
    ({ members }, call, runtime) => {
      const [item = null] = positional(call, name, 1, 1)
      method(members, hashKey(item, runtime.budget), item, runtime)
      return null
    },
  ]
}

/** A method that takes one other collection, as a set. */
function withOther(
  name: string,
  method: (one: PySet, other: PySet, runtime: Runtime) => Value,
): [string, SetMethod] {
  return [
    name,
    (receiver, call, runtime) => {
      const [given = null] = positional(call, name, 1, 1)
      runtime.budget.spend(receiver.members.size / 8)
      return method(receiver, set(iterate(given, runtime.budget), runtime.budget), runtime)
    },
  ]
}

const METHODS: ReadonlyMap<string, SetMethod> = new Map<string, SetMethod>([
  withItem('add', (members, hash, item) => {
    if (!members.has(hash)) members.set(hash, item)
  }),
  withItem('discard', (members, hash) => void members.delete(hash)),
  withItem('remove', (members, hash, item, { budget }) => {
    if (!members.delete(hash)) throw new TemplateError('KeyError', pyRepr(item, budget))
  }),
  withOther('union', (one, other, { budget }) =>
    set([...one.members.values(), ...other.members.values()], budget),
  ),
  withOther('intersection', (one, other, { budget }) => set(chosen(one, other, true), budget)),
  withOther('difference', (one, other, { budget }) => set(chosen(one, other, false), budget)),
  withOther('symmetric_difference', (one, other, { budget }) =>
    set([...chosen(one, other, false), ...chosen(other, one, false)], budget),
  ),
  withOther('issubset', (one, other, { budget }) => isSubset(one, other, budget)),
  withOther('issuperset', (one, other, { budget }) => isSubset(other, one, budget)),
  withOther('isdisjoint', (one, other) => chosen(one, other, true).length === 0),
  withOther('update', (one, other) => {
    for (const [hash, item] of other.members)
      if (!one.members.has(hash)) one.members.set(hash, item)
    return null
  }),
  [
    'copy',
    ({ members }, call, { budget }) => {
      positional(call, 'copy', 0, 0)
      return set(members.values(), budget)
    },
  ],
  [
    'clear',
    ({ members }, call) => {
      positional(call, 'clear', 0, 0)
      members.clear()
      return null
    },
  ],
])

function chosen(one: PySet, other: PySet, isIn: boolean): Value[] {
  return [...one.members]
    .filter(([hash]) => other.members.has(hash) === isIn)
    .map(([, each]) => each)
}
