import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { parseSecretKey, SecretKeyError, secretKeyFrom } from './secret-key.ts'
import { createTokenSeal, isSameSecret } from './token-seal.ts'

let root: string
let folder: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sp-key-'))
})

beforeEach(async () => {
  folder = await mkdtemp(join(root, 'k-'))
})

afterAll(() => rm(root, { recursive: true }))

describe('the file', () => {
  test('is made once, for its owner only, and read again', async () => {
    const file = join(folder, 'secret.key')
    const key = await secretKeyFrom(file)
    expect(key).toHaveLength(32)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await secretKeyFrom(file)).toEqual(key)
    expect(await readdir(folder)).toEqual(['secret.key'])
  })

  test('of many that start at once all have the same key', async () => {
    const file = join(folder, 'secret.key')
    const keys = await Promise.all(Array.from({ length: 20 }, () => secretKeyFrom(file)))
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1)
    expect(await readdir(folder)).toEqual(['secret.key'])
  })

  test('that others may read is closed to them', async () => {
    const file = join(folder, 'secret.key')
    await secretKeyFrom(file)
    await chmod(file, 0o644)
    await secretKeyFrom(file)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  test.each(['', 'short', 'x'.repeat(64), 'a'.repeat(63)])(
    'that holds %j is an error, and stays as it is',
    async (text) => {
      const file = join(folder, 'secret.key')
      await writeFile(file, text)
      await expect(secretKeyFrom(file)).rejects.toThrow(SecretKeyError)
      expect(await readFile(file, 'utf8')).toBe(text)
    },
  )

  test('that cannot be made or read is an error naming it', async () => {
    await expect(secretKeyFrom(join(folder, 'absent', 'secret.key'))).rejects.toThrow(/absent/)
    await mkdir(join(folder, 'directory'))
    await expect(secretKeyFrom(join(folder, 'directory'))).rejects.toThrow(SecretKeyError)
  })
})

describe('the text', () => {
  test('is hexadecimal or base64 of 32 bytes', () => {
    const key = randomBytes(32)
    for (const text of [
      key.toString('hex'),
      key.toString('hex').toUpperCase(),
      key.toString('base64'),
      key.toString('base64url'),
      ` ${key.toString('hex')}\n`,
    ]) {
      expect(parseSecretKey(text)).toEqual(key)
    }
  })

  test.each(['', 'changeme', 'a'.repeat(65), '!'.repeat(43), 'a'.repeat(42)])(
    '%j is refused, and not repeated',
    (text) => {
      let message = ''
      try {
        parseSecretKey(text)
      } catch (err) {
        message = String(err)
      }
      expect(message).toContain('32 bytes')
      if (text !== '') expect(message).not.toContain(text)
    },
  )
})

describe('the seal', () => {
  const seal = createTokenSeal(Buffer.alloc(32, 1))
  const other = createTokenSeal(Buffer.alloc(32, 2))

  test('opens what it sealed, and seals the same text differently each time', () => {
    const [a, b] = [seal.seal('secret ü', 'owner'), seal.seal('secret ü', 'owner')]
    expect(seal.open(a, 'owner')).toBe('secret ü')
    expect(a.equals(b)).toBe(false)
    expect(a.includes('secret')).toBe(false)
  })

  test('opens neither for another owner, nor with another key, nor with any bit changed, nor cut short', () => {
    const sealed = seal.seal('secret', 'owner')
    expect(() => seal.open(sealed, 'other')).toThrow()
    expect(() => other.open(sealed, 'owner')).toThrow()
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const damaged = Buffer.from(sealed)
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(() => seal.open(damaged, 'owner'), `bit ${bit}`).toThrow()
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(() => seal.open(sealed.subarray(0, length), 'owner'), `length ${length}`).toThrow()
    }
  })

  test('finds a text by a hash that needs the key', () => {
    expect(seal.lookup('a')).toEqual(seal.lookup('a'))
    expect(seal.lookup('a')).not.toEqual(seal.lookup('b'))
    expect(seal.lookup('a')).not.toEqual(other.lookup('a'))
  })

  test('refuses a short key', () => {
    expect(() => createTokenSeal(Buffer.alloc(31))).toThrow()
  })
})

test('secrets are the same only when every character is', () => {
  expect(isSameSecret('abc', 'abc')).toBe(true)
  for (const other of ['abd', 'ab', 'abcd', '']) expect(isSameSecret('abc', other)).toBe(false)
})
