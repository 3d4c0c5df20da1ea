// JWTs as an attacker writes them: any header, any claims, any key.
import { createHmac } from 'node:crypto'

/** Claims with any of them left out, or of any type. */
export type Claims = Readonly<Record<string, unknown>>

/** A JWT signed by HMAC-SHA256. @param header members beside or instead of `alg` and `typ`. */
export function signJwt(claims: Claims, secret: string, header: Claims = {}): string {
  const body = [{ alg: 'HS256', typ: 'JWT', ...header }, claims].map(encode).join('.')
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`
}

/** A JWT with this text as its signature. */
export function unsignedJwt(claims: Claims, header: Claims, signature = ''): string {
  return `${[header, claims].map(encode).join('.')}.${signature}`
}

/** Unix seconds, so many from now. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1_000) + seconds
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
