// Engine errors reach the caller in the user's own names, never ours.

/**
 * Replaces engine names in an error text by what the user calls them; names of ours that the query did not read become `?`.
 * @param userNames engine table name to user name, from CompiledQuery.
 */
export function translateError(text: string, userNames: ReadonlyMap<string, string>): string {
  return text
    .replace(/`?ws_[0-9a-f]{32}`?\.(?=`?t_[0-9a-f]{32})/g, '')
    .replace(/`?(t_[0-9a-f]{32}_\d+(?:_quarantine|_view|_forward)?)`?/g, (_, table: string) => {
      return userNames.get(table) ?? '?'
    })
    .replace(/`?ws_[0-9a-f]{32}`?\.?/g, '')
}
