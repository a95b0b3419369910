import { KdError } from '../../../errors.ts';
import { type HubOptions, type HubSettings, hubSettings } from '../settings.ts';
import { retryingFetch } from './retrying-fetch.ts';

/** What a request that writes needs. */
export interface UploadAccess {
  settings: HubSettings & { token: string };
  /** As `@huggingface/hub` takes it. */
  access: { accessToken: string; hubUrl: string; fetch: typeof fetch };
}

/**
 * @throws {KdError} UNAVAILABLE if the Hub must not be asked; ACCESS_DENIED if there is no token
 */
export async function uploadAccess(caller: string, options: HubOptions): Promise<UploadAccess> {
  const settings = await hubSettings(caller, options);
  const { token, hubUrl, offline } = settings;
  if (offline) {
    throw new KdError('UNAVAILABLE', `${caller}: the Hub must not be asked (HF_HUB_OFFLINE or \`offline\`)`);
  }
  if (!token) {
    const how = 'set HF_TOKEN to one with the permission to write (https://huggingface.co/settings/tokens), or log in';
    throw new KdError('ACCESS_DENIED', `${caller}: uploading takes a token: ${how} with \`hf auth login\``);
  }
  return { settings: { ...settings, token }, access: { accessToken: token, hubUrl, fetch: retryingFetch(settings) } };
}
