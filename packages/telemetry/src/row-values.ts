// What values of rows have in common.

/** What the engine reads as a DateTime. */
export function seconds(unixMs: number): number {
  return Math.max(0, Math.floor(unixMs / 1000))
}

/** A text of at most `max` characters, as it is when it is null. */
export function shortened<Text extends string | null>(text: Text, max: number): Text {
  if (text === null || text.length <= max) return text
  // A cut through a pair of surrogates would leave half a character.
  return text.slice(0, max).replace(/[\uD800-\uDBFF]$/, '') as Text
}
