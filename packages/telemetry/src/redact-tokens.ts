// Static tokens begin with `p.eyJ` and JWTs with `eyJ`: both are base64url of a JSON object. Dots may be percent-encoded.
// The end is optional so that a piece without one is taken whole, not looked at again from each `eyJ` in it.
const TOKEN = /(?:p(?:\.|%2e))?eyJ[\w-]{8,}((?:\.|%2e)[\w-]+(?:(?:\.|%2e)[\w-]+)?)?/gi

/** The text with each token in it, static or JWT, replaced by `[token]`. Linear in its length. */
export function redactTokens(text: string): string {
  return text.includes('eyJ')
    ? text.replace(TOKEN, (whole, end?: string) => (end === undefined ? whole : '[token]'))
    : text
}
