// Paths that Tinybird serves and we lack: 501 and a way out, where a client would take 404 for a resource that is not there. Told to
// everybody alike, with a token or without: it is about this program, and says nothing of what it holds.
import type { ApiApp } from '../../app.ts'
import { NOT_YET } from './not-yet-table.ts'

/** Where the rest is told; in every such answer. */
const DOCUMENTATION = 'docs/compatibility.md'

/** Answers for all of them. Comes after the other groups, which win where both know a path. */
export function notYetRoutes(app: ApiApp): void {
  for (const { methods, path, instead } of NOT_YET) {
    app.on([...methods], path, (c) => {
      const error = `${c.req.method} ${path.replaceAll(/:(\w+)/g, '{$1}')} is not supported here. ${instead} What there is: ${DOCUMENTATION}`
      return c.json({ error, documentation: DOCUMENTATION }, 501)
    })
  }
}
