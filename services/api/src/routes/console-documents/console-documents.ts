// `/v0/console/{drafts,queries,dashboards}`: what people make in the console. Admins of the workspace change it; drafts are each token's
// own; queries and dashboards are read by who sees the whole workspace, a dashboard also by who may read all that it shows.
import { randomUUID } from 'node:crypto'
import type { DocumentChange, DocumentKey, StoredDocument } from '@sandpiper/catalog'
import { documentInputSchema, type DocumentConflict } from '@sandpiper/contracts'
import { fault } from '@sandpiper/faults'
import { lacksScope, type Principal } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiApp, ApiEnv, RouteDeps } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { seesNames } from '../../query/authority.ts'
import { isOn, readParams } from '../../read-params.ts'
import { bodyOf, summaryOf } from './document-body.ts'
import { countAdmin } from './count-admin.ts'
import { endShare, listShares } from './dashboard-shares.ts'
import { DASHBOARDS, DRAFTS, parsed, QUERIES, type KindOfDocument } from './document-kinds.ts'
import { readDashboard } from './read-dashboard.ts'
import { shareDashboard } from './share-dashboard.ts'

type Call = Context<ApiEnv>

/** Adds them all. */
export function consoleDocumentRoutes(app: ApiApp, deps: RouteDeps): void {
  app.use('/v0/console/*', async (c, next) => {
    await next()
    c.res.headers.set('Cache-Control', 'no-store')
  })
  for (const kind of [DRAFTS, QUERIES, DASHBOARDS]) {
    app.get(kind.path, async (c) => c.json(await list(c, deps, kind)))
    app.put(`${kind.path}/:id`, async (c) => c.json(await put(c, deps, kind, idOf(c))))
    app.delete(`${kind.path}/:id`, async (c) => c.json(await remove(c, deps, kind)))
  }
  // A draft is named by what it edits.
  for (const kind of [QUERIES, DASHBOARDS])
    app.post(kind.path, async (c) => c.json(await put(c, deps, kind, randomUUID()), 201))
  for (const kind of [DRAFTS, QUERIES])
    app.get(`${kind.path}/:id`, async (c) => c.json(await show(c, deps, kind)))
  app.get(`${DASHBOARDS.path}/:id`, async (c) => c.json(await readDashboard(c, deps, idOf(c))))
  app.post(`${DASHBOARDS.path}/:id/shares`, async (c) =>
    c.json(await shareDashboard(c, deps, idOf(c)), 201),
  )
  app.get(`${DASHBOARDS.path}/:id/shares`, async (c) => c.json(await listShares(c, deps, idOf(c))))
  app.delete(`${DASHBOARDS.path}/:id/shares/:share`, async (c) =>
    c.json(await endShare(c, deps, { id: idOf(c), share: c.req.param('share') })),
  )
}

async function list(c: Call, deps: RouteDeps, kind: KindOfDocument): Promise<unknown> {
  const place = placeOf(await authorizeFor(c, deps, kind), kind)
  if (kind === DRAFTS && isOn(c.req.query('content')))
    return { documents: (await deps.catalog.readDocuments(place)).map(bodyOf) }
  return { documents: (await deps.catalog.listDocuments(place)).map(summaryOf) }
}

async function show(c: Call, deps: RouteDeps, kind: KindOfDocument): Promise<unknown> {
  const place = placeOf(await authorizeFor(c, deps, kind), kind)
  const found = await deps.catalog.findDocument({ ...place, id: idOf(c) })
  if (found === null) throw missing(kind, idOf(c))
  return bodyOf(found)
}

async function put(c: Call, deps: RouteDeps, kind: KindOfDocument, id: string): Promise<unknown> {
  const principal = await countAdmin(c, deps)
  const { json } = await readParams(c)
  const input = parsed(documentInputSchema, 'document', json ?? {})
  kind.checkId(id)
  const { revision } = input
  const change = await deps.catalog.putDocument(
    { ...placeOf(principal, kind), id },
    { ...kind.read(input.content, id), revision, editedBy: principal.tokenName },
  )
  return bodyOf(doneOr(change, kind, revision))
}

async function remove(c: Call, deps: RouteDeps, kind: KindOfDocument): Promise<{ ok: true }> {
  const principal = await countAdmin(c, deps)
  const revision = readRevision(c.req.query('revision'))
  const key = { ...placeOf(principal, kind), id: idOf(c) }
  const change = await deps.catalog.removeDocument(key, revision)
  if (change.kind === 'stale' && change.currentRevision === 0) throw missing(kind, key.id)
  doneOr(change, kind, revision ?? 0)
  return { ok: true }
}

/** Who may read documents of this kind, all of them. */
async function authorizeFor(c: Call, deps: RouteDeps, kind: KindOfDocument): Promise<Principal> {
  if (kind === DRAFTS) return countAdmin(c, deps)
  const principal = await authorizeRequest(c, deps)
  await deps.limits.countCaller(c, principal)
  if (!seesNames(principal)) throw lacksScope('WORKSPACE:READ_ALL')
  await deps.limits.countWorkspace(c, principal)
  return principal
}

function placeOf(principal: Principal, { kind }: KindOfDocument): Omit<DocumentKey, 'id'> {
  const owner = kind === 'draft' ? principal.tokenId : null
  return { workspaceId: principal.workspaceId, kind, owner }
}

function idOf(c: Call): string {
  return c.req.param('id') ?? ''
}

function readRevision(text: string | undefined): number | null {
  if (text === undefined) return null
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw fault('request.invalid', { public: '"revision" must be a whole number.' })
}

function doneOr<Result extends StoredDocument | null>(
  change: DocumentChange<Result>,
  { kind }: KindOfDocument,
  yours: number,
): Result {
  if (change.kind === 'done') return change.document
  const { currentRevision: current } = change
  const what =
    current === 0
      ? `There is no such ${kind} any more, and your change is of its revision ${yours}.`
      : yours === 0
        ? `There is such a ${kind} already, at revision ${current}.`
        : `Somebody changed this ${kind}: it is at revision ${current}, and your change is of revision ${yours}.`
  const body: DocumentConflict = {
    error: `${what} Read it again and decide.`,
    ...{ current_revision: current, your_revision: yours },
  }
  throw fault('request.conflict', { public: body.error, body: { ...body } })
}

function missing({ kind }: KindOfDocument, id: string): Error {
  return fault('resource.missing', { public: `There is no ${kind} '${id.slice(0, 300)}'.` })
}
