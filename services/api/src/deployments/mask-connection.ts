// Secrets written into a connection file as plain text are kept nowhere: not in the catalog, not in an answer. What stands in a file in
// their place is a reference, {{ tb_secret("NAME") }}, whose value /v0/variables keeps sealed.
import type { ConnectionFile } from '@sandpiper/datafile'
import { HIDDEN_SECRET } from '@sandpiper/pipes'

/** Settings whose values open something. */
const SECRET_NAME = /KEY|SECRET|CREDENTIALS|HMAC|PASSWORD|EXTERNAL_ID/
const REFERENCE = /\{\{\s*tb_(?:secret|var)\([^{}]*\)\s*\}\}/g
/** `user@` or `user:password@` of a URL, written in it in plain text. */
const USER_INFO = /\/\/:*[^/@\s:][^/@\s]*@/

export interface MaskedConnection {
  readonly file: ConnectionFile
  /** Names of the settings that held plain text. */
  readonly hidden: readonly string[]
}

/** The same connection with nothing secret in it. */
export function maskConnection(file: ConnectionFile): MaskedConnection {
  const hidden: string[] = []
  const settings = Object.entries(file.settings).map(([name, value]): [string, string] => {
    if (value === HIDDEN_SECRET || !isPlainSecret(name, value)) return [name, value]
    hidden.push(name)
    return [name, HIDDEN_SECRET]
  })
  return { file: { ...file, settings: Object.fromEntries(settings) }, hidden }
}

function isPlainSecret(name: string, value: string): boolean {
  const plain = value.replaceAll(REFERENCE, '')
  return USER_INFO.test(plain) || (SECRET_NAME.test(name) && plain.trim() !== '')
}
