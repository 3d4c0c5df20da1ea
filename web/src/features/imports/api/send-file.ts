import type { ImportFormat, JobBody } from '@sandpiper/contracts'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'

import { useApi } from '@/lib/api-context.ts'
import { upload } from '@/lib/upload.ts'

import { withNewNames } from '../rewrite-header.ts'
import type { DraftColumn } from '../schema-draft.ts'

export interface SendFile {
  name: string
  file: Blob
  format: ImportFormat
  mode: 'append' | 'replace'
  /** Of CSV whose columns got other names than the file's. */
  renamed?: { paths: readonly string[]; columns: readonly DraftColumn[] } | undefined
}

/** Sends a file whole; the answer is the job that imports it. */
export function useSendFile() {
  const api = useApi()
  const [sentRatio, setSentRatio] = useState(0)
  const abort = useRef<AbortController | null>(null)
  const mutation = useMutation({
    mutationFn: async ({ name, file: chosen, format, mode, renamed }: SendFile) => {
      setSentRatio(0)
      abort.current = new AbortController()
      const file =
        renamed === undefined ? chosen : await withNewNames(chosen, renamed.paths, renamed.columns)
      return upload<JobBody>(
        api,
        '/v0/datasources',
        { mode, name, format, async: true },
        { file, onProgress: setSentRatio, signal: abort.current.signal },
      )
    },
  })
  return { ...mutation, sentRatio, stop: () => abort.current?.abort() }
}
