import { listConnectionsById } from "../store/connections-by-id.ts";
import { type IntegrationRule, listRulesById } from "../store/integration-rules.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import type { OperationContext } from "./context.ts";
import { invoicePageUrl } from "./invoice-page.ts";

/** A run with what stands around it. */
export interface ReadRun {
  readonly run: IntegrationRun;
  /** undefined: a billing configuration sends it. */
  readonly rule: IntegrationRule | undefined;
  /** Where people see the document at the provider. */
  readonly url: string | null;
  /** Where they see the bill at ours. */
  readonly billUrl: string;
}

/** Adds to a page of runs their configurations and the addresses of what they sent. */
export async function readRuns(
  ctx: OperationContext,
  runs: readonly IntegrationRun[],
): Promise<ReadRun[]> {
  const { db, environment, services } = ctx;
  const ids = <Key extends "configurationId" | "connectionId">(key: Key) => [
    ...new Set(runs.flatMap((run) => run[key] ?? [])),
  ];
  const rules = await listRulesById(db, environment.id, ids("configurationId"));
  const connections = await listConnectionsById(db, environment.id, ids("connectionId"));
  return runs.map((run) => {
    const connection = connections.get(run.connectionId ?? "");
    const { externalId, externalDetails } = run;
    const atProvider =
      externalId === null || connection === undefined
        ? undefined
        : services.providers[run.provider]?.routing?.documentUrl(
            {
              environment: environment.name,
              builtIn: connection.builtIn,
              settings: connection.settings,
            },
            externalId,
          );
    const hosted = externalDetails.hosted_url;
    return {
      run,
      rule: rules.get(run.configurationId ?? ""),
      url: atProvider ?? (typeof hosted === "string" ? hosted : null),
      billUrl: invoicePageUrl(ctx, run.invoiceId),
    };
  });
}
