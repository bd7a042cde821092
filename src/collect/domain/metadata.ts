/** Metadata after a change (Stripe docs: Metadata): undefined keeps it, null empties it, an empty value deletes its key. */
export function mergeMetadata(
  current: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string>> | null | undefined,
): Readonly<Record<string, string>> {
  if (change === undefined) return current;
  const merged = change === null ? {} : { ...current, ...change };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ""));
}
