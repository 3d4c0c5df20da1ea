// Which country a value names, as rows have it: DE, DEU, 276 or Germany.
import codes from 'i18n-iso-countries/codes.json'

const BY_CODE = new Map(
  codes.flatMap(([alpha2 = '', alpha3 = '', numeric = '']) => [
    [alpha2, numeric] as const,
    [alpha3, numeric] as const,
    [numeric, numeric] as const,
  ]),
)

/** What people call a country otherwise than the map does. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'united states': '840',
  usa: '840',
  uk: '826',
  'czech republic': '203',
  turkiye: '792',
  'north macedonia': '807',
}

/** @param names of the map's countries in lower case, with their numeric ISO codes. @returns the numeric ISO code, or null. */
export function countryCode(value: string, names: ReadonlyMap<string, string>): string | null {
  const text = value.trim()
  const name = text.toLowerCase()
  const code = /^\d{1,3}$/.test(text) ? text.padStart(3, '0') : text.toUpperCase()
  return BY_CODE.get(code) ?? names.get(name) ?? OTHER_NAMES[name] ?? null
}
