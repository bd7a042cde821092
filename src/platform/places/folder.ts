import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, realpath, rename, rm } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { toDiskError } from "./disk-error.ts";
import type { FileStore } from "./file-place.ts";
import { PlaceError } from "./place-error.ts";

const PENDING = ".tmp";

const isWithin = (root: string, path: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);

const translate = (error: unknown): unknown =>
  toDiskError(error, {
    code: "folder_not_writable",
    remedy:
      "Give the server's user write access to the folder, and free space, then retry the run.",
  });

/** Makes the folder of a file; a link that leads out of the root is followed nowhere. */
async function makeFolder(root: string, path: string): Promise<string> {
  const folder = dirname(join(root, path));
  await mkdir(folder, { recursive: true });
  if (!isWithin(await realpath(root), await realpath(folder))) {
    throw new PlaceError("folder_outside", `${path} leads out of the export directory`, {
      remedy: "Remove the symbolic link below EXPORT_DIR, then retry the run.",
      permanent: true,
    });
  }
  return folder;
}

/** A rename is only there for ever when its folder is on the disk. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync();
  await handle.close();
}

/** Removes what processes that died have left of a file. */
async function removeLeftovers(folder: string, begin: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(begin) && name.endsWith(PENDING))
      await rm(join(folder, name), { force: true });
  }
}

/**
 * Keeps files below a directory of this machine: under another name first, then renamed. That name is given
 * once: a process that stood still and goes on writes into nobody else's file.
 */
export function folderStore(root: string, nameOnce: () => string = randomUUID): FileStore {
  return {
    async prepare(path) {
      try {
        await mkdir(root, { recursive: true });
        const folder = await makeFolder(root, path);
        const target = join(root, path);
        const begin = `.${path.split("/").at(-1)}.`;
        await removeLeftovers(folder, begin);
        const localPath = join(folder, `${begin}${nameOnce()}${PENDING}`);
        return {
          localPath,
          async publish() {
            await rename(localPath, target);
            await syncFolder(folder);
          },
          discard: () => rm(localPath, { force: true }),
        };
      } catch (error) {
        throw translate(error);
      }
    },
    translate,
    close: async () => {},
  };
}
