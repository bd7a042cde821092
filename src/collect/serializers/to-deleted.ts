/** What a delete answers, and what stays readable of a deleted customer. */
export const toDeleted = <const Name extends string>(id: string, object: Name) =>
  ({ id, object, deleted: true }) as const;
