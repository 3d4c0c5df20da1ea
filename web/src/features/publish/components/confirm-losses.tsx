import { ConfirmByName } from '@/ui/confirm-by-name.tsx'

/** What goes does not come back: it is named in the server's words, and a name is typed. */
export function ConfirmLosses({
  name,
  losses,
  onClose,
  onConfirm,
}: {
  name: string
  losses: readonly string[]
  onClose: () => void
  onConfirm: () => void
}) {
  return (
    <ConfirmByName
      open
      title="This loses what is live"
      name={name}
      action="Publish and lose it"
      loses={
        <>
          <p className="mb-2">Gone for good once it is published:</p>
          <ul className="flex list-inside list-disc flex-col gap-1">
            {losses.map((loss) => (
              <li key={loss}>{loss}</li>
            ))}
          </ul>
        </>
      }
      onClose={onClose}
      onConfirm={onConfirm}
    />
  )
}
