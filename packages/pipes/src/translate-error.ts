// Engine errors reach the caller in the user's own names, never ours, and without the SQL that was made of his: it holds filters of
// tokens and nodes of pipes that he may not read.

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

/** What an engine says before it prints SQL. */
const ECHO =
  /[.,:;]?\s*(?:\b(?:[Ii]n (?:query|scope|expression list)|[Ww]hile (?:processing|executing|resolving)|Actual:?|Query:?|Stack trace:?)\s(?=[^]*\b(?:SELECT|WITH)\b)|\bMaybe you meant)[^]*$/

const SYNTAX =
  /Syntax error(?: \([^)]*\))?: failed at position \d+(?: \(([^]*?)\))?(?: \(line \d+, col \d+\))?:(?: [^]*?)?(?=\. Expected| ?$)/

function withoutPosition(message: string): string {
  return message.replace(SYNTAX, (_, token?: string) => syntaxError(token))
}

function withoutEchoes(message: string): string {
  return message
    .replace(ECHO, '')
    .replace(
      /\b([Ss]ubquery|[Qq]uery) \(?(?:SELECT|WITH)\b[^]*? (?=(?:does not|doesn't|must|should|cannot|has|is)\b)/,
      '$1 ',
    )
    .replace(
      /\(?\b(?:SELECT|WITH)\s[^]*(?:\bPREWHERE\b|ws_[0-9a-f]{32}|t_[0-9a-f]{32})[^]*$/,
      '...',
    )
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
    .replace(SERVER_PATH, '?')
}

/** Absolute paths as the engine has them; not those of pages and addresses, which are the user's own. */
const SERVER_PATH =
  /(?<![\w:/])\/(?:[^\s'"`,;()/]+\/)*(?:\.sandpiper|store|metadata|engine|spool|run)\/[^\s'"`,;:()]*/g
