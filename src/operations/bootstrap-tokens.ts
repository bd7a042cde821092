import { randomBytes } from "node:crypto";
import type { CoreDb } from "../db/database.ts";
import { instantText, Temporal } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";
import { hashSecret } from "../platform/secrets/secret-hash.ts";
import { hasToken, replaceToken } from "../store/api-tokens.ts";
import { getEnvironment } from "../store/environments.ts";

/** What a start had to make up; each is shown once and kept only as a hash. */
export interface GeneratedTokens {
  sandboxApiToken?: string;
  productionApiToken?: string;
  collectSecretKey?: string;
}

const NAME = "bootstrap";

const newToken = (environment: ClockName): string =>
  `ll_${environment === "SANDBOX" ? "test" : "live"}_${randomBytes(24).toString("base64url")}`;

/** The given token becomes the environment's first one; without one the first start makes it up. */
async function ensureToken(
  db: CoreDb,
  environmentName: ClockName,
  given: string | undefined,
): Promise<string | undefined> {
  return inTransaction(db, async (tx) => {
    const environment = await getEnvironment(tx, environmentName);
    if (given === undefined && (await hasToken(tx, environment.id, NAME))) return undefined;
    const token = given ?? newToken(environmentName);
    const nowAt = instantText(Temporal.Now.instant());
    await replaceToken(tx, environment.id, NAME, hashSecret(token), nowAt);
    return given === undefined ? token : undefined;
  });
}

/** Makes sure that each environment has its bootstrap token. Answers the ones it had to make. */
export async function bootstrapTokens(
  db: CoreDb,
  config: {
    readonly sandboxApiToken: string | undefined;
    readonly productionApiToken: string | undefined;
  },
): Promise<GeneratedTokens> {
  const sandbox = await ensureToken(db, "SANDBOX", config.sandboxApiToken);
  const production = await ensureToken(db, "PRODUCTION", config.productionApiToken);
  return {
    ...(sandbox === undefined ? {} : { sandboxApiToken: sandbox }),
    ...(production === undefined ? {} : { productionApiToken: production }),
  };
}
