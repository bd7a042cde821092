import {
  MAPPED_ENTITIES,
  type MappedEntity,
  readMappedEntity,
} from "../domain/integrations/mapped-entity.ts";
import { instantText } from "../domain/time.ts";
import { AppError, invalid, unsupported } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import type { MappingTables } from "../providers/mapping-tables.ts";
import type { AnyProvider } from "../providers/provider.ts";
import {
  deleteMapping,
  type ExternalMapping,
  hasMappedEntity,
  insertMapping,
  lockMapping,
  type MappingFacts,
  updateMapping,
} from "../store/external-mappings.ts";
import { getConfiguration } from "../store/integration-configurations.ts";
import type { OperationContext } from "./context.ts";
import { refuseOtherVersion } from "./refuse-other-version.ts";

/** A provider to which something can be mapped. */
export interface MappedSystem {
  readonly provider: AnyProvider;
  readonly mapping: MappingTables;
}

/** Every provider to which something can be mapped. */
export const mappedSystems = ({ services }: OperationContext): MappedSystem[] =>
  Object.values(services.providers).flatMap((provider) =>
    provider.mappingTables === undefined ? [] : [{ provider, mapping: provider.mappingTables }],
  );

/** The provider of that name in any case; undefined: a system that we do not connect to. */
export const findMappedSystem = (ctx: OperationContext, name: string): MappedSystem | undefined =>
  mappedSystems(ctx).find(({ mapping: { system, aliases } }) =>
    [system, ...aliases].some((each) => each.toLowerCase() === name.toLowerCase()),
  );

/** What a system is called in mappings: one that we do not connect to, as it is written. */
export const toSystemName = (ctx: OperationContext, name: string): string =>
  findMappedSystem(ctx, name)?.mapping.system ?? name;

/** The entity of a name in any case. Throws AppError, naming the field. */
export function demandEntity(given: string, field: string): MappedEntity {
  const entity = readMappedEntity(given);
  if (typeof entity === "string") return entity;
  if (entity.known) throw unsupported(`${field} ${given}`);
  throw invalid(`${field} must be one of ${MAPPED_ENTITIES.join(", ")}`, field);
}

export type MappingRequest = Omit<MappingFacts, "entity"> & { readonly entity: string };

/**
 * Notes what an entity is called elsewhere. Throws AppError: invalid for what is not there, unsupported,
 * conflict when the entity is mapped there already.
 */
export async function createMapping(
  ctx: OperationContext,
  request: MappingRequest,
): Promise<ExternalMapping> {
  return inTransaction(ctx.db, async (tx) => {
    const facts = await checkMapping({ ...ctx, db: tx }, request);
    return insertMapping(tx, ctx.environment.id, facts, authorOf(ctx));
  });
}

/** Replaces a mapping. As createMapping; throws conflict when `version` is not its present one. */
export async function replaceMapping(
  ctx: OperationContext,
  id: string,
  request: MappingRequest,
  {
    version,
    check,
  }: { readonly version: number; readonly check: (present: ExternalMapping) => void },
): Promise<ExternalMapping> {
  return inTransaction(ctx.db, async (tx) => {
    const present = await lockMapping(tx, ctx.environment.id, id);
    refuseOtherVersion("external mapping", present.version, version);
    check(present);
    const facts = await checkMapping({ ...ctx, db: tx }, request);
    return updateMapping(tx, present, facts, authorOf(ctx));
  });
}

/** Takes a mapping away, and answers it as it was. Throws not_found. */
export async function removeMapping(ctx: OperationContext, id: string): Promise<ExternalMapping> {
  return inTransaction(ctx.db, async (tx) => {
    const present = await lockMapping(tx, ctx.environment.id, id);
    await deleteMapping(tx, id);
    return present;
  });
}

const authorOf = (ctx: OperationContext) => ({ at: instantText(ctx.now), by: ctx.actor });

/** A provider takes what it has a table for; other systems are the caller's own affair. */
async function checkMapping(ctx: OperationContext, request: MappingRequest): Promise<MappingFacts> {
  const entity = demandEntity(request.entity, "m3terEntity");
  const { entityId, externalSystem, externalTable, configurationId } = request;
  const found = findMappedSystem(ctx, externalSystem)?.mapping;
  const tables = found?.tables.filter((table) => table.entity === entity).map(({ name }) => name);
  if (tables !== undefined && !tables.includes(externalTable)) {
    const allowed = tables.length === 0 ? "nothing" : tables.join(", ");
    throw invalid(
      `externalTable: ${entity} is mapped to ${allowed} of ${found?.system}, not to ${externalTable}`,
      "externalTable",
    );
  }
  const facts = { ...request, entity, externalSystem: found?.system ?? externalSystem };
  if (!(await hasMappedEntity(ctx.db, ctx.environment.id, facts))) {
    throw invalid(`m3terId: there is no ${entity} ${entityId}`, "m3terId");
  }
  if (configurationId !== null) await demandConfiguration(ctx, configurationId);
  return facts;
}

async function demandConfiguration(ctx: OperationContext, id: string): Promise<void> {
  try {
    await getConfiguration(ctx.db, ctx.environment.id, id);
  } catch (error) {
    if (!(error instanceof AppError && error.kind === "not_found")) throw error;
    throw invalid(
      `integrationConfigId: there is no integration configuration ${id}`,
      "integrationConfigId",
    );
  }
}
