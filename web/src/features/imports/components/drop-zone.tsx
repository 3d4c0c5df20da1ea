import clsx from 'clsx'
import { FileUp } from 'lucide-react'
import { type DragEvent, useId, useState } from 'react'

/** Takes one file, dropped or chosen. */
export function DropZone({ onFile, hint }: { onFile: (file: File) => void; hint: string }) {
  const id = useId()
  const [isOver, setIsOver] = useState(false)
  const drop = (event: DragEvent): void => {
    event.preventDefault()
    setIsOver(false)
    const [file] = event.dataTransfer.files
    if (file !== undefined) onFile(file)
  }
  return (
    <div
      onDragOver={(event) => {
        event.preventDefault()
        setIsOver(true)
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
      className={clsx(
        'flex flex-col items-center gap-2 rounded-lg border-2 border-dashed px-6 py-10 text-center',
        isOver ? 'border-accent bg-accent-soft' : 'border-line bg-surface',
      )}
    >
      <FileUp size={22} className="text-muted" aria-hidden />
      <label
        htmlFor={id}
        className="cursor-pointer font-medium text-accent underline-offset-2 hover:underline"
      >
        Drop a file here, or choose one
      </label>
      <input
        id={id}
        type="file"
        accept=".csv,.tsv,.txt,.ndjson,.jsonl,.json,.parquet,.gz"
        className="text-sm text-muted file:mr-2 file:rounded-md file:border file:border-line file:bg-surface file:px-2 file:py-1 file:text-ink"
        onChange={({ target }) => {
          const [file] = target.files ?? []
          if (file !== undefined) onFile(file)
          target.value = ''
        }}
      />
      <p className="text-sm text-muted">{hint}</p>
    </div>
  )
}
