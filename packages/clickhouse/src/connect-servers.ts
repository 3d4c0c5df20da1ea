// From what an operator writes down to servers and who asks them.
import type { ClickHouse, ClickHouseTarget } from './client-contract.ts'
import { createClickHouse, type ClickHouseOptions } from './create-clickhouse.ts'
import { createReplicas } from './create-replicas.ts'

/** Servers of an operator, as configuration names them. */
export interface ClickHouseServers {
  /** `http://` or `https://`, host and port; several for replicas that hold the same. At most 16. */
  readonly urls: readonly string[]
  readonly username: string
  readonly password: string
  /** Certificates (PEM) that may sign theirs; null for those that Node knows. */
  readonly ca: string | null
}

/** What an operator wrote. */
export interface ServersText {
  /** URLs separated by commas; undefined for the embedded engine. */
  readonly url: string | undefined
  readonly user: string
  readonly password: string
  /** Wins over `password`; its last line end does not count. */
  readonly passwordFile: string | undefined
  readonly caFile: string | undefined
}

/**
 * Servers as configured; null for none.
 * @param readFile text of a file. @throws Error naming the variable, never its value, and what `readFile` throws.
 */
export function readServers(
  { url, user, password, passwordFile, caFile }: ServersText,
  readFile: (path: string) => string,
): ClickHouseServers | null {
  if (url === undefined) return null
  const urls = clickhouseUrls(url)
  if (urls === null)
    throw new Error(
      'Wrong configuration: SANDPIPER_CLICKHOUSE_URL: http(s)://host:port, at most 16 of them separated by commas, without user, password or path',
    )
  const secret = passwordFile === undefined ? password : readFile(passwordFile)
  return {
    urls,
    username: user,
    password: passwordFile === undefined ? secret : secret.replace(/\r?\n$/, ''),
    ca: caFile === undefined ? null : readFile(caFile),
  }
}

/** URLs of a list separated by commas. @returns null when one of them is none, or names anything but scheme, host and port. */
export function clickhouseUrls(text: string): string[] | null {
  const urls = text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
  return urls.length > 0 && urls.length <= 16 && urls.every(isPlain) ? urls : null
}

/** One client for all of them. @param options bounds for each server. */
export function connectServers(
  servers: ClickHouseServers,
  options: ClickHouseOptions = {},
): ClickHouse {
  const clients = servers.urls.map((url) =>
    createClickHouse(targetOf(servers, new URL(url).origin), options),
  )
  return createReplicas(clients, () => performance.now())
}

function targetOf({ username, password, ca }: ClickHouseServers, url: string): ClickHouseTarget {
  return { url, username, password, loadsFiles: false, ...(ca === null ? {} : { ca }) }
}

/** A user in the URL would be seen where the URL is shown. */
function isPlain(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, pathname, search } = new URL(text)
  const isOther = protocol !== 'http:' && protocol !== 'https:'
  return !isOther && username === '' && password === '' && pathname === '/' && search === ''
}
