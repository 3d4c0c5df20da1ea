// What a parent has to know to start the engine process; the process itself is main.ts.

/** Threads of libuv's pool beside the ones that run queries: files, zlib, name look-ups. */
const SPARE_THREADS = 4

export interface EngineStart {
  readonly directory: string
  /** At most 107 bytes. */
  readonly socketPath: string
  /** Queries at the same time; default 8. */
  readonly sessions?: number
  readonly memoryBytesMax?: number
  readonly logLevel?: string
}

/** The environment an engine process needs: libuv and libchdb read theirs before any code of ours runs. */
export function engineEnvironment(start: EngineStart): Record<string, string> {
  const sessions = start.sessions ?? 8
  return {
    TZ: 'UTC',
    UV_THREADPOOL_SIZE: String(sessions + SPARE_THREADS),
    SANDPIPER_ENGINE_DIR: start.directory,
    SANDPIPER_ENGINE_SOCKET: start.socketPath,
    SANDPIPER_ENGINE_SESSIONS: String(sessions),
    SANDPIPER_ENGINE_WATCH_STDIN: '1',
    ...(start.memoryBytesMax === undefined
      ? {}
      : { SANDPIPER_ENGINE_MEMORY_BYTES: String(start.memoryBytesMax) }),
    ...(start.logLevel === undefined ? {} : { SANDPIPER_LOG_LEVEL: start.logLevel }),
  }
}
