import type { MappedEntity } from "../domain/integrations/mapped-entity.ts";
import type { ProviderConnection } from "./provider-connection.ts";

/** A kind of thing at a provider that a thing of ours can be mapped to. */
export interface MappingTable {
  readonly name: string;
  readonly entity: MappedEntity;
}

export interface MappingCandidate {
  readonly id: string;
  /** What people know it by. */
  readonly label: string;
}

/** How many candidates a look answers at most. */
export const MAX_CANDIDATES = 1000;

/** What can be mapped to a provider. */
export interface MappingTables {
  /** What the provider is called in mappings. */
  readonly system: string;
  /** Other names of it, such as those of its test mode; all are read in any case. */
  readonly aliases: readonly string[];
  readonly tables: readonly MappingTable[];
  /**
   * What stands in a table now, newest first. Empty when the account does not let us in. Throws
   * ProviderReadError.
   */
  readonly candidates: (
    connection: ProviderConnection,
    table: string,
  ) => Promise<readonly MappingCandidate[]>;
}
