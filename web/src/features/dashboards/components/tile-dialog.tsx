import type { Dashboard, Tile } from '@sandpiper/contracts'
import { useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { ResultChart } from '@/ui/chart/result-chart.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { TextField } from '@/ui/field.tsx'
import { QueryView } from '@/ui/query-view.tsx'

import { useTileRows } from '../api/get-tile-rows.ts'
import type { Chosen } from '../tile-call.ts'
import { ChartFields } from './chart-fields.tsx'
import { SourceFields } from './source-fields.tsx'

export interface TileDialogProps {
  tile: Tile
  about: Pick<Dashboard, 'time_parameters' | 'parameters'>
  chosen: Chosen
  onClose: () => void
  onKeep: (tile: Tile) => void
}

export function TileDialog({ tile, about, chosen, onClose, onKeep }: TileDialogProps) {
  const [draft, setDraft] = useState(tile)
  // What is asked: the source as it was when somebody ran it last.
  const [asked, setAsked] = useState(tile.source)
  const rows = useTileRows({
    tile: { source: asked },
    about: { ...about, refresh_seconds: null },
    chosen,
  })
  const isAsked = isComplete(asked)
  const change = (changed: Partial<Tile>): void => setDraft({ ...draft, ...changed })
  const isReady = draft.title.trim() !== '' && isComplete(draft.source)
  return (
    <Dialog
      open
      onClose={onClose}
      size="wide"
      title={tile.title === '' ? 'New tile' : `Tile ${tile.title}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!isReady} onClick={() => onKeep(draft)}>
            Keep in the draft
          </Button>
        </>
      }
    >
      <div className="grid gap-4 lg:grid-cols-[22rem_minmax(0,1fr)]">
        <div className="flex min-w-0 flex-col gap-3">
          <TextField
            label="Title"
            value={draft.title}
            onChange={(event) => change({ title: event.target.value })}
          />
          <SourceFields
            source={draft.source}
            onChange={(source) => change({ source })}
            onRun={(source) => setAsked(source)}
          />
          <ChartFields
            chart={draft.chart}
            columns={isAsked ? (rows.data?.meta ?? []) : []}
            onChange={(chart) => change({ chart })}
          />
        </div>
        <div className="min-w-0">
          <h3 className="mb-2 text-sm font-semibold">Preview</h3>
          {isAsked ? (
            <QueryView query={rows}>
              {(result) => (
                <ResultChart label="Preview" result={result} chart={draft.chart} heightPx={340} />
              )}
            </QueryView>
          ) : (
            <p className="text-sm text-muted">Choose an endpoint, or write SQL and run it.</p>
          )}
        </div>
      </div>
    </Dialog>
  )
}

function isComplete(source: Tile['source']): boolean {
  return 'sql' in source ? source.sql.trim() !== '' : source.pipe !== ''
}
