import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { PostgresBinaries } from "./binaries.ts";
import type { SystemUser } from "./system-user.ts";

/** The only database user. */
export const DATABASE_USER = "ledgerline";

/** Where a cluster lives and who owns it. */
export interface ClusterHome {
  /** Holds the cluster and its log; belongs to the database's user. */
  readonly folder: string;
  readonly user: SystemUser | undefined;
  readonly binaries: PostgresBinaries;
}

export const clusterFolder = (home: ClusterHome): string => join(home.folder, "cluster");

/** A first start that a kill interrupted leaves a draft; one this old belongs to nobody any more. */
const DRAFT_AGE_MS = 10 * 60_000;

/** Creates the folder that holds the cluster, owned by the database's user. */
export function createHome(home: ClusterHome): void {
  mkdirSync(home.folder, { recursive: true, mode: 0o700 });
  if (home.user !== undefined) chownSync(home.folder, home.user.uid, home.user.gid);
}

/**
 * How a program of another user is told about a folder below private ones such as /root: by an
 * open descriptor, which needs no permission on the way. Elsewhere by its path.
 */
export function openForUser(home: ClusterHome): {
  path: string;
  stdio: number | "ignore";
  close(): void;
} {
  if (home.user === undefined || process.platform !== "linux") {
    return { path: home.folder, stdio: "ignore", close() {} };
  }
  const descriptor = openSync(home.folder, "r");
  return { path: "/proc/self/fd/3", stdio: descriptor, close: () => closeSync(descriptor) };
}

/** What a program inherits: no `PG*` variable may bend it, and no locale of the shell. */
export const programEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  TZ: "UTC",
  LC_ALL: "C",
});

async function runInitdb(
  home: ClusterHome,
  draft: string,
  passwordFile: string,
  durable: boolean,
): Promise<void> {
  const opened = openForUser(home);
  const child = spawn(
    home.binaries.initdb,
    [
      `--pgdata=${opened.path}/${draft}`,
      `--pwfile=${opened.path}/${passwordFile}`,
      `--username=${DATABASE_USER}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      ...(durable ? [] : ["--no-sync"]),
    ],
    {
      ...home.user,
      cwd: "/",
      env: programEnvironment(),
      stdio: ["ignore", "ignore", "pipe", opened.stdio],
    },
  );
  let complaints = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    complaints += chunk.toString("utf8");
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (code !== 0)
      throw new Error(`The embedded database could not be created: ${complaints.trim()}`);
  } finally {
    opened.close();
  }
}

function removeOldDrafts(home: ClusterHome): void {
  for (const name of readdirSync(home.folder)) {
    if (!/^(cluster|password)-[0-9a-f]{12}$/.test(name)) continue;
    const path = join(home.folder, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > DRAFT_AGE_MS) rmSync(path, { recursive: true, force: true });
  }
}

/**
 * Creates the cluster unless there is one. It appears under its name in one step when it is
 * complete, so that a kill or a second process in the middle does no harm.
 */
export async function createCluster(
  home: ClusterHome,
  password: string,
  durable: boolean,
): Promise<void> {
  if (existsSync(clusterFolder(home))) return;
  removeOldDrafts(home);
  const suffix = randomBytes(6).toString("hex");
  const draft = join(home.folder, `cluster-${suffix}`);
  const passwordFile = join(home.folder, `password-${suffix}`);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (home.user !== undefined) chownSync(passwordFile, home.user.uid, home.user.gid);
  try {
    await runInitdb(home, `cluster-${suffix}`, `password-${suffix}`, durable);
    renameSync(draft, clusterFolder(home));
  } catch (error) {
    // Another process was faster: its cluster is as good as ours.
    if (!existsSync(clusterFolder(home))) throw error;
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(draft, { recursive: true, force: true });
  }
}
