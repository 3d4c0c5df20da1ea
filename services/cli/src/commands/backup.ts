import type { CommandSpec } from '../command-spec.ts'
import { inPath, listIn, showLine, showTable } from '../show.ts'

const ADMIN = 'needs the user token, which the server prints at its start'

export const backupCreate: CommandSpec = {
  usage: 'backup create',
  about: `copy the whole server to a folder on its disk, while it works; ${ADMIN}`,
  examples: ['backup create --token p.ey...'],
  async run(call) {
    const body = await call.client.call('POST', '/v0/backups', { json: {} })
    const { path, files, bytes, workspaces } = body
    const what = `${String(workspaces)} workspaces, ${String(files)} files, ${String(bytes)} bytes`
    showLine(call, body, `${String(path)}\n${what}. Copy the folder to another disk.`)
  },
}

export const backupLs: CommandSpec = {
  usage: 'backup ls',
  about: `backups on the server's disk; ${ADMIN}`,
  examples: ['backup ls --token p.ey...'],
  async run(call) {
    const body = await call.client.call('GET', '/v0/backups')
    const rows = listIn(body, 'backups').map(({ id, bytes, files, path }) => [
      id,
      bytes,
      files,
      path,
    ])
    const headings = ['BACKUP', 'BYTES', 'FILES', 'FOLDER']
    showTable(call, body, { headings, rows, empty: 'There are no backups.' })
  },
}

export const backupRm: CommandSpec = {
  usage: 'backup rm <id>',
  about: `remove a backup from the server's disk; ${ADMIN}`,
  examples: ['backup rm 2026-11-22T04-55-12.345Z --token p.ey...'],
  async run(call, [id = '']) {
    await call.client.call('DELETE', `/v0/backups/${inPath(id)}`)
    showLine(call, { id }, `${id} is removed.`)
  },
}
