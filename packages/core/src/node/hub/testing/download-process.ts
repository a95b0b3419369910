/* `download-process.ts <options as JSON>`: downloads a file in a process of its own, for tests with two of them. */
import { downloadFile } from '../download-file.ts';

const { repo, path, ...options } = JSON.parse(process.argv[2]!);
process.stdout.write(await downloadFile(repo, path, options));
