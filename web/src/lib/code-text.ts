// Values as they are written into programs that people take along: a name or a parameter may hold anything.

/** One word of a shell. */
export function shellText(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** A literal of JavaScript and of Python: both read JSON's. */
export function codeText(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}
