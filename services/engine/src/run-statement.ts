// Runs one statement in one session and writes its answer. A SELECT goes through the session's pipe, in any format and of any
// size; everything else is small or refused above max_result_bytes.
import type { Code } from '@sandpiper/sql'

import type { Database } from './database.ts'
import { fromNative } from './engine-error.ts'
import { openPipe } from './pipe-reader.ts'
import type { Statement } from './read-statement.ts'
import type { Reply, Summary } from './reply.ts'
import type { EngineRequest } from './request.ts'
import type { Session } from './session-pool.ts'
import { isExplain, isSelect, multiStatements, sendTo } from './statement.ts'

export interface RunContext {
  readonly database: Database
  readonly session: Session
  readonly request: EngineRequest
  readonly statement: Statement
  /** Its text, read. */
  readonly code: Code
  readonly reply: Reply
  /** The client went away, or the process ends. */
  readonly signal: AbortSignal
}

/** @throws what libchdb or the client's connection threw, before a status went out. */
export async function runStatement(ctx: RunContext): Promise<void> {
  const { statement, code, session, request } = ctx
  const startedAt = process.hrtime.bigint()
  const elapsedNs = (): number => Number(process.hrtime.bigint() - startedAt)
  const select = statement.kind === 'text' && isSelect(code)
  const loads = statement.kind === 'insert' || /^\s*insert\b/i.test(statement.sql)
  await session.prepare(request.prelude, select ? 'select' : loads ? 'load' : 'other')
  await agreeOnOneStatement(ctx)
  if (loads) {
    const written = await write(ctx)
    session.release()
    await ctx.reply.end({ ...written, elapsedNs: elapsedNs() })
    return
  }
  if (select && (await streamed(ctx, elapsedNs))) return
  if (select) await session.prepare(request.prelude, 'other')
  const result = await session.run((connection) =>
    ctx.database.native.QueryAsyncConnection(connection, statement.sql, request.defaultFormat),
  )
  if (!select && isExplain(code)) session.keep()
  session.release()
  await ctx.reply.write(result.bytes)
  await ctx.reply.end(summary({ resultRows: result.rowsRead, elapsedNs: elapsedNs() }, ctx.reply))
}

/**
 * Where a semicolon stands, our tokenizer and the engine's parser both have to see one statement. A text the engine cannot parse
 * is refused too: its first statement might be one that it can.
 */
async function agreeOnOneStatement({ statement, session, database }: RunContext): Promise<void> {
  if (!statement.sql.includes(';')) return
  const seen = await session.run((connection) =>
    database.native.DurableClassifyAsync(connection, statement.sql, null),
  )
  if (seen.statementCount !== 1) throw multiStatements()
}

async function write({ statement, session, database }: RunContext): Promise<Summary> {
  if (statement.kind === 'insert') {
    await session.run((connection) =>
      database.native.QueryAsyncConnection(connection, statement.sql, 'Null'),
    )
    return summary({})
  }
  const written = await session.run((connection) =>
    database.native.InsertRawAsyncConnection(connection, statement.sql, Buffer.alloc(0), false),
  )
  return summary({ writtenRows: written.rowsWritten, writtenBytes: written.bytesWritten })
}

/** False when the text could not be sent to a pipe: nothing has run then. */
async function streamed(ctx: RunContext, elapsedNs: () => number): Promise<boolean> {
  const { session, code, request, reply, database } = ctx
  const output = sendTo(session.pipe, code, request.defaultFormat)
  const pipe = openPipe(session.pipe)
  const stop = (): void => {
    pipe.destroy()
  }
  ctx.signal.addEventListener('abort', stop, { once: true })
  try {
    const running = session
      .run((connection) => database.native.QueryAsyncConnection(connection, output.sql, 'Null'))
      .then(
        (result) => ({ failed: null, rows: result.rowsRead }),
        (err: unknown) => ({ failed: fromNative(err, database.version), rows: 0 }),
      )
      .finally(() => {
        pipe.finish()
      })
    await pump(pipe.chunks, reply, stop)
    const { failed, rows } = await running
    if (failed?.code === 62 && reply.tail().length === 0) return false
    // The query ended: the next one need not wait until the client has read the rest.
    pipe.destroy()
    if (failed === null && !ctx.signal.aborted) session.keep()
    session.release()
    if (failed !== null) await reply.fail(failed)
    else await reply.end(summary({ resultRows: rows, elapsedNs: elapsedNs() }, reply))
    return true
  } finally {
    ctx.signal.removeEventListener('abort', stop)
    pipe.destroy()
  }
}

/** Never throws: a client that is gone is noticed by its signal, and the query has to end before the session is free. */
async function pump(chunks: AsyncIterable<Buffer>, reply: Reply, stop: () => void): Promise<void> {
  try {
    for await (const chunk of chunks) await reply.write(chunk)
  } catch {
    stop()
  }
}

/** JSON formats end with what was read; the others tell nothing, and then neither do we. */
function summary(known: Partial<Summary>, reply?: Reply): Summary {
  const tail = reply?.tail().toString('latin1') ?? ''
  return {
    elapsedNs: 0,
    readRows: Number(/"rows_read":\s*(\d+)/.exec(tail)?.[1] ?? 0),
    readBytes: Number(/"bytes_read":\s*(\d+)/.exec(tail)?.[1] ?? 0),
    writtenRows: 0,
    writtenBytes: 0,
    resultRows: 0,
    ...known,
  }
}
