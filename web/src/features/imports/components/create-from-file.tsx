import type { ImportFormat } from '@sandpiper/contracts'
import { useState } from 'react'

import { formatBytes } from '@/lib/format.ts'
import { SelectField } from '@/ui/field.tsx'
import { Card } from '@/ui/page.tsx'
import { ErrorBox, Loading } from '@/ui/states.tsx'

import { useAnalyzeFile } from '../api/analyze.ts'
import { useCreateDataSource } from '../api/create-data-source.ts'
import { type SendFile, useSendFile } from '../api/send-file.ts'
import { FORMATS, formatOf } from '../import-format.ts'
import { draftOf, nameFromFile, type SchemaDraft } from '../schema-draft.ts'
import { Created } from './created.tsx'
import { DropZone } from './drop-zone.tsx'
import { ReviewStep } from './review-step.tsx'
import { FileOnItsWay } from './send-file.tsx'

/** A file becomes a data source: read, look, change, deploy, import. */
export function CreateFromFile() {
  const [file, setFile] = useState<File | null>(null)
  const [draft, setDraft] = useState<SchemaDraft | null>(null)
  const analyze = useAnalyzeFile()
  const create = useCreateDataSource()
  const send = useSendFile()
  const look = (chosen: File, format: ImportFormat): void => {
    setFile(chosen)
    setDraft(null)
    create.reset()
    analyze.mutate(
      { file: chosen, format },
      {
        onSuccess: ({ body: { analysis } }) =>
          setDraft(
            draftOf(
              nameFromFile(chosen.name),
              analysis.schema,
              analysis.columns.map(({ path }) => path),
            ),
          ),
      },
    )
  }
  if (file === null)
    return (
      <DropZone
        onFile={(chosen) => look(chosen, formatOf(chosen.name))}
        hint="CSV, NDJSON or Parquet, also packed with gzip. Its beginning is read; nothing is kept yet."
      />
    )
  const format = analyze.variables?.format ?? 'csv'
  const renamedBy = ({ columns }: SchemaDraft): SendFile['renamed'] =>
    format === 'csv'
      ? { paths: analyze.data?.body.analysis.columns.map(({ path }) => path) ?? [], columns }
      : undefined
  const make = (wanted: SchemaDraft): void =>
    create.mutate(wanted, {
      onSuccess: ({ datasource: { name } }) =>
        send.mutate({ name, file, format, mode: 'append', renamed: renamedBy(wanted) }),
    })
  if (create.data !== undefined)
    return (
      <Created name={create.data.datasource.name}>
        <FileOnItsWay send={send} />
      </Created>
    )
  return (
    <div className="flex flex-col gap-4">
      <ChosenFile file={file} format={format} onFormat={(next) => look(file, next)} />
      {analyze.isPending ? <Loading label="Reading the file" /> : null}
      {analyze.isError ? (
        <ErrorBox
          error={analyze.error}
          next="Choose another format above, or another file."
          onRetry={() => setFile(null)}
        />
      ) : null}
      {draft === null || analyze.data === undefined ? null : (
        <ReviewStep
          draft={draft}
          found={analyze.data.body}
          onChange={setDraft}
          mayRemove
          action="Create and import"
          onCreate={() => make(draft)}
          onBack={() => setFile(null)}
          busy={create.isPending}
          error={create.error}
        />
      )}
    </div>
  )
}

function ChosenFile({
  file,
  format,
  onFormat,
}: {
  file: File
  format: ImportFormat
  onFormat: (format: ImportFormat) => void
}) {
  return (
    <Card>
      <div className="flex flex-wrap items-center gap-4">
        <p className="min-w-0 flex-1 text-sm">
          <span className="font-medium break-all">{file.name}</span>{' '}
          <span className="text-muted">{formatBytes(file.size)}</span>
        </p>
        <div className="w-36">
          <SelectField
            label="Format"
            value={format}
            options={FORMATS}
            onChange={({ target }) => onFormat(target.value as ImportFormat)}
          />
        </div>
      </div>
    </Card>
  )
}
