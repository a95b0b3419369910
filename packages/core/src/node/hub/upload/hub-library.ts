import { optionalPackage } from '../../optional-package.ts';

/** The little of `@huggingface/hub` that is used here; its own types would become part of ours. */
interface HubLibrary {
  whoAmI(params: Access): Promise<{ name: string; type: string; auth: { accessToken?: { role: string } } }>;
  createRepo(params: Access & { repo: Designation; private?: boolean }): Promise<unknown>;
  commit(
    params: Access & {
      repo: Designation;
      branch: string;
      title: string;
      operations: { operation: 'addOrUpdate'; path: string; content: URL }[];
      abortSignal?: AbortSignal;
    },
  ): Promise<{ commit: { oid: string; url: string } } | undefined>;
}

interface Access {
  accessToken: string;
  hubUrl: string;
  fetch: typeof fetch;
}

interface Designation {
  type: 'model' | 'dataset';
  name: string;
}

/** @throws {KdError} NOT_FOUND if it is not installed, with the command that installs it */
export const hubLibrary = (caller: string): Promise<HubLibrary> =>
  optionalPackage('@huggingface/hub', () => import('@huggingface/hub'), { caller, use: 'uploading' });
