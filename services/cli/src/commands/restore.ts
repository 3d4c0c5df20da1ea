import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { backupSchema, type BackupBody } from '@sandpiper/contracts'

import { CliError } from '../cli-error.ts'
import type { CommandSpec } from '../command-spec.ts'
import { showLine } from '../show.ts'

export const restore: CommandSpec = {
  usage: 'restore <backup> <data-directory>',
  about: 'make a data directory of a backup, on this machine; the server starts on it afterwards',
  examples: ['restore /mnt/backups/2026-11-22T04-55-12.345Z ~/restored'],
  run(call, [from = '', to = '']) {
    const backup = readBackup(from)
    const target = resolve(to)
    if (existsSync(target) && readdirSync(target).length > 0)
      throw new CliError(`${target} is not empty. Nothing was copied; name a new folder.`)
    // Others may pass through, as in a data directory: the engine has a user of its own under root.
    mkdirSync(target, { recursive: true, mode: 0o711 })
    cpSync(from, target, { recursive: true, preserveTimestamps: true })
    const next = `SANDPIPER_DATA_DIR=${target} npm start`
    showLine(
      call,
      { ...backup, data_directory: target },
      `Restored to ${target}. Start it: ${next}`,
    )
    return Promise.resolve()
  },
}

function readBackup(folder: string): BackupBody {
  const note = join(folder, 'backup.json')
  if (!existsSync(note))
    throw new CliError(`${folder} is no whole backup: it has no backup.json. Nothing was copied.`)
  const read = backupSchema.safeParse(JSON.parse(readFileSync(note, 'utf8')))
  if (read.success) return read.data
  throw new CliError(`${note} is of another version of Sandpiper. Nothing was copied.`)
}
