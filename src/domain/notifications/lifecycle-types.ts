/** Everything that happens in the life of a contract, a commit or a credit, in the words of the wire. */
export const LIFECYCLE_TYPES = [
  "contract.create",
  "contract.start",
  "contract.edit",
  "contract.end",
  "contract.archive",
  "commit.create",
  "commit.edit",
  "commit.archive",
  "commit.segment.start",
  "commit.segment.end",
  "credit.create",
  "credit.edit",
  "credit.archive",
  "credit.segment.start",
  "credit.segment.end",
] as const;

export type LifecycleType = (typeof LIFECYCLE_TYPES)[number];

/** Whether somebody does it: nobody knows of it before, and it is told by the change itself. */
export const isAct = (type: LifecycleType): boolean => /\.(create|edit|archive)$/.test(type);
