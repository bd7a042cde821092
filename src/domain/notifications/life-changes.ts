import { canonicalText } from "../invoices/canonical.ts";
import { uuidV5 } from "../invoices/invoice-id.ts";
import type { Instant } from "../time.ts";
import { editEvent, type Life, type LifeEdit, type LifeEvent } from "./life.ts";

/** A life with the terms that make an edit of it when they change. */
export interface RecordedLife {
  readonly life: Life;
  /** Equal texts, equal terms. Of a contract it is empty: its edits are recorded anyway. */
  readonly terms: string;
}

/** What a change did to one contract, commit or credit. */
export interface LifeChange {
  /** As it is now; of one that is gone, as it was. */
  readonly life: Life;
  readonly acts: readonly LifeEvent[];
  /** An edit that is to be recorded; undefined: none, or it is recorded already. */
  readonly edit?: LifeEdit;
  readonly isGone: boolean;
}

/**
 * Finds out what happened between two looks at the contracts, commits and credits of one customer.
 * What is not there any more counts as archived.
 */
export function lifeChanges(
  before: readonly RecordedLife[],
  after: readonly RecordedLife[],
  at: Instant,
): LifeChange[] {
  const known = new Map(before.map((recorded) => [recorded.life.id, recorded]));
  const kept = new Set(after.map(({ life }) => life.id));
  const changed = after.flatMap((recorded): LifeChange[] => {
    const was = known.get(recorded.life.id);
    if (was === undefined) return [born(recorded.life)];
    if (canonicalText(was) === canonicalText(recorded)) return [];
    return [changedLife(was, recorded, at)];
  });
  const gone = before
    .filter(({ life }) => !kept.has(life.id) && life.archivedAt === null)
    .map(({ life }): LifeChange => ({ life, acts: [archival(life, at)], isGone: true }));
  return [...changed, ...gone];
}

const archival = ({ kind }: Life, at: Instant): LifeEvent => ({
  type: `${kind}.archive`,
  at,
  of: "",
});

function born(life: Life): LifeChange {
  const { kind, createdAt, archivedAt } = life;
  const creation: LifeEvent = { type: `${kind}.create`, at: createdAt, of: "" };
  const acts = archivedAt === null ? [creation] : [creation, archival(life, archivedAt)];
  return { life, acts, isGone: false };
}

function changedLife(was: RecordedLife, { life, terms }: RecordedLife, at: Instant): LifeChange {
  const isArchivedNow = was.life.archivedAt === null && life.archivedAt !== null;
  const archivals = isArchivedNow ? [archival(life, life.archivedAt)] : [];
  const recorded = life.edits
    .filter(({ id }) => !was.life.edits.some((edit) => edit.id === id))
    .map((edit) => editEvent(life, edit));
  if (was.terms === terms) return { life, acts: [...recorded, ...archivals], isGone: false };
  // Counted, so that the same edit made twice is two of them, and seen twice is one.
  const edit = { id: uuidV5(life.id, `edit/${life.edits.length}`), at };
  const edited = { ...life, edits: [...life.edits, edit] };
  return { life: edited, acts: [editEvent(life, edit), ...archivals], edit, isGone: false };
}
