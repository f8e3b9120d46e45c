/** Of `jao.observation`, in the order of the files for COPY. */
export const observationColumns =
  'series_id, delivery_start, known_from, value, withdrawn, attempt_id, source_row_id, source_modified_at';
