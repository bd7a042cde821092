import { invalid } from "../errors.ts";

/**
 * Notes the ids of what a request added under the temporary ids that it calls them by, for other
 * parts of the same request. `field` names them in messages. Refuses a temporary id used twice.
 */
export function noteTemporaryIds(
  parts: readonly { readonly temporaryId?: string | undefined }[],
  ids: readonly string[],
  field: string,
  temporaryIds: Map<string, string>,
): void {
  for (const [n, { temporaryId }] of parts.entries()) {
    const id = ids[n];
    if (temporaryId === undefined || id === undefined) continue;
    if (temporaryIds.has(temporaryId)) {
      const path = `${field}[${n}].temporary_id`;
      throw invalid(`${path} is used twice`, path);
    }
    temporaryIds.set(temporaryId, id);
  }
}
