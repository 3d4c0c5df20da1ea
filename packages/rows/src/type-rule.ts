// The words of value conversion, shared by every kind of type.

/** JSON text in, JSON text for the engine out; null when the value is not one of the type. Never given `null`. */
export type Convert = (text: string) => string | null

/**
 * Whether the value at `start` to `end` in `text` is already what `convert` would give, told without cutting it out. May be false for such
 * a value, is never true for another. Given sound JSON without spaces around it.
 */
export type IsPlain = (text: string, start: number, end: number) => boolean

/** How a type's values are taken. */
export interface TypeRule {
  readonly convert: Convert
  /** null: only `convert` can tell. */
  readonly isPlain: IsPlain | null
  /** Whether JSON `null` is a value of the type. */
  readonly isNullable: boolean
  /** A column of this type may be left out although it is neither Nullable nor has a DEFAULT: its empty state is its value. */
  readonly isOptional: boolean
}

/** Like rule.convert, for a value that may be `null`. */
export function convertOrNull(rule: TypeRule, text: string): string | null {
  if (text !== 'null') return rule.convert(text)
  return rule.isNullable ? text : null
}
