// Texts, identifiers, addresses and other scalar values, as the engine takes them.
import type { Convert } from './type-rule.ts'
import { unquoted } from './json-scanner.ts'

/** String: strings as they came; anything else as its JSON text. */
export const toText: Convert = (text) => (text.charCodeAt(0) === 34 ? text : JSON.stringify(text))

/** FixedString(bytes): texts of at most that many UTF-8 bytes; shorter ones are filled with zero bytes by the engine. */
export function fixedStringConverter(bytes: number): Convert {
  return (text) => {
    const json = toText(text)
    return json !== null && Buffer.byteLength(unquoted(json)) <= bytes ? json : null
  }
}

const YES = new Set(['true', 't', 'y', 'yes', 'on', 'enable', 'enabled', '1'])
const NO = new Set(['false', 'f', 'n', 'no', 'off', 'disable', 'disabled', '0'])

/** Bool: true, false, 1, 0, and the words clients use for them, in any case. */
export const toBool: Convert = (text) => {
  const word = (text.charCodeAt(0) === 34 ? unquoted(text) : text).toLowerCase()
  if (YES.has(word)) return 'true'
  return NO.has(word) ? 'false' : null
}

const UUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i

/** UUID, with or without dashes. */
export const toUuid: Convert = (text) => {
  const parts = text.charCodeAt(0) === 34 ? UUID.exec(unquoted(text)) : null
  return parts === null ? null : `"${parts.slice(1).join('-')}"`
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** IPv4 in dotted form. */
export const toIpv4: Convert = (text) => {
  const address = text.charCodeAt(0) === 34 ? unquoted(text) : ''
  return IPV4.test(address) ? `"${address}"` : null
}

/** IPv6; an IPv4 address becomes the IPv6 address it maps to. */
export const toIpv6: Convert = (text) => {
  const address = text.charCodeAt(0) === 34 ? unquoted(text) : ''
  if (IPV4.test(address)) return `"::ffff:${address}"`
  return isIpv6(address) ? `"${address}"` : null
}

/** Enum8 and Enum16: one of the names, or the number of one. @param names number by name. */
export function enumConverter(names: ReadonlyMap<string, string>): Convert {
  const byNumber = new Map([...names].map(([name, number]) => [number, name]))
  return (text) => {
    if (text.charCodeAt(0) !== 34) {
      const name = byNumber.get(text)
      return name === undefined ? null : JSON.stringify(name)
    }
    const value = unquoted(text)
    const name = names.has(value) ? value : byNumber.get(value)
    return name === undefined ? null : JSON.stringify(name)
  }
}

function isIpv6(address: string): boolean {
  const halves = address.split('::')
  if (halves.length > 2 || address.length > 45) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1) ?? ''
  const isMapped = IPV4.test(last)
  const plain = isMapped ? groups.slice(0, -1) : groups
  if (!plain.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false
  const count = plain.length + (isMapped ? 2 : 0)
  return halves.length === 2 ? count < 8 : count === 8
}
