import { describe, expect, it } from 'vitest';
import { findNetworks, findTeacher, networkFiles } from './find-networks.ts';

const within = (folder: string, names: readonly string[]): string[] => names.map((name) => `${folder}/${name}`);
const tensorflow = ['model.json', 'weights.bin'];
const huggingFace = ['config.json', 'model.safetensors', 'preprocessor_config.json'];

describe('findNetworks', () => {
  it.each([
    [
      'the MNIST example',
      [
        'config.json',
        'samples/b.png',
        'samples/a.png',
        ...['teacher', 'scratch', 'student'].flatMap((each) => within(each, tensorflow)),
      ],
      { student: 'student', teacher: 'teacher', samples: ['samples/a.png', 'samples/b.png'] },
    ],
    [
      'the MNIST example with seeds',
      ['seed-43', 'seed-42', 'seed-101'].flatMap((seed) =>
        ['teacher', 'student'].flatMap((each) => within(`${seed}/${each}`, tensorflow)),
      ),
      { student: 'seed-42/student', teacher: 'seed-42/teacher', samples: [] },
    ],
    [
      'distill(), which keeps answers in teacher/',
      [
        'config.json',
        'metrics.jsonl',
        'teacher/answers.arrow',
        'teacher/config.json',
        ...within('student', huggingFace),
      ],
      { student: 'student', samples: [] },
    ],
    ['fineTune()', ['config.json', ...within('model', huggingFace)], { student: 'model', samples: [] }],
    ['one network', huggingFace, { student: '', samples: [] }],
    ['something else', ['holiday/1.jpg', 'config.json', 'teacher/model.json'], { samples: [] }],
  ])('finds what there is in a folder of %s', (_, paths, found) => {
    expect(findNetworks(paths)).toEqual(found);
  });
});

describe('findTeacher', () => {
  it('finds a network by itself, in the run that distilled it, and in the one that fine-tuned it', () => {
    expect(findTeacher(huggingFace)).toBe('');
    expect(findTeacher(['config.json', ...within('teacher', tensorflow)])).toBe('teacher');
    expect(findTeacher(['config.json', ...within('model', huggingFace)])).toBe('model');
    expect(findTeacher(['config.json', ...within('student', huggingFace)])).toBeUndefined();
  });
});

describe('networkFiles', () => {
  it('leaves out what loading does not ask for', () => {
    const others = ['README.md', 'onnx/model.onnx', 'pytorch_model.bin'];
    expect(networkFiles([...huggingFace, ...others], '')).toEqual([...huggingFace].sort());
    expect(networkFiles(within('student', tensorflow), 'student')).toEqual(tensorflow);
    expect(networkFiles(['a/config.json', 'a/pytorch_model.bin', 'b/config.json'], 'a')).toEqual([
      'config.json',
      'pytorch_model.bin',
    ]);
  });
});
