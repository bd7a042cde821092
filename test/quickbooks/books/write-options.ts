/** What the query of a write asks for besides. */
export interface WriteOptions {
  /** `include=allowduplicatedocnum` */
  readonly allowsDuplicateNumber?: boolean;
}
