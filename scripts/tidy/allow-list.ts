import type { Finding } from './project.ts'

/** A finding we live with for now; `reason` tells why. */
export interface Allowance {
  readonly rule: string
  readonly path: string
  readonly reason: string
}

/**
 * Takes allowed findings away. The list may only shrink: an entry that matches nothing is a finding,
 * and so is every entry beyond `max`, a number that is only ever lowered.
 */
export function applyAllowList(
  findings: readonly Finding[],
  allowed: readonly Allowance[],
  max: number,
): Finding[] {
  const matches = (entry: Allowance, finding: Finding): boolean =>
    entry.rule === finding.rule && entry.path === finding.path
  const stale = allowed.filter((entry) => !findings.some((finding) => matches(entry, finding)))
  const about = (message: string): Finding => ({
    rule: 'allow-list',
    path: 'scripts/tidy/allow-list.json',
    line: 1,
    message,
  })
  return [
    ...findings.filter((finding) => !allowed.some((entry) => matches(entry, finding))),
    ...stale.map(({ rule, path }) => about(`${rule} in ${path} is fixed: remove its entry`)),
    ...(allowed.length > max
      ? [about(`${allowed.length} entries, at most ${max}: it may only shrink`)]
      : []),
  ]
}
