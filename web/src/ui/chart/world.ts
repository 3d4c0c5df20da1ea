// The countries of the world as shapes, from Natural Earth, cut for a flat map.
import { feature } from 'topojson-client'
import atlas from 'world-atlas/countries-50m.json'

import { cutRing, type Ring } from './cut-rings.ts'

interface Country {
  /** Numeric ISO code; disputed areas have none. */
  id?: string
  properties: { name: string }
  geometry:
    | { type: 'Polygon'; coordinates: readonly Ring[] }
    | { type: 'MultiPolygon'; coordinates: readonly (readonly Ring[])[] }
}

/** It goes around the pole, which no flat map shows, and sends no rows. */
const ANTARCTICA = '010'

// What JSON imports are typed as is wider than what the library takes.
const all = feature(atlas as never, atlas.objects.countries as never) as unknown as {
  features: readonly Country[]
}
const countries = all.features.filter(({ id }) => id !== ANTARCTICA)

const keyOf = ({ id, properties }: Country): string => id ?? properties.name

/** Each shape is known by its numeric ISO code; those without one, by their name. */
export const WORLD = {
  type: 'FeatureCollection' as const,
  features: countries.map((country) => ({
    type: 'Feature' as const,
    properties: { name: keyOf(country) },
    geometry: { type: 'MultiPolygon' as const, coordinates: polygonsOf(country) },
  })),
}

/** Numeric ISO code by the name in lower case. */
export const CODE_BY_NAME: ReadonlyMap<string, string> = new Map(
  countries.map((country) => [country.properties.name.toLowerCase(), keyOf(country)]),
)

/** The name by numeric ISO code. */
export const NAME_BY_CODE: ReadonlyMap<string, string> = new Map(
  countries.map((country) => [keyOf(country), country.properties.name]),
)

function polygonsOf({ geometry }: Country): readonly (readonly Ring[])[] {
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  return polygons.flatMap((rings) => {
    const [outer = [], ...holes] = rings
    const parts = cutRing(outer)
    // None of those that are cut has a hole.
    return parts.length === 1 ? [[...parts, ...holes]] : parts.map((part) => [part])
  })
}
