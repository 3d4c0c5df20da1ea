// Arrays, maps, tuples and JSON documents: each part is converted by the rule of its own type; one bad part refuses the whole value.
import { JsonScanner } from './json-scanner.ts'
import { convertOrNull, type Convert, type TypeRule } from './type-rule.ts'

/** Array(T): a JSON array whose every element is a T. */
export function arrayConverter(element: TypeRule): Convert {
  return (text) => {
    const elements = elementsOf(text)
    const converted = elements?.map((item) => convertOrNull(element, item))
    return converted === undefined || converted.includes(null) ? null : `[${converted.join(',')}]`
  }
}

/** Map(K, V): a JSON object; its keys are taken as values of K. */
export function mapConverter(key: TypeRule, value: TypeRule): Convert {
  return (text) => {
    const members = membersOf(text)
    if (members === null) return null
    const parts: string[] = []
    for (const [name, item] of members) {
      const convertedKey = key.convert(JSON.stringify(name))
      const convertedValue = convertOrNull(value, item)
      if (convertedKey === null || convertedValue === null) return null
      parts.push(
        `${convertedKey.startsWith('"') ? convertedKey : `"${convertedKey}"`}:${convertedValue}`,
      )
    }
    return `{${parts.join(',')}}`
  }
}

/** Tuple: an array of as many elements, or, when its parts have names, an object with these keys. */
export function tupleConverter(
  parts: readonly { readonly name: string | null; readonly rule: TypeRule }[],
): Convert {
  const isNamed = parts.every((part) => part.name !== null)
  return (text) => {
    const members = isNamed ? membersOf(text) : null
    const items =
      members === null
        ? elementsOf(text)
        : parts.map((part) => members.get(part.name ?? '') ?? 'null')
    if (items?.length !== parts.length) return null
    const converted = parts.map((part, index) => convertOrNull(part.rule, items[index] ?? 'null'))
    if (converted.includes(null)) return null
    if (!isNamed) return `[${converted.join(',')}]`
    return `{${parts.map((part, index) => `${JSON.stringify(part.name)}:${converted[index] ?? ''}`).join(',')}}`
  }
}

/** JSON: an object as it came. Two values at one path ({"a":{"b":1},"a.b":2}) are refused, because the engine refuses the whole batch. */
export function jsonConverter(): Convert {
  return (text) => (text.charCodeAt(0) === 123 && hasUniquePaths(text) ? text : null)
}

function hasUniquePaths(text: string): boolean {
  const paths = new Set<string>()
  const isUnique = (json: string, prefix: string): boolean =>
    pairsOf(json).every(([key, value]) => {
      const path = prefix === '' ? key : `${prefix}.${key}`
      if (value.charCodeAt(0) === 123 && value !== '{}') return isUnique(value, path)
      if (paths.has(path)) return false
      paths.add(path)
      // Objects in an array have paths of their own.
      return (
        elementsOf(value)?.every((item) => item.charCodeAt(0) !== 123 || hasUniquePaths(item)) ??
        true
      )
    })
  return isUnique(text, '')
}

/** The texts of a JSON array's elements; null when the text is no array. @param text sound JSON. */
export function elementsOf(text: string): string[] | null {
  if (text.charCodeAt(0) !== 91) return null
  const elements: string[] = []
  const scanner = new JsonScanner(0)
  scanner.load(text)
  scanner.elements(0, text.length, (start, end) => elements.push(text.slice(start, end)))
  return elements
}

/** Value texts by key; of a key given twice the last counts. null when the text is no object. @param text sound JSON. */
export function membersOf(text: string): Map<string, string> | null {
  return text.charCodeAt(0) === 123 ? new Map(pairsOf(text)) : null
}

function pairsOf(text: string): [key: string, value: string][] {
  const pairs: [string, string][] = []
  const scanner = new JsonScanner(0)
  scanner.load(text)
  scanner.members(0, text.length, (key, start, end) => pairs.push([key, text.slice(start, end)]))
  return pairs
}
