// `jti` of a JWT that opens a dashboard to whoever has its link. Other values of `jti` are somebody else's and mean nothing here.
const PREFIX = 'sandpiper-share:'

/** The `jti` of the JWT of one link. @param shareId of the catalog. */
export function shareClaim(shareId: string): string {
  return `${PREFIX}${shareId}`
}

/** The link that a JWT says it is of; null when it is of none. Whoever holds it cannot change what it says. */
export function readShareClaim(jti: unknown): string | null {
  return typeof jti === 'string' && jti.startsWith(PREFIX) ? jti.slice(PREFIX.length) : null
}
