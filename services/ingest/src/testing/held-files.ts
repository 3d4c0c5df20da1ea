// A disk whose syncs can be made to stand still. For tests only.
import type { LogFile, LogFiles } from '@sandpiper/eventlog'

export interface HeldFiles {
  wrap(files: LogFiles): LogFiles
  /** From now on every sync waits. */
  hold(): void
  /** All that wait go on. */
  release(): void
}

export function createHeldFiles(): HeldFiles {
  let until: Promise<void> | null = null
  let release: () => void = () => undefined
  const wrapFile = (file: LogFile): LogFile => ({
    write: (buffers, position) => file.write(buffers, position),
    async sync() {
      await until
      await file.sync()
    },
    truncate: (bytes) => file.truncate(bytes),
    read: (position, length) => file.read(position, length),
    size: () => file.size(),
    close: () => file.close(),
  })
  return {
    wrap: (files) => ({
      ...files,
      create: async (name) => wrapFile(await files.create(name)),
      openToWrite: async (name) => wrapFile(await files.openToWrite(name)),
    }),
    hold() {
      until = new Promise((resolve) => {
        release = resolve
      })
    },
    release() {
      until = null
      release()
    },
  }
}
