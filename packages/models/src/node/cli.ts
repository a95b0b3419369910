#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { predictCommand } from './cli/predict-command.ts';

const USAGE = `npx @kd/models predict <folder | org/name> <image …>

Says what is on images: paths or URLs, with a model that savePretrained or Python's save_pretrained wrote into a folder, or of
the Hugging Face Hub.

  --top-k <n>        classes for each image (5)
  --json             one line of JSON in place of the tables
  --revision <name>  branch, tag, commit or refs/pr/<n> of the Hub
  --offline          only what is in the cache
  --help             prints this

Needs @kd/data, @kd/backend and a backend of TensorFlow.js:
npm install @kd/models @kd/data @kd/backend @tensorflow/tfjs @tensorflow/tfjs-backend-wasm`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      'top-k': { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
      revision: { type: 'string' },
      offline: { type: 'boolean' },
      help: { type: 'boolean', short: 'h', default: false },
    },
    allowPositionals: true,
  });
  if (values.help) return console.log(USAGE);
  const [command, model, ...images] = positionals;
  if (command !== 'predict') throw new Error(`there is no command '${command ?? ''}'\n\n${USAGE}`);
  if (!model || images.length === 0) throw new Error(`predict takes a model and one image or more\n\n${USAGE}`);
  const { json, revision, offline } = values;
  const options = { ...(revision ? { revision } : {}), ...(offline === undefined ? {} : { offline }) };
  const write = (text: string): void => console.log(text);
  await predictCommand(model, images, { topK: Number(values['top-k']), json, write, ...options });
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
