import { type ImageArray, KdError } from '@kd/core';
import { decodeImageInBrowser } from '@kd/data';
import { type Prediction, topPredictions } from '@kd/models';
import { prepareDigit } from '../images/prepare-digit.ts';
import { readInk } from '../images/read-ink.ts';
import { BACKENDS, type BackendName, startBackend } from '../networks/backends.ts';
import { findNetworks, findTeacher } from '../networks/find-networks.ts';
import { type Folder, readFile, subfolder } from '../networks/folder.ts';
import { type Latency, measureLatency } from '../networks/latency.ts';
import { type ByRole, loadPair, ROLES } from '../networks/load-pair.ts';
import type { Network } from '../networks/network.ts';
import { showFacts, showPredictions, summary } from './comparison.ts';
import { element } from './elements.ts';
import { folderOf, onChoice, onDrop } from './given-files.ts';
import { ownModels } from './own-models.ts';
import { createPad } from './pad.ts';
import { showPhotograph, showSamples, showSeen } from './pictures.ts';
import { sentence } from './sentence.ts';

const MOST_SAMPLES = 12;
const LOADING = 'Loading …';

let folders: ByRole<Folder> = {};
let networks: ByRole<Network> = {};
let latencies: ByRole<Latency> = {};
let backend: BackendName = 'wasm';
/** What the networks look at, uint8. */
let image: ImageArray | undefined;
/** What they say of it: logits. */
let answers: ByRole<Float32Array> = {};

const status = element('status');
const error = element('error');
const backends = element<HTMLSelectElement>('backend');
const temperature = element<HTMLInputElement>('temperature');

/** One thing at a time: networks are not replaced while they compute. Earlier complaints are over when it begins. */
let last: Promise<void> = Promise.resolve();
function act(task: () => Promise<void>): void {
  last = last
    .then(() => {
      error.hidden = true;
      return task();
    })
    .catch((problem: unknown) => {
      error.textContent = sentence(problem);
      error.hidden = false;
      if (status.textContent === LOADING) status.textContent = '';
    });
}

/** Who says what kind of image is looked at. */
const looker = (): Network | undefined => networks.student ?? networks.teacher;

/** Shows what the networks said, at the temperature that is set. @param finished whether to say it aloud */
function showAnswers(finished: boolean): void {
  const degrees = Number(temperature.value);
  element('temperature-value').textContent = temperature.value;
  const predictions: ByRole<Prediction[]> = {};
  for (const role of ROLES) {
    const [network, logits] = [networks[role], answers[role]];
    if (!network || !logits) continue;
    const { classNames } = network;
    const softened = logits.map((logit) => logit / degrees);
    predictions[role] = topPredictions(softened, { classNames, topK: classNames.length });
  }
  showPredictions(predictions);
  if (finished) status.textContent = summary(predictions);
}

/** Asks both networks about the image. */
async function ask(finished: boolean): Promise<void> {
  answers = {};
  for (const role of image ? ROLES : []) {
    const network = networks[role];
    if (network) answers[role] = await network.logits(network.prepare(image!));
  }
  showSeen(image && looker()?.look(image));
  showAnswers(finished);
}

let isDue = false;
const pad = createPad((finished) => {
  if (!finished && isDue) return; // the last points are on the pad by then
  isDue = !finished;
  act(async () => {
    isDue = false;
    const network = looker();
    image = network && prepareDigit(pad.ink(), network.imageShape[0]);
    await ask(finished);
    await new Promise(requestAnimationFrame);
  });
});

/** An image file, dropped or chosen. */
async function show(name: string, file: Blob): Promise<void> {
  const network = looker();
  if (!network) throw new KdError('NOT_FOUND', 'show: there are no networks to look at it; choose the folder of a run');
  const pixels = await decodeImageInBrowser(new Uint8Array(await file.arrayBuffer()), { name: `'${name}'` });
  if (network.imageShape[2] === 3) {
    image = pixels;
    showPhotograph(name, file);
  } else {
    const digit = readInk(pixels, network.imageShape[0]);
    if (!digit) throw new KdError('INVALID_DATA', `show: '${name}' is all of one colour`);
    image = digit;
    await pad.show(digit);
  }
  await ask(true);
}

/** Shows the way to give an image that the networks take. */
function chooseInput({ imageShape, classNames }: Network): void {
  const drawing = imageShape[2] === 1;
  if (element('drawing').hidden === drawing) {
    image = undefined; // of the other kind
    showPhotograph('', undefined);
  }
  for (const id of ['drawing', 'clear', 'pad-help']) element(id).hidden = !drawing;
  element('photograph').hidden = drawing;
  element('pick').hidden = false;
  element('nothing').hidden = true;
  const digits = classNames.every((name) => /^\d$/.test(name));
  element('input-title').textContent = drawing ? (digits ? 'Draw a digit' : 'Draw') : 'Photograph';
}

/** All networks anew, on the current backend. */
async function load(): Promise<void> {
  status.textContent = LOADING;
  for (const role of ROLES) networks[role]?.dispose();
  const { problem, ...loaded } = await loadPair(folders);
  networks = loaded.networks;
  latencies = {};
  const facts = (): void => showFacts(networks, latencies, BACKENDS[backend].label);
  facts();
  const network = looker();
  if (network) chooseInput(network);
  await ask(true);
  for (const role of ROLES) {
    const asked = networks[role];
    if (!asked) continue;
    const zeros = new Float32Array(asked.imageShape.reduce((a, b) => a * b, 1));
    latencies[role] = await measureLatency(() => asked.logits(zeros));
    facts();
  }
  if (problem) throw problem;
}

async function openRun(folder: Folder): Promise<void> {
  const { student, teacher, samples } = findNetworks(folder.keys());
  if (student === undefined) {
    throw new KdError(
      'NOT_FOUND',
      "openRun: there is no student in this folder; choose a run's, which has student/ in it, or the student's own",
    );
  }
  folders = { student: subfolder(folder, student) };
  if (teacher !== undefined) folders.teacher = subfolder(folder, teacher);
  const shown = new Map<string, Blob>();
  for (const path of samples.slice(0, MOST_SAMPLES)) {
    shown.set(path.slice('samples/'.length), await readFile(folder, path));
  }
  showSamples(shown, (name, picture) => act(() => show(name, picture)));
  await load();
}

async function openTeacher(folder: Folder): Promise<void> {
  const teacher = findTeacher(folder.keys());
  if (teacher === undefined) {
    throw new KdError('NOT_FOUND', 'openTeacher: there is no network in this folder; it needs config.json and weights');
  }
  folders.teacher = subfolder(folder, teacher);
  await load();
}

async function changeBackend(): Promise<void> {
  const before = backend;
  backend = backends.value as BackendName;
  try {
    await startBackend(backend);
  } catch (problem) {
    backend = before;
    backends.value = before;
    await startBackend(before);
    throw problem;
  }
  await load();
}

element('clear').addEventListener('click', pad.clear);
temperature.addEventListener('input', () => act(async () => showAnswers(false)));
temperature.addEventListener('change', () => act(async () => showAnswers(true)));
backends.addEventListener('change', () => act(changeBackend));
onChoice('run-folder', (files) => act(() => openRun(folderOf(files))));
onChoice('teacher-folder', (files) => act(() => openTeacher(folderOf(files))));
onChoice('image-file', ([file]) => act(() => show(file!.name, file!)));
onDrop((dropped) =>
  act(async () => {
    const { folder, files, onTeacher } = await dropped;
    if (folder) await (onTeacher ? openTeacher : openRun)(folder);
    else if (files[0]) await show(files[0].name, files[0]);
  }),
);

for (const [name, { label, isThere }] of Object.entries(BACKENDS)) {
  if (isThere()) backends.append(new Option(label, name));
}
act(async () => {
  await startBackend(backend);
  const { run, folder } = await ownModels();
  if (folder.size === 0) return;
  element('lead').append(` Run: ${run}.`);
  await openRun(folder);
});
