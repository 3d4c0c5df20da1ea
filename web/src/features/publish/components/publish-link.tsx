import { useDrafts } from '@/lib/drafts/get-drafts.ts'
import { buttonClass } from '@/ui/button.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'

/** Leads to what can be published; absent without drafts. */
export function PublishLink({ look = 'plain' }: { look?: 'plain' | 'primary' }) {
  const drafts = useDrafts()
  const count = drafts.data?.length ?? 0
  if (count === 0) return null
  return (
    <PlaceLink to="publish" className={buttonClass(look)}>
      Publish {count === 1 ? '1 draft' : `${count} drafts`}
    </PlaceLink>
  )
}
