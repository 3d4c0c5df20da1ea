// How our functions take their arguments: by position or by name, like Python.
import { TemplateError } from './template-error.ts'
import { isNumeric, plain, typeName, type Value } from './values.ts'

/** Evaluated arguments of one call. */
export interface CallArguments {
  readonly args: readonly Value[]
  readonly keywords: ReadonlyMap<string, Value>
}

/**
 * Puts arguments in the order of `names`; what was not given is undefined.
 * @throws TypeError for too many arguments, for an unknown name (unless it is in `ignored`) and for one given twice.
 */
export function bind(
  call: CallArguments,
  fn: string,
  names: readonly string[],
  ignored: ReadonlySet<string> = NOTHING,
): (Value | undefined)[] {
  if (call.args.length > names.length)
    throw new TemplateError(
      'TypeError',
      `${fn}() takes at most ${String(names.length)} arguments (${String(call.args.length)} given)`,
    )
  const bound: (Value | undefined)[] = names.map((_, index) => call.args[index])
  for (const [name, value] of call.keywords) {
    const index = names.indexOf(name)
    if (index >= 0 && bound[index] !== undefined)
      throw new TemplateError('TypeError', `${fn}() got multiple values for argument '${name}'`)
    if (index >= 0) bound[index] = value
    else if (!ignored.has(name))
      throw new TemplateError('TypeError', `${fn}() got an unexpected keyword argument '${name}'`)
  }
  return bound
}

const NOTHING: ReadonlySet<string> = new Set()

/** The first arguments of a call by position alone. @throws TypeError for fewer than `least`, more than `most`, or a name. */
export function positional(
  { args, keywords }: CallArguments,
  fn: string,
  least: number,
  most: number,
): readonly Value[] {
  const [name] = keywords.keys()
  if (name !== undefined)
    throw new TemplateError('TypeError', `${fn}() got an unexpected keyword argument '${name}'`)
  if (args.length < least)
    throw new TemplateError(
      'TypeError',
      `${fn}() takes at least ${String(least)} argument${least === 1 ? '' : 's'} (${String(args.length)} given)`,
    )
  if (args.length > most)
    throw new TemplateError(
      'TypeError',
      `${fn}() takes at most ${String(most)} argument${most === 1 ? '' : 's'} (${String(args.length)} given)`,
    )
  return args
}

/** A str argument. @throws TypeError. */
export function textOf(value: Value | undefined, fn: string): string {
  const inner = value === undefined ? value : plain(value)
  if (typeof inner !== 'string')
    throw new TemplateError(
      'TypeError',
      `${fn}() argument must be str, not ${inner === undefined ? 'missing' : typeName(inner)}`,
    )
  return inner
}

/** An int argument as a JavaScript number, held within ±2^31. @throws TypeError. */
export function indexOf(value: Value | undefined, fn: string): number {
  const inner = value === undefined ? value : plain(value)
  if (inner === undefined || !isNumeric(inner) || typeof inner === 'number')
    throw new TemplateError(
      'TypeError',
      `${fn}: integer required, not ${inner === undefined ? 'nothing' : typeName(inner)}`,
    )
  const int = BigInt(inner)
  const bound = 2n ** 31n
  return Number(int > bound ? bound : int < -bound ? -bound : int)
}
