import type { Instant } from "../time.ts";
import type { LifecycleType } from "./lifecycle-types.ts";

/** What happened to a thing, or will, if its terms stay as they are. */
export interface LifeEvent {
  readonly type: LifecycleType;
  readonly at: Instant;
  /** Tells it from others of its type and thing: the edit or segment it is about, else empty. */
  readonly of: string;
  readonly segment?: { readonly id: string; readonly index: number; readonly count: number };
}

/** A change of a thing's terms after it was made. */
export interface LifeEdit {
  readonly id: string;
  readonly at: Instant;
}

interface Lived {
  readonly id: string;
  /** null: a commit or credit of the customer itself. */
  readonly contractId: string | null;
  readonly createdAt: Instant;
  readonly archivedAt: Instant | null;
  /** Oldest first. */
  readonly edits: readonly LifeEdit[];
}

export interface ContractLife extends Lived {
  readonly kind: "contract";
  readonly startingAt: Instant;
  /** The first instant that does not belong to it; null: it has no end. */
  readonly endingBefore: Instant | null;
}

export interface CommitLife extends Lived {
  readonly kind: "commit" | "credit";
  /** What spawned it; null: it was agreed on by itself. */
  readonly recurringId: string | null;
  /** In order of their start. */
  readonly segments: readonly {
    readonly id: string;
    readonly startingAt: Instant;
    readonly endingBefore: Instant;
  }[];
}

/** The life of a contract, commit or credit as it stands. */
export type Life = ContractLife | CommitLife;

/** Everything in a life, past and to come. An archived thing has nothing left but that it was archived. */
export function lifeEvents(life: Life): LifeEvent[] {
  const { kind } = life;
  if (life.archivedAt !== null) return [{ type: `${kind}.archive`, at: life.archivedAt, of: "" }];
  return [
    { type: `${kind}.create`, at: life.createdAt, of: "" },
    ...life.edits.map(({ id, at }) => editEvent(life, { id, at })),
    ...(life.kind === "contract" ? contractEdges(life) : commitEdges(life)),
  ];
}

/** That a life was changed. */
export const editEvent = ({ kind }: Life, { id, at }: LifeEdit): LifeEvent => ({
  type: `${kind}.edit`,
  at,
  of: id,
});

function contractEdges({ startingAt, endingBefore }: ContractLife): LifeEvent[] {
  const start = { type: "contract.start", at: startingAt, of: "" } as const;
  if (endingBefore === null) return [start];
  return [start, { type: "contract.end", at: endingBefore, of: "" }];
}

const commitEdges = ({ kind, segments }: CommitLife): LifeEvent[] =>
  segments.flatMap(({ id, startingAt, endingBefore }, index) => {
    const segment = { id, index, count: segments.length };
    return [
      { type: `${kind}.segment.start`, at: startingAt, of: id, segment } as const,
      { type: `${kind}.segment.end`, at: endingBefore, of: id, segment } as const,
    ];
  });
