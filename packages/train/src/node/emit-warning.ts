/** Node's own way to warn: a line on stderr, unless the program listens for `warning` or was started with --no-warnings. */
export const emitWarning = (message: string): void => process.emitWarning(message, 'KdWarning');
