import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

const USER_NAME = "postgres";

function findUser(): SystemUser | undefined {
  for (const line of readFileSync("/etc/passwd", "utf8").split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (name === USER_NAME) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

function run(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/**
 * The unprivileged user that Postgres runs as when we are root (Postgres refuses root), created
 * when it is missing; undefined when we are not root and Postgres runs as ourselves.
 */
export function postgresUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const existing = findUser();
  if (existing !== undefined) return existing;
  // shadow's programs on most systems, busybox's on Alpine.
  if (!run("groupadd", ["--system", USER_NAME])) run("addgroup", ["-S", USER_NAME]);
  if (!run("useradd", ["--system", "-g", USER_NAME, "-M", USER_NAME])) {
    run("adduser", ["-S", "-D", "-H", "-G", USER_NAME, USER_NAME]);
  }
  const created = findUser();
  if (created === undefined) {
    throw new Error(
      `Postgres refuses to run as root and the user "${USER_NAME}" could not be created. Create it, start as another user, or set DATABASE_URL.`,
    );
  }
  return created;
}

/** Whether `user` may enter the folder: every folder on the way must let it through. */
export function isReachable(folder: string, user: SystemUser): boolean {
  for (let path = folder; ; path = dirname(path)) {
    const { mode, uid, gid } = statSync(path);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (path === dirname(path)) return true;
  }
}
