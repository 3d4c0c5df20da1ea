import type { ImportFormat } from '@sandpiper/contracts'
import { useState } from 'react'

import { formatBytes } from '@/lib/format.ts'
import { Button } from '@/ui/button.tsx'
import { ConfirmByName } from '@/ui/confirm-by-name.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { SelectField } from '@/ui/field.tsx'

import { useSendFile } from '../api/send-file.ts'
import { FORMATS, formatOf } from '../import-format.ts'
import { DropZone } from './drop-zone.tsx'
import { FileOnItsWay } from './send-file.tsx'

export interface AppendDialogProps {
  name: string
  mode: 'append' | 'replace'
  open: boolean
  onClose: () => void
  /** What a replacement removes, in words. */
  loses: string
}

/** A file into a data source that is there: its rows come to the others, or in their place. */
export function AppendDialog({ name, mode, open, onClose, loses }: AppendDialogProps) {
  const [file, setFile] = useState<File | null>(null)
  const [format, setFormat] = useState<ImportFormat>('csv')
  const [asking, setAsking] = useState(false)
  const send = useSendFile()
  const isAppend = mode === 'append'
  const close = (): void => {
    setFile(null)
    setAsking(false)
    send.stop()
    send.reset()
    onClose()
  }
  const start = (): void => {
    setAsking(false)
    if (file !== null) send.mutate({ name, file, format, mode })
  }
  return (
    <>
      <Dialog
        open={open && !asking}
        onClose={close}
        title={isAppend ? `Append a file to ${name}` : `Replace the rows of ${name}`}
        actions={
          send.variables === undefined ? (
            <Button
              look={isAppend ? 'primary' : 'danger'}
              disabled={file === null}
              onClick={isAppend ? start : () => setAsking(true)}
            >
              {isAppend ? 'Append' : 'Replace'}
            </Button>
          ) : (
            <Button onClick={close}>Close</Button>
          )
        }
      >
        {send.variables !== undefined ? (
          <FileOnItsWay send={send} />
        ) : (
          <div className="flex flex-col gap-3">
            <DropZone
              onFile={(chosen) => {
                setFile(chosen)
                setFormat(formatOf(chosen.name))
              }}
              hint="CSV fields go by their names in the first line, JSON by its paths."
            />
            {file === null ? null : (
              <div className="flex items-end gap-3 text-sm">
                <p className="min-w-0 flex-1 break-all">
                  {file.name} <span className="text-muted">{formatBytes(file.size)}</span>
                </p>
                <SelectField
                  label="Format"
                  value={format}
                  options={FORMATS}
                  onChange={({ target }) => setFormat(target.value as ImportFormat)}
                />
              </div>
            )}
          </div>
        )}
      </Dialog>
      <ConfirmByName
        open={open && asking}
        onClose={() => setAsking(false)}
        title={`Replace the rows of ${name}`}
        name={name}
        loses={loses}
        action="Replace the rows"
        onConfirm={start}
      />
    </>
  )
}
