/** Names and values of a URL's query string in order, repeats included; `+` and `%20` are spaces. */
export function queryFields(url: string): [string, string][] {
  const at = url.indexOf('?')
  return at < 0 ? [] : [...new URLSearchParams(url.slice(at + 1))]
}
