// Engine errors reach the caller in the user's own names, never ours, and without the SQL that was made of his: it holds filters of
// tokens and nodes of pipes that he may not read. Texts hold what callers wrote, up to all of their SQL: everything here is linear in their
// length, so that no pattern may look to the end of the text from each of its beginnings.

/**
 * Replaces engine names in an error text by what the user calls them; names of ours that the query did not read become `?`. Echoes of
 * compiled SQL, positions in it and paths of the server are left out.
 * @param userNames engine table name to user name, from CompiledQuery.
 */
export function translateError(text: string, userNames: ReadonlyMap<string, string>): string {
  const [, message = text, name = ''] = /^([^]*?)( \([A-Z][A-Z0-9_]*\))?$/.exec(text) ?? []
  // Without tables the text that ran is the caller's own, so that positions in it are true.
  const plain = userNames.size === 0 ? message : withoutPosition(message)
  return withUserNames(withoutEchoes(plain), userNames).trimEnd() + name
}

const SYNTAX =
  /^Syntax error(?: \([^)]*\))?: failed at position \d+(?: \(([^]*?)\))?(?: \(line \d+, col \d+\))?:(?: [^]*?)?(?=\. Expected| ?$)/

/** The engine's own words come first. */
function withoutPosition(message: string): string {
  const start = message.indexOf('Syntax error')
  if (start < 0) return message
  const told = message.slice(start).replace(SYNTAX, (_, token?: string) => syntaxError(token))
  return message.slice(0, start) + told
}

function withoutEchoes(message: string): string {
  return withoutCompiled(withoutSubquery(withoutEcho(message)))
}

/** What an engine says before it prints SQL, or names of ours. */
const ECHO =
  /\b(?:(?:[Ii]n (?:query|scope|expression list)|[Ww]hile (?:processing|executing|resolving)|Actual:?|Query:?|Stack trace:?)(?=\s)|Maybe you meant)/g
const SELECT = /\b(?:SELECT|WITH)\b/g

function withoutEcho(message: string): string {
  let lastSelect = -1
  for (const { index } of message.matchAll(SELECT)) lastSelect = index
  for (const { index, 0: words } of message.matchAll(ECHO)) {
    if (words !== 'Maybe you meant' && lastSelect < index + words.length) continue
    return message
      .slice(0, index)
      .trimEnd()
      .replace(/[.,:;]$/, '')
  }
  return message
}

/** `Subquery (SELECT ...) must ...`: no such thing is said of the first one when no verb follows it, and then of none. */
function withoutSubquery(message: string): string {
  const start = /\b(?:[Ss]ubquery|[Qq]uery) (?=\(?(?:SELECT|WITH)\b)/.exec(message)
  if (start === null) return message
  const end = start.index + start[0].length
  const verb = indexFrom(message, / (?=(?:does not|doesn't|must|should|cannot|has|is)\b)/g, end)
  return verb < 0 ? message : message.slice(0, end) + message.slice(verb + 1)
}

/** SQL that holds what only compiled SQL does. */
function withoutCompiled(message: string): string {
  const start = /\(?\b(?:SELECT|WITH)\s/.exec(message)
  if (start === null) return message
  const ours = /\bPREWHERE\b|ws_[0-9a-f]{32}|t_[0-9a-f]{32}/g
  const isOurs = indexFrom(message, ours, start.index + start[0].length) >= 0
  return isOurs ? `${message.slice(0, start.index)}...` : message
}

function indexFrom(text: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from
  return pattern.exec(text)?.index ?? -1
}

function syntaxError(token: string | undefined): string {
  return token === undefined || token === 'end of query'
    ? 'Syntax error at the end of the query'
    : `Syntax error near '${token}'`
}

/**
 * Engine names of any text, such as a plan or compiled SQL, as the user calls them; names that the query did not read become `?`. SQL stays:
 * only for those who may see all of the query.
 * @param userNames engine table name to user name, from CompiledQuery.
 */
export function withUserNames(message: string, userNames: ReadonlyMap<string, string>): string {
  return message
    .replace(/`?\bws_[0-9a-f]{32}`?\.(?=`?t_[0-9a-f]{32})/g, '')
    .replace(
      /`?\b(t_[0-9a-f]{32}(?:_\d+)?(?:_quarantine|_view|_forward)?)\b`?/g,
      (_, table: string) => {
        return userNames.get(table) ?? '?'
      },
    )
    .replace(/`?\bws_[0-9a-f]{32}`?\.?/g, '')
    .replace(/\b__table\d+\./g, '')
    .replace(/`?\bnothing`?\.(?=[\w`])/g, '')
    .replace(/\b_CAST\b/g, 'CAST')
    .replace(PATH, withoutServerPath)
}

/** Absolute paths; not those of pages and addresses, which are the user's own. */
const PATH = /(?<![\w:/])\/(?!\/)[^\s'"`,;()]*/g
/** Folders that only the server has. */
const SERVER_FOLDER = /\/(?:\.sandpiper|store|metadata|engine|spool|run)(?=\/)/g

function withoutServerPath(path: string): string {
  let end = -1
  for (const { index, 0: folder } of path.matchAll(SERVER_FOLDER)) end = index + folder.length
  if (end < 0) return path
  const colon = path.indexOf(':', end)
  return colon < 0 ? '?' : `?${path.slice(colon)}`
}
