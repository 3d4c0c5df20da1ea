// The secret key of an installation: given by the operator, or made once and kept in a file only its owner can read.
import { randomBytes } from 'node:crypto'
import { chmod, link, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

const KEY_BYTES = 32

/** Tells the operator in one line what is wrong with the secret key; main prints it and ends with exit code 1. */
export class SecretKeyError extends Error {
  override readonly name = 'SecretKeyError'
}

/**
 * Reads the secret key from a file, or makes it there (mode 0600, 32 random bytes as 64 hexadecimal digits).
 * Two processes starting at once end with the same key; after it resolves the key survives a power cut.
 * @throws SecretKeyError when the file holds anything else: it is never overwritten, for every stored token depends on it.
 */
export async function secretKeyFrom(file: string): Promise<Buffer> {
  const existing = await readKeyFile(file)
  if (existing !== null) return existing
  await writeKeyFile(file, `${randomBytes(KEY_BYTES).toString('hex')}\n`)
  const made = await readKeyFile(file)
  if (made === null)
    throw new SecretKeyError(`The secret key file ${file} vanished while it was made.`)
  return made
}

/**
 * Reads a secret key given as text, e.g. by SANDPIPER_SECRET_KEY: 64 hexadecimal digits, or 32 bytes in base64.
 * @throws SecretKeyError for any other text. The text itself is never repeated.
 */
export function parseSecretKey(text: string): Buffer {
  const trimmed = text.trim()
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return Buffer.from(trimmed, 'hex')
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return Buffer.from(trimmed, 'base64')
  throw new SecretKeyError(
    'The secret key must be 32 bytes, written as 64 hexadecimal digits or in base64 (make one with: openssl rand -hex 32).',
  )
}

async function readKeyFile(file: string): Promise<Buffer | null> {
  try {
    const text = await readFile(file, 'utf8')
    // A copied data directory may have lost its modes.
    await chmod(file, 0o600)
    return parseSecretKey(text)
  } catch (err) {
    if (isCode(err, 'ENOENT')) return null
    if (err instanceof SecretKeyError)
      throw new SecretKeyError(`The secret key file ${file} is damaged. ${err.message}`)
    throw new SecretKeyError(`The secret key file ${file} cannot be read: ${String(err)}`)
  }
}

async function writeKeyFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    // link, unlike rename, fails when another process was first: its key stays.
    await link(draft, file).catch((err: unknown) => {
      if (!isCode(err, 'EEXIST')) throw err
    })
    await syncDirectory(dirname(file))
  } catch (err) {
    throw new SecretKeyError(`The secret key file ${file} cannot be written: ${String(err)}`)
  } finally {
    await rm(draft, { force: true })
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isCode(err: unknown, code: string): boolean {
  return err instanceof Error && 'code' in err && err.code === code
}
