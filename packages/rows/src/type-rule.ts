// The words of value conversion, shared by every kind of type.

/** JSON text in, JSON text for the engine out; null when the value is not one of the type. Never given `null`. */
export type Convert = (text: string) => string | null

/** How a type's values are taken. */
export interface TypeRule {
  readonly convert: Convert
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
