// Imports inside the all-in-one: files lie in the spool, where the engine may read them; rows go through the event log; what replaces
// rows is swapped in by the deployer.
import { join } from 'node:path'

import { deployerOf, type ApiDeps } from '@sandpiper/api'
import type { IdempotentLog } from '@sandpiper/idempotency'
import {
  createFetchFile,
  createImportCounters,
  createImportFolder,
  createImports,
  type BufferGauge,
  type ImportCounters,
  type Imports,
} from '@sandpiper/jobs'
import type { Outbound } from '@sandpiper/outbound'

import type { Config } from './config.ts'
import type { FileReader } from './file-reader.ts'

export interface HostedImports extends Imports {
  readonly counters: ImportCounters
  readonly gauge: BufferGauge
}

type Work = Pick<ApiDeps, 'catalog' | 'clickhouse' | 'log' | 'logger' | 'ops' | 'now'>

/** @param api built later, with these imports in it. */
export function hostImports(
  work: Omit<Work, 'clickhouse'> & { readonly keys: IdempotentLog; readonly files: FileReader },
  spool: string,
  outbound: Outbound,
  config: Pick<Config, 'imports' | 'keyRetention'>,
  api: () => ApiDeps,
): HostedImports {
  const { bytesMax, unpackedBytesMax, freeBytesMin, receivingMax } = config.imports
  const counters = createImportCounters()
  const gauge = { bytes: 0, highest: 0 }
  const imports = createImports({
    ...work,
    clickhouse: work.files,
    ...{ keyed: work.keys, counters, gauge, keysKeptMs: config.keyRetention.ageMsMax },
    folder: createImportFolder(join(spool, 'imports'), { bytesMax, freeBytesMin, receivingMax }),
    replacements: {
      finished: (job) => deployerOf(api()).replacements.finished(job),
      begin: (request, signal) => deployerOf(api()).replacements.begin(request, signal),
    },
    fetchFile: createFetchFile(outbound, bytesMax),
    limits: { unpackedBytesMax, unpackRatioMax: UNPACK_RATIO_MAX },
  })
  return { ...imports, counters, gauge }
}

/** Real files of rows pack to a hundredth at best; a bomb to a thousandth. */
const UNPACK_RATIO_MAX = 250
