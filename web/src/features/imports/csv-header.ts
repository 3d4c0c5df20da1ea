// Fields of CSV are matched by the names in its first line. When columns were renamed, that line is sent with the new names.

const DELIMITERS = [',', ';', '\t', '|'] as const

/**
 * The first line with new names, or null when it is no header of these columns.
 * @param line the file's first line, without its end. @param paths the columns' names in the file. @param names their new ones, null for those left out.
 */
export function renamedHeader(
  line: string,
  paths: readonly string[],
  names: readonly (string | null)[],
): string | null {
  for (const delimiter of DELIMITERS) {
    const fields = fieldsOf(line.replace(/^\uFEFF/, ''), delimiter)
    if (fields.length !== paths.length) continue
    if (!fields.every((field, at) => normal(field) === normal(paths[at] ?? ''))) continue
    return fields.map((field, at) => quoted(names[at] ?? field)).join(delimiter)
  }
  return null
}

function fieldsOf(line: string, delimiter: string): string[] {
  const fields: string[] = []
  let field = ''
  let isQuoted = false
  for (const char of line) {
    if (char === '"') isQuoted = !isQuoted
    else if (char === delimiter && !isQuoted) {
      fields.push(field)
      field = ''
    } else field += char
  }
  return [...fields, field]
}

function normal(name: string): string {
  return name.trim().replaceAll(/\W+/g, '_').toLowerCase()
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
