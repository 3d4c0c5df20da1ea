/** What to tell someone whose name is refused. */
export const NAME_HINT = 'Names have letters, digits and _, and do not start with a digit.'

/** Whether a text may name a data source, pipe, node or connection. `__proto__` may not. Source: rule of the TypeScript SDK, read 2026-11. */
export function isResourceName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(name) && name !== '__proto__'
}
