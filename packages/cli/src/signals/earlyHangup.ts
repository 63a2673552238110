let wasAsked = false;
const onHangup = (): void => {
  wasAsked = true;
};

/**
 * Keeps SIGHUP from ending a server that is still loading its modules. Called first thing, before any other module is
 * loaded, and only for `quietroom serve`.
 */
export function holdHangup(): void {
  process.on('SIGHUP', onHangup);
}

/** Hands SIGHUP over to the caller. Returns true when one has come in the meantime. */
export function releaseHangup(): boolean {
  process.off('SIGHUP', onHangup);
  return wasAsked;
}
