import type { Dashboard, DashboardDocument, Tile } from '@sandpiper/contracts'
import { useRef, useState } from 'react'

import { useControlKey } from '@/lib/use-control-key.ts'
import { LeaveGuard } from '@/ui/leave-guard.tsx'
import { Empty, ErrorBox } from '@/ui/states.tsx'
import { TileGrid } from '@/ui/tiles/tile-grid.tsx'

import { conflictingRevision, useSaveDashboard } from '../api/save-dashboard.ts'
import { COLUMNS, GAP_PX, type Move, moveTile, placeBelow, ROW_PX, settle } from '../layout.ts'
import { newTile } from '../new-tile.ts'
import type { Chosen } from '../tile-call.ts'
import { EditorBar } from './editor-bar.tsx'
import { SaveConflict } from './save-conflict.tsx'
import { SettingsDialog } from './settings-dialog.tsx'
import { TileDialog } from './tile-dialog.tsx'
import { TileMenu } from './tile-menu.tsx'
import { TileView } from './tile-view.tsx'

export interface DashboardEditorProps {
  document: DashboardDocument
  chosen: Chosen
  /** Called when it is saved, or left as it was. */
  onDone: () => void
  /** Whether the page still shows the editor with these values behind the `?`. */
  isEditedWith: (search: object) => boolean
  /** Called when somebody else's revision is wanted instead. */
  onReload: () => void
}

const HANDLE = 'tile-handle'

export function DashboardEditor(props: DashboardEditorProps) {
  const { document, chosen, onDone, isEditedWith, onReload } = props
  const [draft, setDraft] = useState<Dashboard>(document.content)
  const [edited, setEdited] = useState<Tile | null>(null)
  const [isSetting, setSetting] = useState(false)
  const save = useSaveDashboard(document.id)
  const change = (changed: Partial<Dashboard>): void => setDraft({ ...draft, ...changed })
  const setTiles = (tiles: readonly Tile[]): void => change({ tiles: [...tiles] })
  // The newer revision is shown in an editor of its own: this one may be gone before its save is told of.
  const isKept = useRef(false)
  const isUnsaved = JSON.stringify(draft) !== JSON.stringify(document.content)
  const store = async (revision: number): Promise<void> => {
    await save.mutateAsync({ revision, content: draft })
    isKept.current = true
    onDone()
  }
  // What went wrong is shown by the mutation.
  const tryStore = (revision: number): void => void store(revision).catch(() => undefined)
  useControlKey('s', () => tryStore(document.revision))
  const keep = (tile: Tile): void => {
    const isNew = !draft.tiles.some(({ id }) => id === tile.id)
    setTiles(
      isNew
        ? [...draft.tiles, tile]
        : draft.tiles.map((each) => (each.id === tile.id ? tile : each)),
    )
    setEdited(null)
  }
  const conflict = conflictingRevision(save.error)
  return (
    <div className="flex flex-col gap-4">
      <LeaveGuard
        isUnsaved={() => isUnsaved && !isKept.current}
        stays={isEditedWith}
        loses={`The changes of ${document.content.name} that were not saved.`}
      />
      <EditorBar
        isUnsaved={isUnsaved}
        isSaving={save.isPending}
        onAdd={() => setEdited(newTile(placeBelow(draft.tiles, 6, 5)))}
        onSettings={() => setSetting(true)}
        onDiscard={onDone}
        onSave={() => tryStore(document.revision)}
      />
      {conflict !== null ? (
        <SaveConflict
          error={save.error}
          current={conflict}
          busy={save.isPending}
          onTheirs={onReload}
          onMine={() => tryStore(conflict)}
        />
      ) : save.isError ? (
        <ErrorBox error={save.error} />
      ) : null}
      {draft.tiles.length === 0 ? (
        <Empty title="No tiles yet">Add a tile, and choose an endpoint or write SQL.</Empty>
      ) : null}
      <TileGrid
        columns={COLUMNS}
        rowPx={ROW_PX}
        gapPx={GAP_PX}
        handleClass={HANDLE}
        onLayout={(boxes) => {
          const at = new Map(boxes.map(({ id, x, y, w, h }) => [id, { x, y, w, h }]))
          setTiles(
            settle(
              draft.tiles.map((each) => ({ ...each, layout: at.get(each.id) ?? each.layout })),
            ),
          )
        }}
        tiles={draft.tiles.map((tile) => ({
          id: tile.id,
          ...tile.layout,
          content: (
            <TileView
              tile={tile}
              about={draft}
              chosen={chosen}
              handleClass={HANDLE}
              actions={
                <TileMenu
                  title={tile.title}
                  onEdit={() => setEdited(tile)}
                  onMove={(move: Move) => setTiles(moveTile(draft.tiles, tile.id, move))}
                  onRemove={() => setTiles(settle(draft.tiles.filter(({ id }) => id !== tile.id)))}
                />
              }
            />
          ),
        }))}
      />
      {edited === null ? null : (
        <TileDialog
          key={edited.id}
          tile={edited}
          about={draft}
          chosen={chosen}
          onClose={() => setEdited(null)}
          onKeep={keep}
        />
      )}
      {isSetting ? (
        <SettingsDialog
          dashboard={draft}
          onClose={() => setSetting(false)}
          onKeep={(changed) => {
            change(changed)
            setSetting(false)
          }}
        />
      ) : null}
    </div>
  )
}
