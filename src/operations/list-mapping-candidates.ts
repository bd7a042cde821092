import { AppError, invalid, notFound } from "../errors.ts";
import type { MappingCandidate } from "../providers/mapping-tables.ts";
import { ProviderReadError } from "../providers/read-error.ts";
import { findDefaultConnection, getLiveConnection } from "../store/connections.ts";
import type { OperationContext } from "./context.ts";
import { openConnection } from "./open-connection.ts";
import { demandEntity, findMappedSystem } from "./save-external-mapping.ts";

export interface CandidateRequest {
  readonly system: string;
  readonly entity: string;
  /** undefined: the table of the entity. */
  readonly table: string | undefined;
  /** undefined: the environment's default account at the provider. */
  readonly connectionId: string | undefined;
}

/**
 * What an entity could be mapped to: what stands at the connected account now. Empty when no account is
 * connected, or it does not let us in. Reads the provider, so `ctx.db` must hold no transaction. Throws
 * AppError: not_found, invalid, unavailable when the provider does not answer.
 */
export async function listMappingCandidates(
  ctx: OperationContext,
  { system, entity: given, table, connectionId }: CandidateRequest,
): Promise<readonly MappingCandidate[]> {
  const found = findMappedSystem(ctx, system);
  if (found === undefined) throw notFound("destination", system);
  const { provider, mapping } = found;
  const entity = demandEntity(given, "entityType");
  const tables = mapping.tables.filter((each) => each.entity === entity).map(({ name }) => name);
  const wanted = table ?? tables[0];
  if (wanted === undefined || !tables.includes(wanted)) {
    throw invalid(
      tables.length === 0
        ? `entityType: nothing of ${mapping.system} is for ${entity}`
        : `externalTable must be one of ${tables.join(", ")}`,
      "externalTable",
    );
  }
  const connection =
    connectionId === undefined
      ? await findDefaultConnection(ctx.db, ctx.environment.id, provider.name)
      : await getLiveConnection(ctx.db, ctx.environment.id, connectionId);
  if (connection === undefined || connection.provider !== provider.name) return [];
  try {
    const opened = openConnection(ctx, connection, ctx.environment.name);
    return await mapping.candidates(opened, wanted);
  } catch (error) {
    if (!(error instanceof ProviderReadError)) throw error;
    throw new AppError(
      "unavailable",
      "provider_unavailable",
      `${mapping.system} could not be read: ${error.message}`,
      { cause: error },
    );
  }
}
