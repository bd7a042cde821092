import type { CustomFieldEntity } from "../domain/custom-fields/entity.ts";

/** A custom field of ours that goes to a place at the provider. */
export interface EntityMapping {
  readonly entity: CustomFieldEntity;
  readonly key: string;
  /** The place, in the provider's own words. */
  readonly target: string;
}

/** A rule that may be stored. */
export interface CheckedMapping extends EntityMapping {
  /** The most characters that the place takes. */
  readonly maxLength: number;
}

/** Mapping rules, at a provider that takes them. */
export interface EntityMapper {
  /** The rules of a whole list, checked one by one and together. Pure; throws invalid, naming the rule. */
  readonly check: (mappings: readonly EntityMapping[]) => readonly CheckedMapping[];
}

/** Where the rules stand among a connection's settings: a name that no setting has. */
export const MAPPINGS_SETTING = "entity_mappings";

/** The rules of a connection, as they were stored after their check. */
export const readMappings = (
  settings: Readonly<Record<string, unknown>>,
): readonly EntityMapping[] =>
  (settings[MAPPINGS_SETTING] as readonly EntityMapping[] | undefined) ?? [];
