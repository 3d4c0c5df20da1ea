import type { AnalysisBody, ImportFormat } from '@sandpiper/contracts'
import { useMutation } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { sampleOf } from '../import-format.ts'

/** What the server reads out of a file, or of pasted events. Nothing is kept. */
export interface Analyzed {
  format: ImportFormat
  body: AnalysisBody
}

async function analyze(api: Api, content: Blob, format: ImportFormat): Promise<Analyzed> {
  const body = await api.json<AnalysisBody>('/v0/analyze', {
    method: 'POST',
    query: { format },
    headers: { 'Content-Type': 'application/octet-stream' },
    body: content,
  })
  return { format, body }
}

export function useAnalyzeFile() {
  const api = useApi()
  return useMutation({
    mutationFn: async ({ file, format }: { file: File; format: ImportFormat }) =>
      analyze(api, await sampleOf(file, format), format),
  })
}

export function useAnalyzeEvents() {
  const api = useApi()
  return useMutation({
    mutationFn: (lines: readonly string[]) =>
      analyze(api, new Blob([`${lines.join('\n')}\n`]), 'ndjson'),
  })
}
