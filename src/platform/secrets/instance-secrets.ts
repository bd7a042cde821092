import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What one installation generates for itself and keeps in its data folder. */
export interface InstanceSecrets {
  /** 32 bytes: encrypts provider credentials at rest. */
  readonly credentialsKey: Buffer;
  /** Password of the embedded database's only user. */
  readonly databasePassword: string;
}

const FILE_NAME = "secrets.json";

function parseSecrets(path: string, text: string): InstanceSecrets {
  const unreadable = new Error(
    `${path} is not a file of secrets that Ledgerline wrote. Restore it from a backup: the database in this folder can only be opened with it.`,
  );
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw unreadable;
  }
  if (typeof content !== "object" || content === null) throw unreadable;
  const { credentials_key: key, database_password: password } = content as Record<string, unknown>;
  if (typeof key !== "string" || typeof password !== "string") throw unreadable;
  const credentialsKey = Buffer.from(key, "base64");
  if (credentialsKey.length !== 32) throw unreadable;
  return { credentialsKey, databasePassword: password };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Reads the secrets of the installation in `dataDir`, creating the folder and the file (mode 0600)
 * on the first call. Of several processes that create it at once one wins and all read its file:
 * the complete file appears under its name in one step. Throws when the file is damaged.
 */
export function readInstanceSecrets(dataDir: string): InstanceSecrets {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, FILE_NAME);
  const existing = readIfThere(path);
  if (existing !== undefined) return parseSecrets(path, existing);
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  const content = {
    credentials_key: randomBytes(32).toString("base64"),
    database_password: randomBytes(24).toString("base64url"),
  };
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return parseSecrets(path, readFileSync(path, "utf8"));
}
