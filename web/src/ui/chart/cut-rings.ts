// Shapes that go over the line of 180 degrees, as globes have them, cut for a flat map: else they are drawn across all of it.

type Point = readonly [lon: number, lat: number]
export type Ring = readonly Point[]

/** The parts of a ring between -180 and 180 degrees: the ring itself where it crosses nothing. */
export function cutRing(ring: Ring): readonly Ring[] {
  const whole = unrolled(ring)
  if (whole.every(([lon]) => lon >= -180 && lon <= 180)) return [ring]
  return [-360, 0, 360]
    .map((shift) => {
      const moved = whole.map(([lon, lat]): Point => [lon + shift, lat])
      return clipped(clipped(moved, 180, 1), -180, -1)
    })
    .filter((part) => part.length >= 4)
}

/** The same ring without jumps: degrees go on beyond 180. */
function unrolled(ring: Ring): Ring {
  let turn = 0
  return ring.map(([lon, lat], at) => {
    const before = ring[at - 1]?.[0] ?? lon
    if (lon - before > 180) turn -= 360
    if (before - lon > 180) turn += 360
    return [lon + turn, lat]
  })
}

/** What of a ring is on one side of a meridian. @param sign 1: west of it, -1: east. */
function clipped(ring: Ring, meridian: number, sign: 1 | -1): Ring {
  const isIn = ([lon]: Point): boolean => (meridian - lon) * sign >= 0
  const kept = ring.flatMap((point, at): Point[] => {
    const before = ring[at - 1] ?? point
    const crossing = isIn(before) === isIn(point) ? [] : [crossingOf(before, point, meridian)]
    return isIn(point) ? [...crossing, point] : crossing
  })
  const [first, last] = [kept[0], kept.at(-1)]
  const isClosed = first === undefined || (first[0] === last?.[0] && first[1] === last[1])
  return isClosed ? kept : [...kept, first]
}

function crossingOf([lon0, lat0]: Point, [lon1, lat1]: Point, meridian: number): Point {
  return [meridian, lat0 + ((lat1 - lat0) * (meridian - lon0)) / (lon1 - lon0)]
}
