import { run } from './tools.ts';

/** What of a wheel is kept: TensorFlow's libraries and C headers, all of the CUDA libraries. */
const KEEP = [
  'tensorflow/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2',
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/',
  'tensorflow/include/tensorflow/tsl/',
  'tensorflow/include/tsl/',
  'tensorflow/include/xla/tsl/',
  'nvidia/',
];

/** Python is there for pip, and reads zip files of gigabytes without holding them. */
const PROGRAM = `
import hashlib, json, os, shutil, sys, zipfile
order = json.load(sys.stdin)
for wheel in order["wheels"]:
    digest = hashlib.sha256()
    with open(wheel["file"], "rb") as source:
        for block in iter(lambda: source.read(1 << 22), b""):
            digest.update(block)
    if digest.hexdigest() != wheel["sha256"]:
        sys.exit("%s has the sha256 %s instead of %s" % (os.path.basename(wheel["file"]), digest.hexdigest(), wheel["sha256"]))
    with zipfile.ZipFile(wheel["file"]) as archive:
        for name in archive.namelist():
            if name.startswith(tuple(order["keep"])) and not name.endswith((".py", ".a", "/")):
                archive.extract(name, order["into"])
    os.remove(wheel["file"])
`;

/** Checks the hash of each wheel, takes out what is needed, in the wheels' own layout, and deletes it. */
export async function unpackWheels(
  python: string,
  wheels: readonly { file: string; sha256: string }[],
  into: string,
): Promise<void> {
  const input = JSON.stringify({ wheels, into, keep: KEEP });
  await run('unpacking the wheels', python, ['-c', PROGRAM], { input });
}
