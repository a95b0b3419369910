/** A file of the Python package index, by the hash that it must have. */
interface Wheel {
  name: string;
  version: string;
  sha256: string;
}

/** A package of npm, by the hash that its tarball must have. */
export interface NpmPackage {
  name: string;
  version: string;
  sha512: string;
}

export type TensorflowKind = 'cpu' | 'gpu';

/** JavaScript kernels and the addon's sources. Its own install script, which downloads from a bucket, is not run. */
export const TFJS_NODE: NpmPackage = {
  name: '@tensorflow/tfjs-node',
  version: '4.22.0',
  sha512: 'uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==',
};

/** The addon is built against Node-API, whose binaries run on every later version of Node. */
export const NODE_HEADERS: NpmPackage = {
  name: 'node-api-headers',
  version: '1.9.0',
  sha512: '2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==',
};

/** tfjs-node's code for summaries asks for it as soon as it is loaded. */
export const PROTOBUF: NpmPackage = {
  name: 'google-protobuf',
  version: '3.21.4',
  sha512: 'MnG7N936zcKTco4Jd2PX2U96Kf9PxygAPKBug+74LHzmHXmceN16MmRcdgZv+DGef/S9YvQAfRsNCn4cjf9yyQ==',
};

/** The Python version in the wheels' names. They are unpacked, never imported: any Python with pip will do. */
export const PYTHON_TAG = '311';

export const TENSORFLOW_VERSION = '2.15.1';

const CUDA: readonly Wheel[] = [
  ['cublas', '12.2.5.6', 'f448d8db463f9a2c7dd9a1e607c0961d3e95f825b86839c5882f7d073d406df0'],
  ['cuda-cupti', '12.2.142', 'ce68d1009dd14215e38ed49643d31374c71d6fea381181cb0b9da7f19dfd1624'],
  ['cuda-nvcc', '12.2.140', 'c6ff4ae7a636eb6cab7621191e19ac3779690686bbcf52c04d8b1ca2944e1e27'],
  ['cuda-nvrtc', '12.2.140', 'b1cdcae6443cb7cdcfb5d1bf51896a148c9f82f9e65b27db9ab095eaed689aa7'],
  ['cuda-runtime', '12.2.140', 'acb9cb7e44594a3512533497ea790d9f0b0e399abcc888584c157d1ffa080e41'],
  ['cudnn', '8.9.4.25', '9f882d5b11753c566fd32427839089eb4f8ba7a58c28446ad359e32c40229723'],
  ['cufft', '11.0.8.103', '72e961e578f9be9e316ccb4db8652c421dd0b57442624faa71061d452f449a67'],
  ['curand', '10.3.3.141', '7b6bad6817b5df2a6f5ec221206fb895d9195fdd7d2443f3e86554108c141a0a'],
  ['cusolver', '11.5.2.141', '5a85c4653ce34339a5688137f494a0f903e0f0532418550998167f00844161da'],
  ['cusparse', '12.1.2.141', '4e13d6a51d2303dcb2a023ba09546811161f0334fc64e13689397bbd3b1eb126'],
  ['nccl', '2.16.5', '84695a4248138fb2ca12f5fd3defe986e790e71ccdaad51b2ca34ca4e83ef421'],
  ['nvjitlink', '12.2.140', '95635cafbf9f96c38bea5200ab145a2e6aefbb5405e0b04c1e4ba54df2d84ec9'],
].map(([library, version, sha256]) => ({ name: `nvidia-${library}-cu12`, version: version!, sha256: sha256! }));

export interface Recipe {
  wheels: readonly Wheel[];
  /** What must be free on the disk while it is made, in bytes. */
  space: number;
}

/** The wheels of `tensorflow-cpu`, and those that `tensorflow[and-cuda]` brings. */
export const RECIPES: Readonly<Record<TensorflowKind, Recipe>> = {
  cpu: {
    wheels: [
      {
        name: 'tensorflow-cpu',
        version: TENSORFLOW_VERSION,
        sha256: '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26',
      },
    ],
    space: 1e9,
  },
  gpu: {
    wheels: [
      {
        name: 'tensorflow',
        version: TENSORFLOW_VERSION,
        sha256: 'bb0edd69103c154245c5f209f0507355cc68ba7e4de350084bc31edc562478e4',
      },
      ...CUDA,
    ],
    space: 8e9,
  },
};
