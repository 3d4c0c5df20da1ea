// Which ENGINE_SETTINGS a project may give. Settings that weaken durability, name disks or change what an insert means are
// refused: they belong to the operator.

/** Settings that hold for the life of a table. */
const FIXED: ReadonlySet<string> = new Set(['index_granularity', 'index_granularity_bytes'])

const CHANGEABLE: ReadonlySet<string> = new Set([
  'min_bytes_for_wide_part',
  'min_rows_for_wide_part',
  'merge_with_ttl_timeout',
  'merge_with_recompression_ttl_timeout',
  'ttl_only_drop_parts',
  'max_bytes_to_merge_at_max_space_in_pool',
  'max_parts_in_total',
  'parts_to_delay_insert',
  'parts_to_throw_insert',
  'min_age_to_force_merge_seconds',
  'min_age_to_force_merge_on_partition_only',
  'deduplicate_merge_projection_mode',
  'allow_nullable_key',
  'enable_vertical_merge_algorithm',
  'ratio_of_defaults_for_sparse_serialization',
])

/** Whether a project may give this setting at all. */
export function isAllowedSetting(name: string): boolean {
  return FIXED.has(name) || CHANGEABLE.has(name)
}

/** Whether ALTER can change it; otherwise the table is built anew. */
export function isChangeableSetting(name: string): boolean {
  return CHANGEABLE.has(name) && name !== 'allow_nullable_key'
}
