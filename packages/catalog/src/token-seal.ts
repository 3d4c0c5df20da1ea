// What keeps token values secret at rest: sealed with AES-256-GCM, found again by a keyed hash. Both keys are derived from the
// one secret key by HKDF-SHA256, so neither table content nor one derived key gives away the other.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

import { assert } from '@sandpiper/assert'

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Seals, opens and finds secret texts under one secret key. */
export interface TokenSeal {
  /** @param owner authenticated with the text: what was sealed for one owner does not open for another. */
  seal(text: string, owner: string): Buffer
  /** @throws Error when the key, the owner or the bytes are not those of the sealing. */
  open(sealed: Buffer, owner: string): string
  /** 32 bytes; equal texts give equal hashes, and without the key nobody can compute them. */
  lookup(text: string): Buffer
}

/**
 * Makes the seal of a catalog.
 * @param secretKey at least 32 bytes.
 */
export function createTokenSeal(secretKey: Buffer): TokenSeal {
  assert(secretKey.length >= 32, 'the secret key has at least 32 bytes')
  const sealingKey = deriveKey(secretKey, 'sandpiper catalog: sealing v1')
  const lookupKey = deriveKey(secretKey, 'sandpiper catalog: lookup v1')
  return {
    seal(text, owner) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce).setAAD(Buffer.from(owner))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body])
    },
    open(sealed, owner) {
      const nonce = sealed.subarray(0, NONCE_BYTES)
      const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', sealingKey, nonce, {
        authTagLength: TAG_BYTES,
      })
      decipher.setAAD(Buffer.from(owner)).setAuthTag(tag)
      const body = decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES))
      return Buffer.concat([body, decipher.final()]).toString('utf8')
    },
    lookup: (text) => createHmac('sha256', lookupKey).update(text, 'utf8').digest(),
  }
}

/** Compares two secrets in a time that does not tell where they differ. */
export function isSameSecret(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}

function deriveKey(secretKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secretKey, Buffer.alloc(0), purpose, 32))
}
