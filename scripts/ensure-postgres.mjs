// Prints the folder of a whole Postgres (initdb, postgres, pg_basebackup), installed when there is none: the embedded one has no replicas.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureSystemPackage } from './lib/ensure-system-package.mjs'

/** Where Debian and Ubuntu keep them, one folder for each version; the path has wrappers only. */
const VERSIONS = '/usr/lib/postgresql'

function newest() {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).map(Number) : []
  return versions
    .sort((one, other) => other - one)
    .map((version) => join(VERSIONS, String(version), 'bin'))
    .find((bin) => existsSync(join(bin, 'postgres')) && existsSync(join(bin, 'pg_basebackup')))
}

try {
  if (newest() === undefined) ensureSystemPackage(['pg_ctlcluster'], 'postgresql')
  const bin = newest()
  if (bin === undefined)
    throw new Error(`Postgres is needed in ${VERSIONS}: install the package postgresql.`)
  console.log(bin)
} catch (err) {
  console.error(err instanceof Error ? err.message : String(err))
  process.exit(1)
}
