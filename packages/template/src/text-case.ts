// Cases and classes of characters, as Python's str has them.

import { characters } from './py-text.ts'

/** Digraphs whose first letter alone is upper case in a title. */
const DIGRAPHS: ReadonlyMap<string, string> = new Map(
  ['ǅ', 'ǈ', 'ǋ', 'ǲ'].flatMap((title): [string, string][] => [
    [title, title],
    [title.toUpperCase(), title],
    [title.toLowerCase(), title],
  ]),
)

const CASED = /^\p{Cased}$/u
const UPPER = /^\p{Uppercase}$/u
const LOWER = /^\p{Lowercase}$/u
const TITLE = /^\p{Lt}$/u

/** Python's str.capitalize(). */
export function capitalize(text: string): string {
  return eachCase(text, (character, lower, index) => (index === 0 ? titleLetter(character) : lower))
}

/** Python's str.title(): a word begins at each letter that follows no letter. */
export function titleCase(text: string): string {
  let isInWord = false
  return eachCase(text, (character, lower) => {
    const shown = isInWord ? lower : titleLetter(character)
    isInWord = CASED.test(character)
    return shown
  })
}

/** Python's str.swapcase(). */
export function swapCase(text: string): string {
  return eachCase(text, (character, lower) =>
    UPPER.test(character) ? lower : LOWER.test(character) ? character.toUpperCase() : character,
  )
}

/** Shows each character with its lower case at hand. A sigma is lowered as the whole word asks. */
function eachCase(
  text: string,
  show: (character: string, lower: string, index: number) => string,
): string {
  const all = characters(text)
  const whole = characters(text.toLowerCase())
  const isSame = whole.length === all.length
  return all
    .map((each, index) => show(each, isSame ? (whole[index] ?? '') : each.toLowerCase(), index))
    .join('')
}

function titleLetter(character: string): string {
  const digraph = DIGRAPHS.get(character)
  if (digraph !== undefined) return digraph
  const [first = '', ...rest] = character.toUpperCase()
  return first + rest.join('').toLowerCase()
}

/** Python's str.casefold(), for comparing without case. */
export function casefold(text: string): string {
  return characters(text)
    .map((each) => (each === 'ı' ? each : each.toUpperCase().toLowerCase()))
    .join('')
    .replaceAll('ς', 'σ')
}

/** Python's str.isupper(): letters with case, all of them upper. */
export function isUpper(text: string): boolean {
  return /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text)
}

/** Python's str.islower(): letters with case, all of them lower. */
export function isLower(text: string): boolean {
  return /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text)
}

/** Python's str.istitle(): each word begins with an upper case letter and goes on in lower case. */
export function isTitle(text: string): boolean {
  let [isInWord, hasWord] = [false, false]
  for (const character of text) {
    const isFirst = UPPER.test(character) || TITLE.test(character)
    const isLowerCase = LOWER.test(character)
    if (isFirst ? isInWord : isLowerCase && !isInWord) return false
    hasWord ||= isFirst
    isInWord = isFirst || isLowerCase
  }
  return hasWord
}

/** Digits that are no decimal numbers: superscripts, and numbers in circles and brackets. */
const OTHER_DIGITS =
  '\\xb2\\xb3\\xb9\\u1369-\\u1371\\u19da\\u2070\\u2074-\\u2079\\u2080-\\u2089\\u2460-\\u2468\\u2474-\\u247c\\u2488-\\u2490\\u24ea\\u24f5-\\u24fd\\u24ff\\u2776-\\u277e\\u2780-\\u2788\\u278a-\\u2792'
const DIGITS = new RegExp(`^[\\p{Nd}${OTHER_DIGITS}]+$`, 'u')

/** Python's str.isdigit(). */
export function isDigits(text: string): boolean {
  return DIGITS.test(text)
}

/** Python's str.isnumeric(), without the numerals among Chinese characters. */
export function isNumeric(text: string): boolean {
  return /^\p{N}+$/u.test(text)
}

/** Python's str.isalnum(). */
export function isAlphanumeric(text: string): boolean {
  return /^[\p{L}\p{N}]+$/u.test(text)
}

/** Python's str.isidentifier(). */
export function isIdentifier(text: string): boolean {
  return /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(text)
}
