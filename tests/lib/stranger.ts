/** npm tells the scripts that it starts about itself; an npm that is started here would believe it. */
export const strangersEnv: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_(?!config)|npm_config_local_prefix|INIT_CWD)/i.test(name)),
);

/** What npm and pnpm say where there is no network. */
export const UNREACHABLE: RegExp =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|ERR_PNPM_META_FETCH_FAIL/;
