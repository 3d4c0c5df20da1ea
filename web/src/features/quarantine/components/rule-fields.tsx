import { Plus, Trash2 } from 'lucide-react'

import { Button } from '@/ui/button.tsx'
import { SelectField, TextAreaField, TextField } from '@/ui/field.tsx'
import { IconButton } from '@/ui/icon-button.tsx'

import { newRule, type RuleDraft, STEPS, type StepKind } from '../mapping-draft.ts'

export interface RuleFieldsProps {
  columns: readonly string[]
  rules: readonly RuleDraft[]
  onChange: (rules: RuleDraft[]) => void
}

/** Per column: where its value comes from, what is done to it, what stands when there is none. */
export function RuleFields({ columns, rules, onChange }: RuleFieldsProps) {
  const set = (id: number, part: Partial<RuleDraft>): void =>
    onChange(rules.map((each) => (each.id === id ? { ...each, ...part } : each)))
  const add = (): void => {
    const id = Math.max(-1, ...rules.map((each) => each.id)) + 1
    onChange([...rules, newRule(id, columns[0] ?? '')])
  }
  return (
    <div className="flex flex-col gap-3">
      {rules.map((rule) => (
        <fieldset
          key={rule.id}
          className="grid items-start gap-2 rounded-md border border-line p-3 sm:grid-cols-2 lg:grid-cols-4"
        >
          <legend className="sr-only">Rule for {rule.column}</legend>
          <SelectField
            label="Column"
            value={rule.column}
            options={columns.map((value) => ({ value, label: value }))}
            onChange={({ target }) => set(rule.id, { column: target.value })}
          />
          <SourceFields rule={rule} onChange={(part) => set(rule.id, part)} />
          <StepFields rule={rule} onChange={(part) => set(rule.id, part)} />
          <div className="flex items-end gap-2">
            <TextField
              label="When there is none"
              placeholder="nothing"
              value={rule.byDefault}
              onChange={({ target }) => set(rule.id, { byDefault: target.value })}
            />
            <IconButton
              label={`Remove the rule for ${rule.column}`}
              onClick={() => onChange(rules.filter(({ id }) => id !== rule.id))}
            >
              <Trash2 size={15} />
            </IconButton>
          </div>
        </fieldset>
      ))}
      <div>
        <Button onClick={add}>
          <Plus size={14} aria-hidden />
          Add a rule
        </Button>
      </div>
    </div>
  )
}

interface PartProps {
  rule: RuleDraft
  onChange: (part: Partial<RuleDraft>) => void
}

function SourceFields({ rule, onChange }: PartProps) {
  return (
    <div className="flex flex-col gap-1">
      <SelectField
        label="Value from"
        value={rule.from}
        options={[
          { value: 'own', label: 'its own place in the line' },
          { value: 'path', label: 'another JSONPath' },
          { value: 'constant', label: 'always the same value' },
        ]}
        onChange={({ target }) => onChange({ from: target.value as RuleDraft['from'] })}
      />
      {rule.from === 'own' ? null : (
        <TextField
          label={rule.from === 'path' ? 'JSONPath' : 'Value'}
          hideLabel
          placeholder={rule.from === 'path' ? '$.price.amount' : 'value'}
          value={rule.source}
          onChange={({ target }) => onChange({ source: target.value })}
        />
      )}
    </div>
  )
}

function StepFields({ rule, onChange }: PartProps) {
  return (
    <div className="flex flex-col gap-1">
      <SelectField
        label="Change"
        value={rule.step}
        options={[{ value: '', label: 'none' }, ...STEPS]}
        onChange={({ target }) => onChange({ step: target.value as StepKind | '', detail: '' })}
      />
      {rule.step === 'date' ? (
        <TextField
          label="Date format"
          hideLabel
          placeholder="DD/MM/YYYY HH:mm"
          value={rule.detail}
          onChange={({ target }) => onChange({ detail: target.value })}
        />
      ) : null}
      {rule.step === 'values' ? (
        <TextAreaField
          label="Texts and what they become"
          hideLabel
          placeholder={'N/A = null\nyes = 1'}
          value={rule.detail}
          onChange={({ target }) => onChange({ detail: target.value })}
        />
      ) : null}
    </div>
  )
}
